// SPDX-License-Identifier: Apache-2.0
/* --regex: one command for all containers whose ids match. */
#pragma once

#include "commands/commands.h"

typedef int matching_act(const struct runtime *runtime, const char *id, const void *asked,
                         struct error *why);

/* ACT, as ASKED, on each container whose id the POSIX extended regular expression in the first
   argument finds something in; on that very id without --regex. All are tried: WHY is the first
   failure, the others are logged. No match is no error. */
int matching_each(const struct runtime *runtime, const struct command_line *line, matching_act *act,
                  const void *asked, struct error *why);
