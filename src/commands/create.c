// SPDX-License-Identifier: Apache-2.0
/* zind-oci create */
#include "commands/commands.h"
#include "commands/options.h"

int command_create(const struct runtime *runtime, const struct command_line *line,
                   struct error *why)
{
    struct container_options options;
    const char *bundle = options_bundle(line, why);

    if (!bundle)
        return -1;
    options_read_container(line, &options);
    return lifecycle_create(runtime, line->args[0], bundle, &options, why);
}
