// SPDX-License-Identifier: Apache-2.0
/* The life of a container: create, start, run, kill, pause, resume, delete. */
#include "container/lifecycle.h"
#include "container/attend.h"
#include "container/bundle.h"
#include "container/explain.h"
#include "container/init.h"
#include "container/peer.h"
#include "container/plan.h"
#include "container/record.h"
#include "container/start-socket.h"
#include "container/state.h"
#include "kernel/pidfd.h"
#include "sections/hooks.h"
#include "sections/namespaces-wanted.h"

#include <linux/sched.h>
#include <string.h>

/* --- create --- */

static void warn_of(const struct container *c, const char *what, const struct error *why)
{
    char text[1024];

    error_format(why, text, sizeof text);
    log_warning(c->log, "%s: %s", what, text);
}

/* poststop hooks only warn (runtime.md, lifecycle step 13). */
static void run_poststop(const struct container *c)
{
    struct error why;

    if (hooks_run(c, HOOK_POSTSTOP, &why) < 0)
        warn_of(c, "poststop", &why);
}

static int create(struct container *c, struct error *why)
{
    struct error undoing;
    bool met_hooks;

    if (plan_walk(c, why) == 0)
        return 0;
    if (c->side == INIT)
        _exit(EXIT_FAILURE);
    bundle_locate(c, why);
    met_hooks = c->step >= STEP_hooks_run_prestart;
    if (plan_undo(c, &undoing) < 0)
        warn_of(c, "clean up", &undoing);
    if (met_hooks)
        run_poststop(c);
    return -1;
}

int lifecycle_create(const struct runtime *runtime, const char *id, const char *bundle,
                     const struct container_options *options, struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);
    struct container_options detached = *options;

    c.id = id;
    c.verb = VERB_CREATE;
    detached.detach = true;
    /* The process ends here: the kernel takes back what the arena and the fds hold. */
    return bundle_load(&c, runtime, bundle, &detached, why) < 0 ? -1 : create(&c, why);
}

/* --- start --- */

/* Stop and destroy what was created, from the saved state, then poststop; that waits for a delete
   that succeeds. The lock is held. */
static int destroy(struct container *c, struct error *why)
{
    if (plan_undo_all(c, why) < 0)
        return -1;
    run_poststop(c);
    return 0;
}

/* The same on a way out, unless another command was faster. */
static void clean_up(struct container *c)
{
    struct error why;

    if (c->state_fd < 0)
        return;
    if ((state_lock(c, &why) < 0 && why.code != ERROR_ABSENT) ||
        (c->lock_fd >= 0 && destroy(c, &why) < 0))
        warn_of(c, "clean up", &why);
}

static int start(struct container *c, struct error *why)
{
    int socket = start_socket_knock(c);

    if (socket < 0)
        return fail(why, errno, "reach the waiting INIT of container %s", c->id);

    int result = peer_send(socket, MESSAGE_GO, 0, NULL) < 0 ? fail(why, errno, "tell INIT to go")
                                                            : init_confirm(c, socket, why);

    close_fd(&socket);
    if (result < 0)
        bundle_locate(c, why);
    /* A hook without a timeout must not keep delete waiting. */
    close_fd(&c->lock_fd);
    if (result == 0)
        result = hooks_run(c, HOOK_POSTSTART, why);
    /* runtime.md, lifecycle: a startContainer or poststart hook that fails is the container's end.
     */
    if (result < 0 && why->code == ERROR_HOOK)
        clean_up(c);
    return result;
}

static int fail_status(const struct container *c, enum status status, const char *wanted,
                       struct error *why)
{
    (void)fail(why, 0, "container %s is %s, not %s", c->id, status_name(status), wanted);
    return fail_code(why, ERROR_STATE);
}

static int start_saved(struct container *c, struct error *why)
{
    if (state_lock(c, why) < 0)
        return -1;

    enum status status = state_status(c);

    if (status != STATUS_CREATED)
        return fail_status(c, status, "created", why);
    c->verb = VERB_CREATE;
    c->process = c->spec->process;
    return start(c, why);
}

int lifecycle_start(const struct runtime *runtime, const char *id, struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);

    return state_open(&c, runtime, id, why) < 0 ? -1 : start_saved(&c, why);
}

/* --- run --- */

static int run_attended(struct container *c, bool keep, struct error *why)
{
    struct attendance attendance;
    int status;

    if (attend_begin(c, &attendance, why) < 0)
        return -1;
    status = create(c, why) < 0 ? -1 : attend_terminal(c, &attendance, why);
    if (status == 0 && (status = start(c, why)) == 0)
        status = attend(c, &attendance, why);
    else
        clean_up(c);
    attend_end(&attendance);
    if (status >= 0 && !keep)
        clean_up(c);
    return status;
}

static int run_detached(struct container *c, struct error *why)
{
    if (create(c, why) < 0)
        return -1;
    if (start(c, why) == 0)
        return 0;
    clean_up(c);
    return -1;
}

int lifecycle_run(const struct runtime *runtime, const char *id, const char *bundle,
                  const struct container_options *options, bool keep, struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);

    c.id = id;
    c.verb = VERB_CREATE;
    if (bundle_load(&c, runtime, bundle, options, why) < 0)
        return -1;
    return options->detach ? run_detached(&c, why) : run_attended(&c, keep, why);
}

/* --- kill, pause, resume --- */

