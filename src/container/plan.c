// SPDX-License-Identifier: Apache-2.0
/* Walking plan.def. */
#include "container/plan.h"
#include "base/trace.h"
#include "container/fault.h"
#include "container/peer.h"
#include "kernel/end-signals.h"
#include "kernel/fd.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define STEP(name_, verbs_, side_, waits_, on_failure_, undo_, when_, explains_, reason_) \
    [STEP_##name_] = {                                                                    \
        .name = #name_,                                                                   \
        .verbs = verbs_,                                                                  \
        .side = side_,                                                                    \
        .waits_for = STEP_##waits_,                                                       \
        .on_failure = on_failure_,                                                        \
        .run = name_,                                                                     \
        .undo = undo_,                                                                    \
        .when = when_,                                                                    \
        .explains = explains_,                                                            \
        .reason = reason_,                                                                \
    },
const struct step plan[N_STEPS] = {
#include "container/plan.def"
};
#undef STEP

/* A row waits only for rows above it: no two sides can wait for each other. */
#define STEP(name_, verbs_, side_, waits_, ...) \
    _Static_assert((int)STEP_##waits_ < (int)STEP_##name_, #name_ " waits for a row below it");
#include "container/plan.def"
#undef STEP

int keep(struct container *c, struct error *why)
{
    (void)c;
    (void)why;
    return 0;
}

bool always(const struct container *c)
{
    (void)c;
    return true;
}

void quietly(const struct container *c, struct explain *to)
{
    (void)c;
    (void)to;
}

void container_warn(const struct container *c, const char *format, ...)
{
    struct error warning;
    char text[sizeof warning.text];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)fail(&warning, 0, "%s", text);
    if (c->side == INIT)
        (void)peer_send(c->peer, MESSAGE_WARNING, c->step, &warning);
    else
        log_warning(c->log, "%s", warning.text);
}

void container_fail(const struct container *c, const struct error *why)
{
    struct error named = *why;

    (void)snprintf(named.step, sizeof named.step, "%s", plan[c->step].name);
    (void)peer_send(c->peer, MESSAGE_FAILED, c->step, &named);
}

bool plan_takes(const struct container *c, enum step_id id)
{
    return (plan[id].verbs & c->verb) && plan[id].when(c);
}

static bool is_awaited(const struct container *c, enum step_id id)
{
    for (enum step_id later = id + 1; later < N_STEPS; later++)
        if (plan[later].waits_for == id && plan[later].side != plan[id].side &&
            plan_takes(c, later))
            return true;
    return false;
}

/* Take one message; -1 when the other side will do no more, and why. ID is what it is needed for.
 */
static int hear(struct container *c, enum step_id id, struct error *why)
{
    struct message message;
    int got;

    if (end_signals_wait(c->peer, c->end_signals, why) < 0)
        return -1;
    got = peer_receive(c->peer, &message);

    if (got < 0)
        return fail(why, errno, "hear from the other side");
    if (got == 0) {
        (void)fail(why, 0, "the %s side died before %s was done",
                   c->side == RUNTIME ? "INIT" : "RUNTIME", plan[id].name);
        return fail_code(why, ERROR_DIED);
    }
    if (message.kind == MESSAGE_FAILED) {
        *why = message.why;
        return -1;
    }
    if (message.kind == MESSAGE_WARNING)
        container_warn(c, "%s", message.why.text);
    else if (message.step < N_STEPS)
        c->peer_step = message.step;
    return 0;
}

/* Read messages until the other side has done ID. */
static int wait_for(struct container *c, enum step_id id, struct error *why)
{
    while (c->peer_step < id)
        if (hear(c, id, why) < 0)
            return -1;
    return 0;
}

/* RUNTIME's row failed: where INIT had failed or was killed by then, that is the cause, and WHY
   what came of it. A hook may have had reasons of its own. */
static void find_cause(struct container *c, struct error *why)
{
    struct error cause;

    /* INIT's own account, heard by the row itself. */
    if (why->code == ERROR_DIED || strcmp(why->step, plan[c->step].name) != 0)
        return;
    while (c->peer >= 0 && fd_wait_readable(c->peer, 0) > 0) {
        if (hear(c, c->step, &cause) == 0)
            continue;
        if (cause.code != ERROR_DIED) {
            *why = cause;
        } else {
            (void)fail_in(why, "%s", cause.text);
            if (why->code != ERROR_HOOK)
                (void)fail_code(why, ERROR_DIED);
        }
        return;
    }
}

/* Where the other side is gone, what it said last tells more than EPIPE. Where it is not (ENOBUFS),
   it waits for the word that could not be said, and would do so for ever. */
static int explain_silence(struct container *c, struct error *why)
{
    int number = errno;

    if ((number == EPIPE || number == ECONNRESET) && wait_for(c, N_STEPS - 1, why) < 0)
        return -1;
    (void)fail(why, number, "tell the other side");
    (void)peer_send(c->peer, MESSAGE_FAILED, c->step, why);
    return -1;
}

static int take_step(struct container *c, const struct step *step, struct error *why)
{
    uint64_t start = c->timings_fd >= 0 ? trace_now() : 0;
    int done = fault_inject(c, step->name, why);

    if (done == 0)
        done = step->run(c, why);
    if (c->timings_fd >= 0)
        trace_step(c->timings_fd, step->side == INIT ? "init" : "runtime", step->name, c->origin,
                   start);
    if (done == 0)
        return 0;
    if (!why->step[0])
        (void)snprintf(why->step, sizeof why->step, "%s", step->name);
    if (step->on_failure == STOP)
        return -1;

    char text[sizeof why->text + 256];

    error_format(why, text, sizeof text);
    container_warn(c, "%s", text);
    return 0;
}

int plan_walk(struct container *c, struct error *why)
{
    while (++c->step < N_STEPS) {
        const struct step *step = &plan[c->step];
        bool waits = step->waits_for != STEP_NOTHING && plan_takes(c, step->waits_for) &&
                     plan[step->waits_for].side != step->side;

        if (step->side != c->side || !plan_takes(c, c->step))
            continue;
        if (waits && wait_for(c, step->waits_for, why) < 0)
            return -1;
        if (take_step(c, step, why) < 0) {
            if (c->side == RUNTIME)
                find_cause(c, why);
            else
                container_say_last(c, why);
            /* init_spawn may fail before there is anybody to tell. */
            if (c->peer >= 0)
                (void)peer_send(c->peer, MESSAGE_FAILED, c->step, why);
            return -1;
        }
        if (c->peer >= 0 && is_awaited(c, c->step) &&
            peer_send(c->peer, MESSAGE_DONE, c->step, NULL) < 0)
            return explain_silence(c, why);
    }
    return 0;
}

static int undo_rows(struct container *c, unsigned below, unsigned verbs, struct error *why)
{
    int result = 0;

    for (unsigned id = below; id-- > 1;) {
        const struct step *step = &plan[id];
        struct error again;

        if (step->side != RUNTIME || !(step->verbs & verbs))
            continue;
        /* The record is the way back to what could not be undone: it goes only when nothing is
         * left. */
        if (id == STEP_state_claim && result < 0)
            break;
        if (step->undo(c, result < 0 ? &again : why) < 0)
            result = -1;
    }
    return result;
}

/* The row that failed has cleaned up after itself: start at the one before. */
int plan_undo(struct container *c, struct error *why)
{
    return undo_rows(c, c->step, c->verb, why);
}

int plan_undo_all(struct container *c, struct error *why)
{
    return undo_rows(c, N_STEPS, VERB_CREATE, why);
}
