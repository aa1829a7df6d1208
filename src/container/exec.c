// SPDX-License-Identifier: Apache-2.0
/* exec: one more process in a container that is there. */
#include "base/ids.h"
#include "base/io.h"
#include "container/attend.h"
#include "container/bundle.h"
#include "container/lifecycle.h"
#include "container/plan.h"
#include "container/state.h"
#include "json-decode.h"
#include "kernel/proc.h"
#include "sections/fds.h"
#include "sections/namespaces.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* --- the process --- */

static int fail_usage(struct error *why)
{
    return fail_code(why, ERROR_USAGE);
}

/* Both lists, one after the other. */
static int join_lists(struct json_string_list *ret, const struct json_string_list *a, size_t n,
                      const char *const *at, struct arena *arena)
{
    const char **both = arena_alloc(arena, (a->n + n + 1) * sizeof *both);

    if (both == NULL)
        return -1;
    if (a->n)
        memcpy(both, a->at, a->n * sizeof *both);
    if (n)
        memcpy(both + a->n, at, n * sizeof *both);
    *ret = (struct json_string_list){ .n = a->n + n, .at = both };
    return 0;
}

static int take_user(struct oci_user *user, const struct exec_request *request, struct arena *arena,
                     struct error *why)
{
    struct ids ids;

    if (request->user) {
        if (!ids_parse(request->user, &ids)) {
            (void)fail(why, 0, "--user %s: write UID or UID:GID as numbers", request->user);
            return fail_usage(why);
        }
        user->uid = ids.uid;
        if (ids.has_gid)
            user->gid = ids.gid;
    }
    if (request->additional_gids.n) {
        size_t n = user->additional_gids.n, more = request->additional_gids.n;
        uint32_t *gids = arena_alloc(arena, (n + more) * sizeof *gids);

        if (gids == NULL)
            return fail(why, ENOMEM, "take the additional gids");
        if (n)
            memcpy(gids, user->additional_gids.at, n * sizeof *gids);
        memcpy(gids + n, request->additional_gids.at, more * sizeof *gids);
        user->additional_gids.n = n + more;
        user->additional_gids.at = gids;
    }
    return 0;
}

/* --cap adds to the sets that matter to the program itself, never to the inheritable one
 * (CVE-2022-29162). */
static int take_capabilities(struct oci_capabilities *caps, const struct exec_request *request,
                             struct arena *arena)
{
    struct json_string_list *const sets[] = { &caps->bounding, &caps->effective, &caps->permitted };

    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (join_lists(sets[i], sets[i], request->caps.n, request->caps.at, arena) < 0)
            return -1;
    return 0;
}

/* The container's own process, changed as the options say. */
static const struct oci_process *
build_process(const struct container *c, const struct exec_request *request, struct error *why)
{
    static const struct oci_process nothing = { .cwd = "/" };
    const struct oci_process *base = c->spec->process ? c->spec->process : &nothing;
    struct oci_process *process = arena_alloc(c->arena, sizeof *process);
    struct oci_user *user = arena_alloc(c->arena, sizeof *user);
    struct oci_capabilities *caps = arena_alloc(c->arena, sizeof *caps);

    if (process == NULL || user == NULL || caps == NULL)
        return fail(why, ENOMEM, "build the process"), NULL;
    *process = *base;
    if (base->user)
        *user = *base->user;
    if (base->capabilities)
        *caps = *base->capabilities;
    process->user = user;
    process->capabilities = base->capabilities || request->caps.n ? caps : NULL;
    process->args = (struct json_string_list){ .n = request->args.n, .at = request->args.at };
    process->terminal = request->tty;
    process->console_size = request->tty ? base->console_size : NULL;
    if (request->cwd)
        process->cwd = request->cwd;
    if (request->apparmor)
        process->apparmor_profile = request->apparmor;
    if (request->process_label)
        process->selinux_label = request->process_label;
    if (request->no_new_privs)
        process->no_new_privileges = true;
    if (take_user(user, request, c->arena, why) < 0)
        return NULL;
    if (take_capabilities(caps, request, c->arena) < 0 ||
        join_lists(&process->env, &process->env, request->env.n, request->env.at, c->arena) < 0)
        return fail(why, ENOMEM, "build the process"), NULL;
    return process;
}

