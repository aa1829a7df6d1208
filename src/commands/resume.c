// SPDX-License-Identifier: Apache-2.0
/* zind-oci resume */
#include "commands/commands.h"

int command_resume(const struct runtime *runtime, const struct command_line *line,
                   struct error *why)
{
    return lifecycle_resume(runtime, line->args[0], why);
}
