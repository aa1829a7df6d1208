// SPDX-License-Identifier: Apache-2.0
/* zind-oci state: runtime.md, "Query State". */
#include "commands/commands.h"
#include "commands/output.h"
#include "commands/report.h"

int command_state(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    struct snapshot snapshot;

    if (state_snapshot(runtime, line->args[0], &snapshot, line->arena, why) < 0)
        return -1;

    struct oci_report report = report_of(&snapshot);

    return output_json(&oci_report_object, &report, why);
}
