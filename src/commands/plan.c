// SPDX-License-Identifier: Apache-2.0
/* zind-oci plan */
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/output.h"
#include "container/explain.h"

int command_plan(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    struct container_options options;
    struct explain to = { .out = stdout };
    const char *bundle = options_bundle(line, why);

    if (!bundle)
        return -1;
    options_read_container(line, &options);
    if (lifecycle_explain(runtime, line->n_args ? line->args[0] : "ID", bundle, &options, &to,
                          why) < 0)
        return -1;
    return output_flush(why);
}
