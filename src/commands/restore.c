// SPDX-License-Identifier: Apache-2.0
/* zind-oci restore */
#include "commands/commands.h"
#include "commands/options.h"

int command_restore(const struct runtime *runtime, const struct command_line *line,
                    struct error *why)
{
    struct container_options options;
    struct criu_options criu;
    const char *bundle = options_bundle(line, why);

    if (!bundle)
        return -1;
    options_read_container(line, &options);
    options_read_criu(line, &criu);
    return lifecycle_restore(runtime, line->args[0], bundle, &options, &criu, why);
}
