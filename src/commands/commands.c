// SPDX-License-Identifier: Apache-2.0
/* From the name of a command to its function. */
#include "commands/commands.h"

#include "commands/hints.h"

typedef int command_function(const struct runtime *, const struct command_line *, struct error *);

static command_function *const functions[] = {
#define COMMAND(name, arguments, fewest, most, options, binary, failure, summary) \
    [COMMAND_##name] = command_##name,
#define OPTION(commands, short_, long_, argument, kind, member, help)
#include "commands/commands.def"
#undef COMMAND
#undef OPTION
};

int commands_run(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    int status = functions[line->command](runtime, line, why);

    if (status < 0)
        hint_failure(runtime->root, line, why);
    return status;
}
