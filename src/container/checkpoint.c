// SPDX-License-Identifier: Apache-2.0
/* checkpoint: the processes of a container, written to files by criu. */
#include "cgroup/mounted.h"
#include "container/bundle.h"
#include "container/criu-mounts.h"
#include "container/criu.h"
#include "container/descriptors.h"
#include "container/destroy.h"
#include "container/restore.h"
#include "container/state.h"
#include "kernel/clone.h"
#include "kernel/proc.h"
#include "sections/namespaces-wanted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- checks --- */

static int fail_unsupported(struct error *why, const char *pointer, const char *what)
{
    (void)fail(why, 0, "%s", what);
    (void)fail_at(why, "%s", pointer);
    return fail_code(why, ERROR_UNSUPPORTED);
}

int restore_check(const struct container *c, struct error *why)
{
    static const enum oci_namespace_type whole[] = { OCI_NAMESPACE_TYPE_MOUNT,
                                                     OCI_NAMESPACE_TYPE_CGROUP,
                                                     OCI_NAMESPACE_TYPE_TIME };

    if (c->spec->process && c->spec->process->terminal)
        return fail_unsupported(why, "process.terminal",
                                "a container with a terminal cannot be checkpointed: "
                                "nobody could give it another one at restore");
    if (namespace_wanted(c->spec, OCI_NAMESPACE_TYPE_MOUNT) == NULL)
        return fail_unsupported(why, "linux.namespaces",
                                "a container without a mount namespace cannot be checkpointed");
    /* Which is not the images' owner, and criu opens them as that. */
    if (namespace_wanted(c->spec, OCI_NAMESPACE_TYPE_USER))
        return fail_unsupported(why, "linux.namespaces",
                                "a container in a user namespace cannot be checkpointed: criu "
                                "could not read the images as its root");
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        const struct oci_namespace *row = namespace_wanted(c->spec, whole[i]);

        if (row && namespace_is_joined(row))
            return fail_unsupported(why, "linux.namespaces",
                                    "a container in a mount, cgroup or time namespace of "
                                    "others cannot be checkpointed");
    }
    return criu_mounts_check(c, why);
}

static int check_state(const struct container *c, struct error *why)
{
    int status = state_status(c, why);

    if (status < 0)
        return -1;
    if (status == STATUS_RUNNING || status == STATUS_PAUSED)
        return 0;
    /* In the words that callers look for. */
    (void)fail(why, 0, "container not running: %s is %s", c->id, status_name(status));
    if (status == STATUS_CREATED)
        (void)fail_hint(why, "its program has not begun: start it first");
    return fail_code(why, ERROR_STATE);
}

/* 0: nobody, or not known any more. */
static pid_t parent_of(const struct container *c, pid_t pid)
{
    char path[32], text[4096];
    const char *line;

    (void)snprintf(path, sizeof path, "%d/status", (int)pid);
    if (proc_read(c->proc_fd, path, text, sizeof text) < 0 || !(line = strstr(text, "\nPPid:")))
        return 0;
    return (pid_t)strtol(line + strlen("\nPPid:"), NULL, 10);
}

/* criu writes INIT and its descendants, and would let the others be killed without a word. */
static int check_tree(const struct container *c, struct error *why)
{
    autofree pid_t *pids = NULL;
    ssize_t n = c->cgroup.manager == CGROUP_DISABLED ? 0 : cgroup_processes(&c->cgroup, &pids, why);

    for (ssize_t i = 0; i < n; i++) {
        pid_t at = pids[i];

        while (at > 1 && at != c->init)
            at = parent_of(c, at);
        if (at == c->init || parent_of(c, pids[i]) == 0)
            continue;
        (void)fail(why, 0, "process %d of container %s does not descend from its first process",
                   (int)pids[i], c->id);
        (void)fail_hint(why, "exec brought it in: it would be lost; let it end first");
        return fail_code(why, ERROR_STATE);
    }
    return n < 0 ? -1 : 0;
}

/* --- what criu is told --- */

