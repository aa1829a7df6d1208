// SPDX-License-Identifier: Apache-2.0
/* What --help prints, made of commands.def. */
#pragma once

#include "base/error.h"
#include "commands/command-line.h"

/* COMMAND_NONE: all commands and the global options. On stdout. */
int help_print(enum command_name command, struct error *why);
