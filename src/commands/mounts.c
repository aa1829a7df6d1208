// SPDX-License-Identifier: Apache-2.0
/* zind-oci mounts */
#include "commands/commands.h"

#include <string.h>

int command_mounts(const struct runtime *runtime, const struct command_line *line,
                   struct error *why)
{
    const char *verb = line->args[0], *id = line->args[1], *file = line->args[2];

    if (strcmp(verb, "add") == 0)
        return lifecycle_add_mounts(runtime, id, file, why);
    if (strcmp(verb, "remove") == 0)
        return lifecycle_remove_mounts(runtime, id, file, why);
    (void)fail(why, 0, "\"%.64s\" is neither add nor remove", verb);
    (void)fail_hint(why, "as in: zind-oci mounts add ID FILE, zind-oci mounts remove ID FILE");
    return fail_code(why, ERROR_USAGE);
}
