// SPDX-License-Identifier: Apache-2.0
/* restore: a container whose processes come from a checkpoint. Its steps stand in plan.def: criu is
 * born waiting, is moved to the container's cgroup as INIT would be, and then makes the processes.
 */
#include "container/restore.h"
#include "base/io.h"
#include "base/text.h"
#include "container/attend.h"
#include "container/bundle.h"
#include "container/criu-mounts.h"
#include "container/criu.h"
#include "container/descriptors.h"
#include "container/destroy.h"
#include "container/plan.h"
#include "container/readiness.h"
#include "kernel/clone.h"
#include "kernel/pidfd.h"
#include "sections/namespaces.h"
#include "sections/namespaces-wanted.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum { FIRST_PASSED = 64, PID_MAX = 32 };

struct restore {
    struct criu criu;
    int go;       /* criu waits for a byte here */
    int failures; /* where it says why it could not become criu; end of file: it could */
    bool holds;   /* its processes stay stopped until restore_resume */
};

bool restore_holds(const struct container *c)
{
    return hooks_have_prestart(c) || hooks_have_create_runtime(c);
}

/* --- what criu is told --- */

static void add_descriptors(struct criu *criu, const struct descriptors *all)
{
    for (unsigned i = 0; i < DESCRIPTORS; i++) {
        int copy;

        if (!descriptors_is_passed(all, i))
            continue;
        copy = fcntl((int)i, F_DUPFD_CLOEXEC, FIRST_PASSED);
        if (copy < 0)
            continue;
        criu_pass(criu, copy);
        criu_words_print(&criu->words, "--inherit-fd", "fd[%d]:%s", copy, all->at[i]);
    }
}

/* Those of others: opened by namespaces_open, or entered by criu itself. */
static void add_namespaces(const struct container *c, struct criu *criu)
{
    static const struct {
        enum oci_namespace_type type;
        const char *key; /* as external; else criu joins it */
        const char *name;
    } rows[] = { { OCI_NAMESPACE_TYPE_NETWORK, RESTORE_NETWORK_KEY, NULL },
                 { OCI_NAMESPACE_TYPE_PID, RESTORE_PID_KEY, NULL },
                 { OCI_NAMESPACE_TYPE_IPC, NULL, "ipc" },
                 { OCI_NAMESPACE_TYPE_UTS, NULL, "uts" } };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct oci_namespace *row = namespace_wanted(c->spec, rows[i].type);
        int copy;

        if (row == NULL || !namespace_is_joined(row))
            continue;
        if (rows[i].key == NULL) {
            criu_words_print(&criu->words, "--join-ns", "%s:%s", rows[i].name, row->path);
            continue;
        }
        copy = fcntl(c->namespace_fds[rows[i].type], F_DUPFD_CLOEXEC, FIRST_PASSED);
        criu_pass(criu, copy);
        criu_words_print(&criu->words, "--inherit-fd", "fd[%d]:%s", copy, rows[i].key);
    }
}

static int add_words(struct container *c, struct restore *restore, struct error *why)
{
    struct criu *criu = &restore->criu;
    struct descriptors all;

    if (descriptors_read(&all, criu->images_fd, why) < 0 ||
        criu_options_add_file(&criu->words, c->spec, why) < 0)
        return -1;
    criu_words_add(&criu->words, "--root", c->root_path);
    criu_words_add(&criu->words, "--restore-detached", NULL);
    criu_words_print(&criu->words, "--pidfile", "%s/%s/criu.pid", c->root, c->id);
    criu_words_add(&criu->words, "--cgroup-root", c->cgroup.path);
    if (restore->holds)
        criu_words_add(&criu->words, "--leave-stopped", NULL);
    add_descriptors(criu, &all);
    add_namespaces(c, criu);
    if (criu_mounts_add_sources(c, &criu->words, why) < 0)
        return -1;
    return criu->words.is_short ? fail(why, ENOMEM, "name all that criu has to know") : 0;
}

/* --- restore_spawn --- */

static void wait_and_become(struct container *c, int go, int failures, pid_t runner)
{
    struct restore *restore = c->restore;
    struct error why;
    char byte;

    /* A restore that is half done is nobody's: it ends with us, and the cgroup names what is left.
     */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != runner || read(go, &byte, 1) != 1)
        _exit(127);
    if (setsid() < 0)
        (void)fail(&why, errno, "begin a session for criu");
    else if (criu_mounts_enter(c, &why) == 0 && criu_reopen_folders(&restore->criu, &why) == 0)
        (void)criu_become(&restore->criu, &why);
    (void)io_write_all(failures, &why, sizeof why);
    _exit(127);
}

