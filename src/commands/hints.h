// SPDX-License-Identifier: Apache-2.0
/* Hints for a command line that is wrong: the command that was probably meant. */
#pragma once

#include "commands/command-line.h"

/* NAME is no command. */
void hint_command(const char *name, struct error *why);

/* WORD is an option as it was given, LETTER the one of a cluster that is unknown, or 0. NEXT are
   the words after it. */
void hint_option(enum command_name command, const char *word, char letter, char *const *next,
                 struct error *why);

/* An argument of LINE is missing. */
void hint_missing(const struct command_line *line, struct error *why);

/* LINE has more arguments than its command takes. */
void hint_surplus(const struct command_line *line, struct error *why);

/* VALUE, of an option, is none of KNOWN, which ends with NULL. */
void hint_value(const char *value, const char *const known[], struct error *why);

/* The command of LINE failed with WHY: what a person may have got wrong. ROOT is the state root. */
void hint_failure(const char *root, const struct command_line *line, struct error *why);
