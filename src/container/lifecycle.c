// SPDX-License-Identifier: Apache-2.0
/* The life of a container: create, start, run, kill, pause, resume, delete. */
#include "container/lifecycle.h"
#include "cgroup/members.h"
#include "cgroup/stats/oom.h"
#include "container/attend.h"
#include "container/bundle.h"
#include "container/destroy.h"
#include "container/explain.h"
#include "container/hold.h"
#include "container/init.h"
#include "container/last-words.h"
#include "container/peer.h"
#include "container/plan.h"
#include "container/readiness.h"
#include "container/record.h"
#include "container/start-socket.h"
#include "container/state.h"
#include "kernel/end-signals.h"
#include "kernel/pidfd.h"
#include "sections/hooks.h"
#include "sections/namespaces-wanted.h"

#include <linux/sched.h>
#include <string.h>

enum { KNOCK_PATIENCE_S = 10, END_DEADLINE_MS = 2000 };

/* --- create --- */

/* Before the cgroup that knows is removed. */
static void explain_death(const struct container *c, struct error *why)
{
    uint64_t kills;

    if (why->code == ERROR_DIED && oom_kills(&c->cgroup, &kills) && kills > 0)
        (void)fail_hint(why, "it ran out of memory: linux.resources.memory.limit is too low");
}

static int create(struct container *c, struct error *why)
{
    c->end_signals = end_signals_open(&c->mask, why);
    if (c->end_signals < 0)
        return -1;
    if (plan_walk(c, why) == 0)
        return 0;
    if (c->side == INIT)
        _exit(EXIT_FAILURE);
    explain_death(c, why);
    bundle_locate(c, why);
    destroy_half_made(c);
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

static int start(struct container *c, struct error *why)
{
    /* Others, who only ask for the status, may have knocked before us. */
    autoclose int socket = start_socket_knock(c, KNOCK_PATIENCE_S);
    autoclose int words = -1;
    int result;

    if (socket < 0)
        return fail(why, errno, "reach the waiting INIT of container %s", c->id);
    result = last_words_lend(c, &words, why);
    if (result == 0)
        result = peer_send_go(socket, words) < 0 ? fail(why, errno, "tell INIT to go")
                                                 : init_confirm(c, socket, why);
    close_fd(&socket);
    if (result < 0) {
        bundle_locate(c, why);
        /* It says so before it ends: whoever hears of it has to find the container stopped. */
        (void)pidfd_wait_end(c->init_pidfd, END_DEADLINE_MS);
    }
    /* A hook without a timeout must not keep delete waiting. */
    close_fd(&c->lock_fd);
    if (result == 0)
        result = hooks_run(c, HOOK_POSTSTART, why);
    /* runtime.md, lifecycle: a startContainer or poststart hook that fails is the container's end.
     */
    if (result < 0 && why->code == ERROR_HOOK)
        destroy_on_way_out(c);
    return result;
}

/* Without one who waits for the program's end. */
static int start_detached(struct container *c, struct error *why)
{
    struct readiness readiness;

    if (readiness_listen(c, &readiness, why) < 0 || start(c, why) < 0)
        return -1;
    readiness_wait(c, &readiness);
    return 0;
}

static int fail_status(const struct container *c, int status, const char *wanted, struct error *why)
{
    if (status < 0)
        return -1;
    (void)fail(why, 0, "container %s is %s, not %s", c->id, status_name(status), wanted);
    return fail_code(why, ERROR_STATE);
}

/* Its creator holds the lock until it is done, which a hook may put off for ever. */
static int lock_made(struct container *c, const char *wanted, struct error *why)
{
    int status = state_status(c, why);

    if (status < 0 || status == STATUS_CREATING)
        return fail_status(c, status, wanted, why);
    return state_lock(c, why);
}

static int start_saved(struct container *c, struct error *why)
{
    if (lock_made(c, "created", why) < 0)
        return -1;

    int status = state_status(c, why);

    if (status != STATUS_CREATED)
        return fail_status(c, status, "created", why);
    c->verb = VERB_CREATE;
    c->process = c->spec->process;
    return start_detached(c, why);
}

int lifecycle_start(const struct runtime *runtime, const char *id, const char *notify_socket,
                    struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);

    c.options.notify_socket = notify_socket;
    return state_open(&c, runtime, id, why) < 0 ? -1 : start_saved(&c, why);
}

/* --- run --- */

static int run_attended(struct container *c, bool keep, struct error *why)
{
    struct readiness readiness = { .socket = -1 };
    struct attendance attendance;
    int status;

    if (attend_begin(c, &attendance, why) < 0)
        return -1;
    status = create(c, why) < 0 ? -1 : attend_terminal(c, &attendance, why);
    if (status == 0)
        status = readiness_listen(c, &readiness, why);
    if (status == 0 && (status = start(c, why)) == 0)
        status = attend(c, &attendance, &readiness, why);
    else
        destroy_on_way_out(c);
    attend_end(&attendance);
    /* It has told its reader of a container that ran: it is not one of a create that failed. */
    if (status >= 0)
        c->options.pid_file = NULL;
    if (status >= 0 && !keep)
        destroy_on_way_out(c);
    return status;
}