/* Namespaces of others are named, not written. */
static int add_namespaces(const struct container *c, struct criu_words *words, struct error *why)
{
    static const struct {
        enum oci_namespace_type type;
        const char *file, *key;
    } external[] = { { OCI_NAMESPACE_TYPE_NETWORK, "net", RESTORE_NETWORK_KEY },
                     { OCI_NAMESPACE_TYPE_PID, "pid", RESTORE_PID_KEY } };

    for (size_t i = 0; i < sizeof external / sizeof *external; i++) {
        const struct oci_namespace *row = namespace_wanted(c->spec, external[i].type);
        char path[64];
        struct stat st;

        if (row == NULL || !namespace_is_joined(row))
            continue;
        (void)snprintf(path, sizeof path, "%d/ns/%s", (int)c->init, external[i].file);
        if (fstatat(c->proc_fd, path, &st, 0) < 0)
            return fail(why, errno, "stat the %s namespace", external[i].file);
        criu_words_print(words, "--external", "%s[%llu]:%s", external[i].file,
                         (unsigned long long)st.st_ino, external[i].key);
    }
    return 0;
}

static int add_descriptors(const struct container *c, struct criu *criu, struct error *why)
{
    struct descriptors all;

    if (descriptors_look(&all, c->proc_fd, c->init, why) < 0)
        return -1;
    for (unsigned i = 0; i < DESCRIPTORS; i++)
        if (descriptors_is_file(&all, i) && descriptors_is_passed(&all, i))
            criu_words_add(&criu->words, "--external", all.at[i]);
    return descriptors_write(&all, criu->images_fd, why);
}

static int add_words(const struct container *c, struct criu *criu, struct error *why)
{
    char freezer[MOUNTED_PATH_MAX];

    if (criu_options_add_file(&criu->words, c->spec, why) < 0)
        return -1;
    criu_words_print(&criu->words, "--tree", "%d", (int)c->init);
    criu_words_add(&criu->words, "--root", c->root_path);
    if (mounted_freezer_path(freezer, &c->cgroup))
        criu_words_print(&criu->words, "--freeze-cgroup", "%s", freezer);
    if (add_namespaces(c, &criu->words, why) < 0 || criu_mounts_add(c, &criu->words, why) < 0 ||
        add_descriptors(c, criu, why) < 0)
        return -1;
    return criu->words.is_short ? fail(why, ENOMEM, "name all that criu has to know") : 0;
}

/* --- the dump --- */

/* Not tied to our life: half of a dump would leave its processes stopped in the midst of criu's
   code. */
static int dump(const struct criu *criu, struct error *why)
{
    pid_t pid = clone_process(&(struct clone_request){ .cgroup_fd = -1 });

    if (pid < 0)
        return fail(why, errno, "make a process for criu");
    if (pid > 0)
        return criu_await(criu, pid, why);
    /* What a terminal sends to end us is not meant for it. */
    if (setsid() < 0)
        (void)fail(why, errno, "begin a session for criu");
    else
        (void)criu_become(criu, why);
    dprintf(criu->output, "%s\n", why->text);
    _exit(127);
}

/* As it was before: criu, when it fails or dies, may leave it frozen. */
static int put_back(const struct container *c, int was_frozen, struct error *why)
{
    if (cgroup_is_frozen(&c->cgroup) == was_frozen)
        return 0;
    return cgroup_freeze(&c->cgroup, was_frozen, why);
}

static int checkpoint(struct container *c, struct criu *criu, bool goes_on, struct error *why)
{
    int was_frozen = cgroup_is_frozen(&c->cgroup);
    struct error again;

    if (was_frozen < 0)
        return fail(why, errno, "ask whether container %s is paused", c->id);
    if (add_words(c, criu, why) < 0 || dump(criu, why) < 0) {
        criu_discard(criu);
        if (put_back(c, was_frozen, &again) < 0)
            log_warning(c->log, "%s", again.text);
        return -1;
    }
    return goes_on ? put_back(c, was_frozen, why) : destroy_saved(c, why);
}

int lifecycle_checkpoint(const struct runtime *runtime, const char *id,
                         const struct criu_options *options, struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);
    struct criu_options adapted = *options;
    struct criu criu;
    int result;

    if (state_open(&c, runtime, id, why) < 0 || check_state(&c, why) < 0 ||
        state_lock(&c, why) < 0 || check_state(&c, why) < 0 || restore_check(&c, why) < 0)
        return -1;
    c.verb = VERB_CREATE;
    c.proc_fd = proc_open(why);
    if (c.proc_fd < 0)
        return -1;
    if (check_tree(&c, why) < 0)
        return -1;
    if (c.cgroup.manager == CGROUP_DISABLED)
        adapted.manage_cgroups_mode = "ignore";
    result =
        criu_open(&criu, &adapted, options->pre_dump ? CRIU_PRE_DUMP : CRIU_DUMP, c.arena, why);
    if (result < 0)
        criu_discard(&criu);
    else
        result = checkpoint(&c, &criu, options->leave_running || options->pre_dump, why);
    criu_close(&criu);
    return result;
}