/* A pipe as well: /dev/stdin, or what a shell makes of <(…). Waiting is for what somebody writes,
   not for a writer; a device is not even opened. */
static int open_process(const char *file, struct error *why)
{
    autoclose int seen = open(file, O_PATH | O_CLOEXEC);
    autoclose int fd = -1;
    char path[32];
    struct stat st;

    if (seen < 0 || fstat(seen, &st) < 0)
        return fail(why, errno, "open %s", file);
    if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
        return fail(why, 0, "%s is neither a regular file nor a pipe", file);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", seen);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fcntl(fd, F_SETFL, 0) < 0)
        return fail(why, errno, "open %s", file);
    return take_fd(fd);
}

static const struct oci_process *read_process(const struct container *c, const char *file,
                                              struct error *why)
{
    size_t length;
    struct json_error json;
    struct oci_process *process;
    autoclose int fd = open_process(file, why);
    autofree char *text = fd < 0 ? NULL : io_read_fd(fd, file, JSON_MAX_SIZE, &length, why);

    if (text == NULL)
        return NULL;
    process = json_decode(&oci_process_object, text, length, c->arena, &json);
    if (process == NULL) {
        (void)fail(why, 0, "%s:%u:%u: %s%s%s", file, json.line, json.column, json.path,
                   json.path[0] ? ": " : "", json.text);
        (void)fail_code(why, ERROR_JSON);
        return NULL;
    }
    /* As with runc and crun: the container's, where the file has none. */
    if (process->capabilities == NULL && c->spec->process)
        process->capabilities = c->spec->process->capabilities;
    return process;
}

/* --- the walk --- */

/* The rest was warned of at create. */
static int check_process(const struct container *c, struct error *why)
{
    struct oci_config spec = *c->spec;

    spec.process = c->process;
    return bundle_check(c, &spec, "process", why);
}

static int fail_state(const struct container *c, enum status status, struct error *why)
{
    (void)fail(why, 0, "cannot exec in container %s: it is %s", c->id, status_name(status));
    if (status == STATUS_PAUSED)
        (void)fail_hint(why, "resume it first, or use --ignore-paused");
    return fail_code(why, ERROR_STATE);
}

static int prepare(struct container *c, const struct runtime *runtime, const char *id,
                   const struct exec_request *request, struct error *why)
{
    if (state_open(c, runtime, id, why) < 0)
        return -1;

    int status = state_status(c, why);

    if (status < 0)
        return -1;
    if (status == STATUS_STOPPED || status == STATUS_CREATING ||
        (status == STATUS_PAUSED && !request->ignore_paused))
        return fail_state(c, status, why);
    c->process = request->process_file ? read_process(c, request->process_file, why)
                                       : build_process(c, request, why);
    if (c->process == NULL || check_process(c, why) < 0)
        return -1;
    c->verb = VERB_EXEC;
    c->options = request->options;
    if (c->process->terminal && c->options.detach && !c->options.console_socket) {
        (void)fail(why, 0, "a terminal is asked for and nobody is there to hold it");
        (void)fail_hint(why, "give --console-socket, or leave out --detach");
        return fail_usage(why);
    }
    if (fds_check_preserved(c, why) < 0)
        return -1;
    namespaces_choose(c);
    c->target_pidfd = take_fd(c->init_pidfd);
    c->proc_fd = proc_open(why);
    return c->proc_fd < 0 ? -1 : 0;
}

static int walk(struct container *c, struct error *why)
{
    struct error undoing;

    if (plan_walk(c, why) == 0)
        return 0;
    if (c->side == INIT)
        _exit(EXIT_FAILURE);
    (void)plan_undo(c, &undoing);
    return -1;
}

static int walk_attended(struct container *c, struct error *why)
{
    struct readiness none = { .socket = -1 };
    struct attendance attendance;
    int status;

    if (attend_begin(c, &attendance, why) < 0)
        return -1;
    status = walk(c, why) < 0 ? -1 : attend_terminal(c, &attendance, why);
    if (status == 0)
        status = attend(c, &attendance, &none, why);
    attend_end(&attendance);
    return status;
}

int lifecycle_exec(const struct runtime *runtime, const char *id,
                   const struct exec_request *request, struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);

    if (prepare(&c, runtime, id, request, why) < 0)
        return -1;
    return c.options.detach ? walk(&c, why) : walk_attended(&c, why);
}
