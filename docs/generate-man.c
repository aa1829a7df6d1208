// SPDX-License-Identifier: Apache-2.0
/* Prints the man page: stdin, with the line @GLOBAL-OPTIONS@ or @COMMANDS@ replaced by what
 * commands.def says. */
#include "commands/command-line.h"

#include <stdio.h>
#include <string.h>

/* Text as roff wants it: hyphens that can be copied, no control line by accident. */
static void print_roff(const char *text)
{
    for (; *text; text++) {
        if (*text == '-')
            (void)printf("\\-");
        else if (*text == '\\')
            (void)printf("\\e");
        else
            (void)putchar(*text);
    }
}

static void print_option(const struct option_row *row)
{
    (void)printf(".TP\n");
    if (row->short_name)
        (void)printf("\\fB\\-%c\\fR, ", row->short_name);
    (void)printf("\\fB\\-\\-");
    print_roff(row->long_name);
    (void)printf("\\fR");
    if (row->argument[0]) {
        (void)printf(" \\fI");
        print_roff(row->argument);
        (void)printf("\\fR");
    }
    (void)printf("\n\\&");
    print_roff(row->help);
    (void)printf(".\n");
}

/* All options of COMMAND but --help, which all have. */
static void print_options(enum command_name command)
{
    for (size_t i = 0; i < n_option_rows; i++) {
        const struct option_row *row = &option_rows[i];

        if ((row->commands & (1u << command)) && row->help[0] &&
            (command == COMMAND_NONE || row->commands != EVERYWHERE))
            print_option(row);
    }
}

static void print_commands(void)
{
    char usage[256];

    for (int i = 0; i < COMMAND_NONE; i++) {
        command_line_usage((enum command_name)i, usage, sizeof usage);
        (void)printf(".SS ");
        print_roff(usage);
        (void)printf("\n%c", commands[i].summary[0] - 'a' + 'A');
        print_roff(commands[i].summary + 1);
        (void)printf(".\n");
        print_options((enum command_name)i);
    }
}

int main(void)
{
    char line[1024];

    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "@GLOBAL-OPTIONS@\n") == 0)
            print_options(COMMAND_NONE);
        else if (strcmp(line, "@COMMANDS@\n") == 0)
            print_commands();
        else
            (void)fputs(line, stdout);
    }
    return ferror(stdin) || fflush(stdout) != 0 ? 1 : 0;
}
