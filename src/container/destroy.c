// SPDX-License-Identifier: Apache-2.0
/* The ends of a container: what was made is undone, then the poststop hooks run. */
#include "container/destroy.h"
#include "container/plan.h"
#include "container/state.h"
#include "sections/hooks.h"

static void warn_of(const struct container *c, const char *what, const struct error *why)
{
    char text[sizeof why->text + 256];

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

void destroy_half_made(struct container *c)
{
    struct error undoing;
    bool met_hooks = c->step >= STEP_hooks_run_prestart;

    /* Descriptors may be what is short. */
    cgroup_close_entrance(&c->cgroup_entrance);
    close_fd(&c->root_fd);
    if (plan_undo(c, &undoing) < 0)
        warn_of(c, "clean up", &undoing);
    if (met_hooks)
        run_poststop(c);
}

int destroy_saved(struct container *c, struct error *why)
{
    if (plan_undo_all(c, why) < 0)
        return -1;
    run_poststop(c);
    return 0;
}

void destroy_on_way_out(struct container *c)
{
    struct error why;

    if (c->state_fd < 0)
        return;
    if ((state_lock(c, &why) < 0 && why.code != ERROR_ABSENT) ||
        (c->lock_fd >= 0 && destroy_saved(c, &why) < 0))
        warn_of(c, "clean up", &why);
}