static int run_detached(struct container *c, struct error *why)
{
    if (create(c, why) < 0)
        return -1;
    if (start_detached(c, why) == 0)
        return 0;
    destroy_on_way_out(c);
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

/* With --regex more containers follow. */
static void forget(struct container *c)
{
    container_close(c);
    arena_free(c->arena);
}

/* --- kill, pause, resume --- */

static int fail_not_running(const struct container *c, struct error *why)
{
    /* Callers look for these two words (go-runc, CRI-O). */
    (void)fail(why, 0, "container not running: %s", c->id);
    return fail_code(why, ERROR_STATE);
}

/* Where INIT's end does not end the others, they may have outlived it. */
static bool has_processes(const struct container *c)
{
    autofree pid_t *pids = NULL;
    struct error unused;

    return cgroup_processes(&c->cgroup, &pids, &unused) > 0;
}

/* pause, resume and update hold the lock while they freeze or thaw, and two that do so at the same
   time would undo each other. A start may hold it as long as its hooks run: whom the others fork
   meanwhile may be missed. */
static int signal_held(struct container *c, int signal, struct error *why)
{
    struct error unused;
    bool is_locked = state_lock_within(c, 500, &unused) == 0;
    bool is_noted = is_locked && cgroup_is_frozen(&c->cgroup) == 0 && hold_note(c, &unused) == 0;
    int result =
        is_locked ? members_signal(&c->cgroup, signal, why) : members_send(&c->cgroup, signal, why);

    if (is_noted)
        hold_forget(c);
    close_fd(&c->lock_fd);
    return result;
}

static int signal_all(struct container *c, int signal, struct error *why)
{
    if (signal != SIGKILL)
        return signal_held(c, signal, why);
    /* One that got out of its cgroup is still its first process. */
    if (c->init_pidfd >= 0 && pidfd_signal(c->init_pidfd, SIGKILL) < 0 && errno != ESRCH)
        return fail(why, errno, "kill process %d", (int)c->init);
    return cgroup_kill(&c->cgroup, why);
}

static int send_signal(struct container *c, int signal, bool all, struct error *why)
{
    int status = state_status(c, why);
    bool has_cgroup = c->cgroup.manager != CGROUP_DISABLED;

    if (status < 0)
        return -1;
    if (all && has_cgroup)
        return signal_all(c, signal, why);
    /* Where INIT's end does not end the others, SIGKILL means all of them. */
    if (signal == SIGKILL && has_cgroup && !namespace_is_new(c->spec, OCI_NAMESPACE_TYPE_PID) &&
        has_processes(c))
        return signal_all(c, signal, why);
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

    int result = state_open(&c, runtime, id, why) < 0 ? -1 : send_signal(&c, signal, all, why);

    forget(&c);
    return result;
}

static int freeze(const struct runtime *runtime, const char *id, bool frozen, struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);

    if (state_open(&c, runtime, id, why) < 0 ||
        lock_made(&c, frozen ? "running" : "paused", why) < 0)
        return -1;

    int status = state_status(&c, why);
    bool fits =
        frozen ? status == STATUS_RUNNING || status == STATUS_CREATED : status == STATUS_PAUSED;

    if (status < 0)
        return -1;
    if (!fits) {
        /* In the words that runc's callers know. */
        (void)fail(why, 0, "container not %s: %s is %s", frozen ? "running" : "paused", id,
                   status_name(status));
        return fail_code(why, ERROR_STATE);
    }
    /* A command that was killed may have left one: this pause is meant. */
    if (frozen)
        hold_forget(&c);
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

/* A creator that hangs, with a hook or with an INIT that somebody stopped. Told to end it takes
   back what it made; else it dies, and the record tells what there is. */
static int end_creator(const struct container *c, struct error *why)
{
    autoclose int creator = pidfd_find(c->creator_pid, c->creator_start_time);

    for (int i = 0; creator >= 0 && i < 2; i++) {
        if (pidfd_signal(creator, i == 0 ? SIGTERM : SIGKILL) < 0 && errno != ESRCH)
            return fail(why, errno, "end process %d, which makes container %s", (int)c->creator_pid,
                        c->id);
        if (pidfd_wait_end(creator, END_DEADLINE_MS) > 0)
            return 0;
    }
    if (creator < 0 && errno == ESRCH)
        return 0;
    return fail(why, creator < 0 ? errno : ETIMEDOUT,
                "wait for the end of process %d, which makes container %s", (int)c->creator_pid,
                c->id);
}

static int check_deletable(const struct container *c, bool force, struct error *why)
{
    int status = state_status(c, why);

    if (status < 0)
        return -1;
    if (status == STATUS_CREATING && force)
        return end_creator(c, why);
    /* The spec allows delete of a stopped container only; every engine also deletes a created one
     * without --force. */
    if (status == STATUS_CREATING) {
        (void)fail_status(c, status, "stopped", why);
        return fail_hint(why, "its creator, process %d, is at work; delete --force ends it, too",
                         (int)c->creator_pid);
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
    return destroy_saved(c, why);
}

/* Its creator was killed before the record was whole, or somebody damaged it: what create would
 * have made is removed. */
static int delete_damaged(struct container *c, const struct runtime *runtime, struct error *why)
{
    if (state_lock(c, why) < 0)
        return -1;
    /* It may have been at work, and be done. */
    if (state_reopen(c, why) == 0)
        return destroy_saved(c, why);
    if (state_salvage(c, runtime, why) < 0)
        return -1;
    return destroy_saved(c, why);
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
    forget(&c);
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
