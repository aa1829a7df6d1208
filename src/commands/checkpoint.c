// SPDX-License-Identifier: Apache-2.0
/* zind-oci checkpoint */
#include "commands/commands.h"
#include "commands/options.h"

int command_checkpoint(const struct runtime *runtime, const struct command_line *line,
                       struct error *why)
{
    struct criu_options options;

    options_read_criu(line, &options);
    return lifecycle_checkpoint(runtime, line->args[0], &options, why);
}
