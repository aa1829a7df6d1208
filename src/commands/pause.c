// SPDX-License-Identifier: Apache-2.0
/* zind-oci pause */
#include "commands/commands.h"

int command_pause(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    return lifecycle_pause(runtime, line->args[0], why);
}