static int signal_all(const struct container *c, int signal, struct error *why)
{
    autofree pid_t *pids = NULL;
    ssize_t n = cgroup_processes(&c->cgroup, &pids, why);

    if (n < 0)
        return -1;
    for (ssize_t i = 0; i < n; i++)
        if (kill(pids[i], signal) < 0 && errno != ESRCH)
            return fail(why, errno, "send signal %d to process %d", signal, (int)pids[i]);
    return 0;
}

static int fail_not_running(const struct container *c, struct error *why)
{
    /* Callers look for these two words (go-runc, CRI-O). */
    (void)fail(why, 0, "container not running: %s", c->id);
    return fail_code(why, ERROR_STATE);
}

static int send_signal(const struct container *c, int signal, bool all, struct error *why)
{
    enum status status = state_status(c);

    if (all && signal != SIGKILL)
        return signal_all(c, signal, why);
    /* Where INIT's end does not end the others, SIGKILL means all of them. */
    if (signal == SIGKILL && (all || !namespace_is_new(c->spec, OCI_NAMESPACE_TYPE_PID)) &&
        c->cgroup.manager != CGROUP_DISABLED)
        return cgroup_kill(&c->cgroup, why);
    if (status == STATUS_STOPPED || status == STATUS_CREATING)
        return fail_not_running(c, why);
    if (pidfd_signal(c->init_pidfd, signal) < 0)
        return errno == ESRCH ? fail_not_running(c, why)
                              : fail(why, errno, "send signal %d to container %s", signal, c->id);
    /* On v1 a frozen process does not even die. */
    if (signal == SIGKILL && status == STATUS_PAUSED)
        return cgroup_freeze(&c->cgroup, false, why);
    return 0;
}

int lifecycle_kill(const struct runtime *runtime, const char *id, int signal, bool all,
                   struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);

    if (state_open(&c, runtime, id, why) < 0)
        return -1;
    return send_signal(&c, signal, all, why);
}

static int freeze(const struct runtime *runtime, const char *id, bool frozen, struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);

    if (state_open(&c, runtime, id, why) < 0 || state_lock(&c, why) < 0)
        return -1;

    enum status status = state_status(&c);
    bool fits =
        frozen ? status == STATUS_RUNNING || status == STATUS_CREATED : status == STATUS_PAUSED;

    if (!fits)
        return fail_status(&c, status, frozen ? "running" : "paused", why);
    return cgroup_freeze(&c.cgroup, frozen, why);
}

int lifecycle_pause(const struct runtime *runtime, const char *id, struct error *why)
{
    return freeze(runtime, id, true, why);
}

int lifecycle_resume(const struct runtime *runtime, const char *id, struct error *why)
{
    return freeze(runtime, id, false, why);
}

/* --- delete --- */

static int check_deletable(const struct container *c, bool force, struct error *why)
{
    enum status status = state_status(c);

    /* The spec allows delete of a stopped container only; every engine also deletes a created one
     * without --force. */
    if (status == STATUS_CREATING) {
        (void)fail_status(c, status, "stopped", why);
        return fail_hint(why, "its creator, process %d, is at work", (int)c->creator_pid);
    }
    if (!force && (status == STATUS_RUNNING || status == STATUS_PAUSED)) {
        (void)fail_status(c, status, "stopped", why);
        return fail_hint(why, "stop it first, or use delete --force");
    }
    return 0;
}

static int delete_saved(struct container *c, bool force, struct error *why)
{
    bool knows_init = c->init > 0;

    /* INIT's end comes before the lock: a start that waits for this INIT holds it. */
    if (check_deletable(c, force, why) < 0 || init_kill(c, why) < 0 || state_lock(c, why) < 0)
        return -1;
    /* A creator that was at work when the record was read may be done by now. */
    if (!knows_init && (record_read(c, why) < 0 || check_deletable(c, force, why) < 0))
        return -1;
    return destroy(c, why);
}

/* Its creator was killed before the record was whole, or somebody damaged it: what create would
 * have made is removed. */
static int delete_damaged(struct container *c, const struct runtime *runtime, struct error *why)
{
    if (state_lock(c, why) < 0)
        return -1;
    /* It may have been at work, and be done. */
    if (state_reopen(c, why) == 0)
        return destroy(c, why);
    if (state_salvage(c, runtime, why) < 0)
        return -1;
    return destroy(c, why);
}

int lifecycle_delete(const struct runtime *runtime, const char *id, bool force, struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);

    int result = state_open(&c, runtime, id, why);

    if (result == 0)
        result = delete_saved(&c, force, why);
    else if (force && c.state_fd >= 0)
        result = delete_damaged(&c, runtime, why);
    /* Never there, or deleted by another command while this one was at it. */
    return result < 0 && force && why->code == ERROR_ABSENT ? 0 : result;
}

/* --- plan --- */

int lifecycle_explain(const struct runtime *runtime, const char *id, const char *bundle,
                      const struct container_options *options, struct explain *to,
                      struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);

    c.id = id;
    c.verb = VERB_CREATE;
    if (bundle_load(&c, runtime, bundle, options, why) < 0)
        return -1;
    for (enum step_id row = 1; row < N_STEPS; row++) {
        if (!plan_takes(&c, row))
            continue;
        explain_step(to, plan[row].name, plan[row].side == INIT ? "INIT" : "RUNTIME",
                     plan[row].reason);
        plan[row].explains(&c, to);
    }
    return 0;
}
