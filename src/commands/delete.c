// SPDX-License-Identifier: Apache-2.0
/* zind-oci delete */
#include "commands/commands.h"

int command_delete(const struct runtime *runtime, const struct command_line *line,
                   struct error *why)
{
    if (lifecycle_delete(runtime, line->args[0], line->force, why) == 0)
        return 0;
    /* Engines send a second delete --force from a process that does not know of the first. */
    return line->force && why->code == ERROR_ABSENT ? 0 : -1;
}
