// SPDX-License-Identifier: Apache-2.0
/* zind-oci help, and --help of every command. */
#include "commands/help.h"

#include "commands/commands.h"
#include "commands/hints.h"
#include "commands/output.h"

#include <stdio.h>
#include <string.h>

enum { LINE_WIDTH = 80, TEXT_COLUMN = 30 };

/* TEXT from TEXT_COLUMN on, in lines of LINE_WIDTH; the first line is at column AT already. */
static void print_wrapped(const char *text, int column)
{
    if (column >= TEXT_COLUMN) {
        (void)putchar('\n');
        column = 0;
    }
    (void)printf("%*s", TEXT_COLUMN - column, "");
    column = TEXT_COLUMN;
    while (*text) {
        int word = (int)strcspn(text, " ");

        if (column > TEXT_COLUMN && column + 1 + word > LINE_WIDTH) {
            (void)printf("\n%*s", TEXT_COLUMN, "");
            column = TEXT_COLUMN;
        } else if (column > TEXT_COLUMN) {
            (void)putchar(' ');
            column++;
        }
        (void)printf("%.*s", word, text);
        column += word;
        text += word;
        text += strspn(text, " ");
    }
    (void)putchar('\n');
}

static void print_option(const struct option_row *row)
{
    char front[64];
    int length = snprintf(front, sizeof front, "  %c%c%s--%s%s%s", row->short_name ? '-' : ' ',
                          row->short_name ? row->short_name : ' ', row->short_name ? ", " : "  ",
                          row->long_name, row->argument[0] ? " " : "", row->argument);

    (void)fputs(front, stdout);
    print_wrapped(row->help, length);
}

static void print_options(const char *title, enum command_name command)
{
    (void)printf("\n%s:\n", title);
    for (size_t i = 0; i < n_option_rows; i++)
        if ((option_rows[i].commands & (1u << command)) && option_rows[i].help[0])
            print_option(&option_rows[i]);
}

static void print_commands(void)
{
    (void)printf("\nCommands:\n");
    for (size_t i = 0; i < COMMAND_NONE; i++)
        (void)printf("  %-10s %s\n", commands[i].name, commands[i].summary);
}

int help_print(enum command_name command, struct error *why)
{
    char usage[256];

    command_line_usage(command, usage, sizeof usage);
    (void)printf("Usage: %s\n", usage);
    if (command == COMMAND_NONE) {
        (void)printf("\nRuns containers as the OCI runtime specification describes them.\n");
        print_commands();
        print_options("Global options", COMMAND_NONE);
        (void)printf("\nzind-oci COMMAND --help explains a command; zind-oci(1) explains all.\n");
    } else {
        (void)printf("\n%c%s.\n", commands[command].summary[0] - 'a' + 'A',
                     commands[command].summary + 1);
        print_options("Options", command);
    }
    return output_flush(why);
}

int command_help(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    enum command_name command = COMMAND_NONE;

    (void)runtime;
    if (line->n_args > 0) {
        command = command_find(line->args[0]);
        if (command == COMMAND_NONE) {
            (void)fail(why, 0, "unknown command %s", line->args[0]);
            hint_command(line->args[0], why);
            return fail_code(why, ERROR_USAGE);
        }
    }
    return help_print(command, why);
}
