// SPDX-License-Identifier: Apache-2.0
/* zind-oci start */
#include "commands/commands.h"
#include "commands/options.h"

int command_start(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    return lifecycle_start(runtime, line->args[0], options_notify_socket(), why);
}