static int spawn(struct container *c, struct error *why)
{
    struct restore *restore = c->restore;
    int go[2], failures[2];
    pid_t runner = getpid();

    if (pipe2(go, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe");
    restore->go = go[1];
    if (pipe2(failures, O_CLOEXEC) < 0) {
        (void)fail(why, errno, "make a pipe");
        close_fd(&go[0]);
        return -1;
    }
    restore->failures = failures[0];
    c->init =
        clone_process(&(struct clone_request){ .cgroup_fd = -1, .ret_pidfd = &c->init_pidfd });
    if (c->init == 0) {
        close_fd(&restore->go);
        wait_and_become(c, go[0], failures[1], runner);
    }
    if (c->init < 0)
        (void)fail(why, errno, "make a process for criu");
    close_fd(&go[0]);
    close_fd(&failures[1]);
    return c->init < 0 ? -1 : 0;
}

int restore_spawn(struct container *c, struct error *why)
{
    /* Whoever criu leaves behind is ours: its number cannot become another's before we let go. */
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        return fail(why, errno, "adopt orphans");
    if (mkdirat(c->state_fd, "masks", 0700) < 0)
        return fail(why, errno, "make a folder for masks in the state folder");
    if (criu_mounts_make_points(c, why) < 0 || add_words(c, c->restore, why) < 0)
        return -1;
    return spawn(c, why);
}

/* --- restore_rebuild --- */

static int read_pid(const struct container *c, pid_t *ret, struct error *why)
{
    size_t length;
    uint64_t number;
    autofree char *text = io_read_file(c->state_fd, "criu.pid", PID_MAX, &length, why);

    if (text == NULL)
        return -1;
    if (!text_to_number(text, INT32_MAX, &number) || number == 0)
        return fail(why, 0, "criu names no process in its pid file");
    *ret = (pid_t)number;
    return 0;
}

/* From here INIT is the first of the processes that were made. */
static int take_init(struct container *c, struct error *why)
{
    pid_t pid = -1;

    if (read_pid(c, &pid, why) < 0)
        return -1;
    close_fd(&c->init_pidfd);
    c->init = pid;
    c->init_pidfd = pidfd_open_now(pid);
    if (c->init_pidfd < 0)
        return fail(why, errno, "open a pidfd of the restored process %d", (int)pid);
    /* That it is as isolated as config.json asks is up to the images, which may be of another. */
    if (namespaces_verify(c, pid, why) < 0)
        return -1;
    (void)unlinkat(c->state_fd, "criu.pid", 0);
    (void)unlinkat(c->state_fd, "masks", AT_REMOVEDIR);
    return 0;
}

/* What criu had made when we were killed is found by nothing else: no record names it yet. Hooks
   that come first, too, need it, for the processes that are stopped meanwhile. */
static int check_cgroup(const struct container *c, struct error *why)
{
    if (c->cgroup.manager != CGROUP_DISABLED)
        return 0;
    (void)fail(why, 0, "restore needs a cgroup, by which its processes can be found");
    return fail_code(why, ERROR_UNSUPPORTED);
}

int restore_rebuild(struct container *c, struct error *why)
{
    struct restore *restore = c->restore;
    struct error failure;

    if (check_cgroup(c, why) < 0)
        return -1;
    if (io_write_all(restore->go, "g", 1) < 0)
        return fail(why, errno, "let criu begin");
    close_fd(&restore->go);
    if (read(restore->failures, &failure, sizeof failure) == (ssize_t)sizeof failure) {
        *why = failure;
        return -1;
    }
    close_fd(&restore->failures);
    if (criu_await(&restore->criu, c->init, why) < 0)
        return -1;
    if (take_init(c, why) == 0)
        return 0;

    struct error unused;

    (void)cgroup_kill(&c->cgroup, &unused);
    return -1;
}

/* --- restore_resume --- */

int restore_resume(struct container *c, struct error *why)
{
    autofree pid_t *pids = NULL;
    ssize_t n = cgroup_processes(&c->cgroup, &pids, why);

    if (n < 0)
        return -1;
    for (ssize_t i = 0; i < n; i++)
        if (kill(pids[i], SIGCONT) < 0 && errno != ESRCH)
            return fail(why, errno, "let process %d go on", (int)pids[i]);
    return 0;
}

void restore_explain(const struct container *c, struct explain *to)
{
    (void)c;
    explain(to, "criu restore");
}

/* --- the command --- */

static int walk(struct container *c, struct error *why)
{
    if (plan_walk(c, why) == 0)
        return 0;
    bundle_locate(c, why);
    destroy_half_made(c);
    return -1;
}

static int walk_attended(struct container *c, struct error *why)
{
    struct readiness readiness = { .socket = -1 };
    struct attendance attendance;
    int status;

    if (attend_begin(c, &attendance, why) < 0)
        return -1;
    status = walk(c, why);
    if (status == 0) {
        /* delete would wait for the lock as long as the program runs. */
        close_fd(&c->lock_fd);
        status = attend(c, &attendance, &readiness, why);
        attend_end(&attendance);
        destroy_on_way_out(c);
        return status;
    }
    attend_end(&attendance);
    return status;
}

int lifecycle_restore(const struct runtime *runtime, const char *id, const char *bundle,
                      const struct container_options *options, const struct criu_options *criu,
                      struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);
    struct restore restore = { .go = -1, .failures = -1 };
    int result;

    c.id = id;
    c.verb = VERB_RESTORE;
    if (bundle_load(&c, runtime, bundle, options, why) < 0 || restore_check(&c, why) < 0)
        return -1;
    restore.holds = restore_holds(&c);
    c.restore = &restore;
    result = criu_open(&restore.criu, criu, CRIU_RESTORE, c.arena, why);
    if (result == 0)
        result = options->detach ? walk(&c, why) : walk_attended(&c, why);
    criu_close(&restore.criu);
    return result;
}
