// SPDX-License-Identifier: Apache-2.0
/* process.oomScoreAdj: how soon the kernel kills the program when memory runs out. */
#include "kernel/proc.h"
#include "sections/container.h"

#include <stdio.h>

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

int oom_score_apply(struct container *c, struct error *why)
{
    char path[40], text[16];

    (void)snprintf(path, sizeof path, "%d/oom_score_adj", (int)c->init);
    (void)snprintf(text, sizeof text, "%d", c->process->oom_score_adj);
    if (proc_write(c->proc_fd, path, text, why) == 0)
        return 0;
    if (why->number == EACCES || why->number == EPERM)
        (void)fail_hint(why, "a score below the runtime's own needs CAP_SYS_RESOURCE on the host");
    return fail_at(why, "process.oomScoreAdj");
}

void oom_score_explain(const struct container *c, struct explain *to)
{
    explain(to, "/proc/PID/oom_score_adj = %d", c->process->oom_score_adj);
}
