// SPDX-License-Identifier: Apache-2.0
/* zind-oci state: runtime.md, "Query State". */
#include "cgroup/stats/oom.h"
#include "commands/commands.h"
#include "commands/output.h"
#include "commands/report.h"

int command_state(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    struct snapshot snapshot;

    if (state_snapshot(runtime, line->args[0], &snapshot, line->arena, why) < 0)
        return -1;

    struct oci_report report = report_of(&snapshot);

    /* Absent when there are none: most callers know the spec's keys only. */
    report.has_oom_kills = oom_kills(&snapshot.cgroup, &report.oom_kills) && report.oom_kills > 0;
    return output_json(&oci_report_object, &report, why);
}
