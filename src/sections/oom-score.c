// SPDX-License-Identifier: Apache-2.0
/* process.oomScoreAdj: how soon the kernel kills the program when memory runs out. */
#include "kernel/proc.h"
#include "sections/container.h"

#include <stdio.h>
#include <stdlib.h>

enum { OOM_SCORE_MIN = -1000, OOM_SCORE_MAX = 1000 };

void oom_score_check(const struct oci_config *spec, struct problems *all)
{
    const struct oci_process *process = spec->process;

    if (process == NULL || !process->has_oom_score_adj)
        return;
    if (process->oom_score_adj < OOM_SCORE_MIN || process->oom_score_adj > OOM_SCORE_MAX)
        refuse(all, "process.oomScoreAdj", "%d is not between %d and %d", process->oom_score_adj,
               OOM_SCORE_MIN, OOM_SCORE_MAX);
}

bool oom_score_is_set(const struct container *c)
{
    return c->process && c->process->has_oom_score_adj;
}

static const char own_file[] = "self/oom_score_adj";

static int set_own(const struct container *c, int score, struct error *why)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%d", score);
    return proc_write(c->proc_fd, own_file, text, why);
}

/* INIT's own file belongs to the host's root as soon as INIT is not to be traced or is another
   user, which it becomes at its own time: so it inherits the score. */
int oom_score_lend(struct container *c, struct error *why)
{
    char text[16];

    if (proc_read(c->proc_fd, own_file, text, sizeof text) < 0)
        return fail(why, errno, "read /proc/%s", own_file), fail_at(why, "process.oomScoreAdj");
    c->own_oom_score = (int)strtol(text, NULL, 10);
    if (set_own(c, c->process->oom_score_adj, why) == 0)
        return 0;
    if (why->number == EACCES || why->number == EPERM)
        (void)fail_hint(why, "a score below the runtime's own needs CAP_SYS_RESOURCE on the host");
    return fail_at(why, "process.oomScoreAdj");
}

int oom_score_take_back(struct container *c, struct error *why)
{
    return set_own(c, c->own_oom_score, why);
}

void oom_score_explain(const struct container *c, struct explain *to)
{
    explain(to, "/proc/PID/oom_score_adj = %d", c->process->oom_score_adj);
}
