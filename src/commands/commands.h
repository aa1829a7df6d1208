// SPDX-License-Identifier: Apache-2.0
/* The commands: each is in the file of its name. */
#pragma once

#include "base/error.h"
#include "commands/command-line.h"
#include "container/lifecycle.h"

/* The exit status, or -1 with WHY. */
#define COMMAND(name, arguments, fewest, most, options, binary, failure, summary)      \
    int command_##name(const struct runtime *runtime, const struct command_line *line, \
                       struct error *why);
#define OPTION(commands, short_, long_, argument, kind, member, help)
#include "commands/commands.def"
#undef COMMAND
#undef OPTION

/* Runs the command of LINE. */
int commands_run(const struct runtime *runtime, const struct command_line *line, struct error *why);
