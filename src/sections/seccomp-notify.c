// SPDX-License-Identifier: Apache-2.0
/* SCMP_ACT_NOTIFY: the listener of the filter goes to the agent at linux.seccomp.listenerPath. */
#include "json-encode.h"
#include "kernel/clone.h"
#include "kernel/fd.h"
#include "sections/seccomp.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>

int seccomp_describe(const struct container *c, struct seccomp_filter *filter, struct error *why)
{
    static const char *const fds[] = { "seccompFd" };
    bool is_exec = c->verb == VERB_EXEC;
    const struct oci_state state = {
        .oci_version = c->spec->oci_version,
        .id = c->id,
        .status = is_exec ? "running" : "created",
        .pid = (int32_t)c->init,
        .has_pid = true,
        .bundle = c->bundle,
        .annotations = c->spec->annotations,
    };
    const struct oci_container_process_state message = {
        .oci_version = c->spec->oci_version,
        .fds = { .n = 1, .at = fds },
        .pid = (int32_t)c->init,
        .metadata = c->spec->linux->seccomp->listener_metadata,
        .state = &state,
    };
    struct json_error problem;
    autofree char *text = json_encode(&oci_container_process_state_object, &message, JSON_COMPACT,
                                      &filter->message_length, &problem);

    if (text == NULL)
        return fail(why, 0, "write the state for the seccomp agent: %s", problem.text);
    if (filter->message_length > sizeof filter->message)
        return fail(why, EMSGSIZE, "write the state for the seccomp agent");
    memcpy(filter->message, text, filter->message_length);
    return 0;
}

/* --- INIT --- */

/* Each of INIT's calls may be the agent's to answer once the filter holds, those that would reach
   the agent too. So a thread that was there before, which the filter does not hold, hands the
   listener over, while INIT waits without a call. */
struct handover {
    const struct container *c;
    struct seccomp_filter *filter;
    _Atomic int listener; /* NOT_YET, then what loading the filter gave */
    atomic_bool is_over;
    bool has_failed;
    struct error why;
};

enum { NOT_YET = -2, STACK_SIZE = 64 * 1024, SPINS = 1 << 26 };

static void send_listener(struct handover *handover, int listener)
{
    struct seccomp_filter *filter = handover->filter;

    if (fd_send(filter->agent, filter->message, filter->message_length, listener) < 0) {
        handover->has_failed = true;
        (void)fail(&handover->why, errno, "send the listener to the seccomp agent");
        (void)fail_at(&handover->why, "linux.seccomp.listenerPath");
        container_fail(handover->c, &handover->why);
    }
    /* Without anybody who holds the listener, what would be notified is ENOSYS. One state a
       connection: it is closed after that. */
    (void)close(listener);
    close_fd(&filter->agent);
}

static int run_handover(void *with)
{
    struct handover *handover = with;
    int listener;

    while ((listener = atomic_load(&handover->listener)) == NOT_YET)
        (void)sched_yield();
    if (listener >= 0)
        send_listener(handover, listener);
    atomic_store(&handover->is_over, true);
    return 0;
}

static void wait_for(struct handover *handover)
{
    for (unsigned spins = 0; !atomic_load(&handover->is_over); spins++)
        /* Under a real-time policy on one cpu the other thread gets no turn: then a call, which the
           agent may have to answer, is the way to wait. */
        if (spins > SPINS)
            (void)sched_yield();
}

int seccomp_install_notifying(struct container *c, struct seccomp_filter *filter, struct error *why)
{
    struct handover *handover = arena_alloc(c->arena, sizeof *handover);
    /* The thread may still be on it when this returns: execve ends both. */
    void *stack = arena_alloc(c->arena, STACK_SIZE);
    int listener;

    if (handover == NULL || stack == NULL)
        return fail(why, ENOMEM, "make a thread for the seccomp listener");
    *handover = (struct handover){ .c = c, .filter = filter, .listener = NOT_YET };
    if (clone_thread(run_handover, handover, stack, STACK_SIZE) < 0)
        return fail(why, errno, "make a thread for the seccomp listener");
    listener = seccomp_enforce(filter, filter->flags, why);
    atomic_store(&handover->listener, listener);
    wait_for(handover);
    if (handover->has_failed)
        *why = handover->why;
    return listener < 0 || handover->has_failed ? -1 : 0;
}
