// SPDX-License-Identifier: Apache-2.0
/* zind-oci delete */
#include "commands/matching.h"

static int delete_one(const struct runtime *runtime, const char *id, const void *asked,
                      struct error *why)
{
    const struct command_line *line = asked;

    if (lifecycle_delete(runtime, id, line->force, why) == 0)
        return 0;
    /* Engines send a second delete --force from a process that does not know of the first. */
    return line->force && why->code == ERROR_ABSENT ? 0 : -1;
}

int command_delete(const struct runtime *runtime, const struct command_line *line,
                   struct error *why)
{
    return matching_each(runtime, line, delete_one, line, why);
}
