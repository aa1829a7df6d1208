// SPDX-License-Identifier: Apache-2.0
/* Parsing the command line with the tables of commands.def, in the spellings of runc and crun. */
#include "commands/command-line.h"

#include "base/text.h"
#include "commands/hints.h"

#include <stdio.h>
#include <string.h>

enum { MIXED, FIRST };
enum { PLAIN, SEALED };

#define COMMAND(name_, arguments_, fewest_, most_, options_, binary_, failure_, summary_) \
    [COMMAND_##name_] = {                                                                 \
        .name = #name_,                                                                   \
        .arguments = arguments_,                                                          \
        .fewest = fewest_,                                                                \
        .most = most_,                                                                    \
        .options_end_at_argument = options_ == FIRST,                                     \
        .is_sealed = binary_ == SEALED,                                                   \
        .failure = failure_,                                                              \
        .summary = summary_,                                                              \
    },
#define OPTION(commands, short_, long_, argument, kind, member, help)
const struct command commands[COMMAND_NONE] = {
#include "commands/commands.def"
};
#undef COMMAND
#undef OPTION

#define COMMAND(name, arguments, fewest, most, options, binary, failure, summary)
#define OPTION(commands_, short_, long_, argument_, kind_, member, help_) \
    {                                                                     \
        .commands = commands_,                                            \
        .short_name = short_,                                             \
        .long_name = long_,                                               \
        .argument = argument_,                                            \
        .kind = OPTION_##kind_,                                           \
        .offset = offsetof(struct command_line, member),                  \
        .help = help_,                                                    \
    },
const struct option_row option_rows[] = {
#include "commands/commands.def"
};
#undef COMMAND
#undef OPTION
const size_t n_option_rows = sizeof option_rows / sizeof option_rows[0];

/* Where the parser stands. */
struct parser {
    struct command_line *line;
    uint32_t command; /* whose options are known here */
    char **next;      /* the words not read yet; ends with NULL */
    size_t n_words;   /* of the whole command line: no list is longer */
    struct error *why;
};

enum command_name command_find(const char *name)
{
    for (int i = 0; i < COMMAND_NONE; i++)
        if (strcmp(commands[i].name, name) == 0)
            return (enum command_name)i;
    return COMMAND_NONE;
}

static const struct option_row *find_long(uint32_t command, const char *name, size_t length)
{
    for (size_t i = 0; i < n_option_rows; i++) {
        const struct option_row *row = &option_rows[i];

        if ((row->commands & command) && length > 0 && strlen(row->long_name) == length &&
            memcmp(row->long_name, name, length) == 0)
            return row;
    }
    return NULL;
}

static const struct option_row *find_short(uint32_t command, char name)
{
    for (size_t i = 0; i < n_option_rows; i++)
        if ((option_rows[i].commands & command) && option_rows[i].short_name == name)
            return &option_rows[i];
    return NULL;
}

/* LETTER: which of a cluster of short options; else 0. */
static int unknown_option(struct parser *parser, const char *word, char letter)
{
    (void)fail(parser->why, 0, "unknown option %s", word);
    hint_option(parser->line->command, word, letter, parser->next, parser->why);
    return -1;
}

/* The spellings that runc takes: those of Go's strconv.ParseBool. */
static int read_flag(struct parser *parser, const char *word, const char *value, bool *ret)
{
    static const char *const yes[] = { "1", "t", "T", "true", "TRUE", "True" };
    static const char *const no[] = { "0", "f", "F", "false", "FALSE", "False" };

    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (strcmp(value, yes[i]) == 0) {
            *ret = true;
            return 0;
        }
        if (strcmp(value, no[i]) == 0) {
            *ret = false;
            return 0;
        }
    }
    return fail(parser->why, 0, "%s: only true or false may follow the =", word);
}

static int add_text(struct parser *parser, struct texts *texts, const char *value)
{
    if (!texts->at)
        texts->at = arena_alloc(parser->line->arena, parser->n_words * sizeof *texts->at);
    if (!texts->at)
        return fail(parser->why, ENOMEM, "read the command line");
    texts->at[texts->n++] = value;
    return 0;
}

/* WORD is the option as it was given; VALUE what belongs to it, NULL where nothing was given. */
static int store(struct parser *parser, const struct option_row *row, const char *word,
                 const char *value)
{
    void *member = (char *)parser->line + row->offset;
    uint64_t number;

    if (row->kind == OPTION_FLAG) {
        if (value)
            return read_flag(parser, word, value, member);
        *(bool *)member = true;
        return 0;
    }
    if (!value && !*parser->next)
        return fail(parser->why, 0, "option %s requires an argument", word);
    if (!value)
        value = *parser->next++;
    switch (row->kind) {
    case OPTION_TEXTS:
        return add_text(parser, member, value);
    case OPTION_NUMBER:
        if (!text_to_number(value, INT32_MAX, &number))
            return fail(parser->why, 0, "option %s requires a number", word);
        *(unsigned *)member = (unsigned)number;
        return 0;
    default:
        *(const char **)member = value;
        return 0;
    }
}

/* --name, --name=value, -name, -name=value. 1: it is none of these. */
static int parse_long(struct parser *parser, const char *word)
{
    const char *name = word + (word[1] == '-' ? 2 : 1);
    size_t length = strcspn(name, "=");
    const struct option_row *row = find_long(parser->command, name, length);

    if (!row)
        return 1;
    return store(parser, row, word, name[length] ? name + length + 1 : NULL);
}

/* -d, -td, -b DIR, -bDIR, -b=DIR */
static int parse_short(struct parser *parser, const char *word)
{
    for (const char *at = word + 1; *at; at++) {
        const struct option_row *row = find_short(parser->command, *at);

        if (!row)
            return unknown_option(parser, word, *at);
        if (at[1] == '=')
            return store(parser, row, word, at + 2);
        if (row->kind != OPTION_FLAG)
            return store(parser, row, word, at[1] ? at + 1 : NULL);
        if (store(parser, row, word, NULL) < 0)
            return -1;
    }
    return 0;
}

static int parse_option(struct parser *parser)
{
    const char *word = *parser->next++;
    int result = parse_long(parser, word);

    if (result <= 0)
        return result;
    return word[1] == '-' ? unknown_option(parser, word, 0) : parse_short(parser, word);
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1];
}

/* All options up to the first argument; a -- is taken away. */
static int parse_options(struct parser *parser)
{
    while (*parser->next && is_option(*parser->next)) {
        if (strcmp(*parser->next, "--") == 0) {
            parser->next++;
            return 0;
        }
        if (parse_option(parser) < 0)
            return -1;
    }
    return 0;
}

/* The words of a command whose options may stand anywhere: arguments move to the front. */
static int parse_mixed(struct parser *parser)
{
    struct command_line *line = parser->line;
    bool options_ended = false;

    while (*parser->next) {
        if (options_ended || !is_option(*parser->next)) {
            line->args[line->n_args++] = *parser->next++;
        } else if (strcmp(*parser->next, "--") == 0) {
            options_ended = true;
            parser->next++;
        } else if (parse_option(parser) < 0) {
            return -1;
        }
    }
    line->args[line->n_args] = NULL;
    return 0;
}

static int parse_first(struct parser *parser)
{
    if (parse_options(parser) < 0)
        return -1;
    parser->line->args = parser->next;
    while (parser->line->args[parser->line->n_args])
        parser->line->n_args++;
    return 0;
}

/* Names the first argument that is not there, as the usage line does. */
static int missing_argument(struct parser *parser)
{
    const char *name = commands[parser->line->command].arguments;

    for (int i = 0; i < parser->line->n_args; i++) {
        name += strcspn(name, " ");
        name += strspn(name, " ");
    }
    int length = (int)strcspn(name, " ");

    if (length == 2 && text_starts(name, "ID"))
        (void)fail(parser->why, 0, "the container's ID is missing");
    else
        (void)fail(parser->why, 0, "%.*s is missing", length, name);
    hint_missing(parser->line, parser->why);
    return -1;
}

static int check_arguments(struct parser *parser)
{
    const struct command_line *line = parser->line;
    const struct command *command = &commands[line->command];

    if (line->help)
        return 0;
    if (line->n_args < command->fewest)
        return missing_argument(parser);
    if (line->n_args <= command->most)
        return 0;
    (void)fail(parser->why, 0, "one argument too many: %s", line->args[command->most]);
    hint_surplus(line, parser->why);
    return -1;
}

static int find_command(struct parser *parser)
{
    const char *name = *parser->next;

    parser->line->command = command_find(name);
    if (parser->line->command != COMMAND_NONE)
        return 0;
    (void)fail(parser->why, 0, "unknown command %s", name);
    hint_command(name, parser->why);
    return -1;
}

static int no_command(struct parser *parser)
{
    (void)fail(parser->why, 0, "no command is given");
    return fail_hint(parser->why, "to list the commands: zind-oci --help");
}

static int parse_words(struct parser *parser)
{
    struct command_line *line = parser->line;

    if (parse_options(parser) < 0)
        return -1;
    /* As runc and crun do, whatever follows. */
    if (line->version)
        return 0;
    if (!*parser->next)
        return line->help ? 0 : no_command(parser);
    if (find_command(parser) < 0)
        return -1;
    line->args = ++parser->next;
    parser->command = 1u << line->command;
    if (commands[line->command].options_end_at_argument ? parse_first(parser) : parse_mixed(parser))
        return -1;
    return check_arguments(parser);
}

int command_line_parse(struct command_line *line, int argc, char **argv, struct arena *arena,
                       struct error *why)
{
    struct parser parser = { .line = line,
                             .command = GLOBAL,
                             .next = argc > 0 ? argv + 1 : argv,
                             .n_words = (size_t)argc,
                             .why = why };

    *line = (struct command_line){ .arena = arena, .command = COMMAND_NONE, .args = argv + argc };
    if (parse_words(&parser) == 0)
        return 0;
    return why->number || why->code != ERROR_SYSTEM ? -1 : fail_code(why, ERROR_USAGE);
}

void command_line_usage(enum command_name command, char *out, size_t room)
{
    if (command == COMMAND_NONE)
        (void)snprintf(out, room, "zind-oci [GLOBAL OPTION]... COMMAND [OPTION]... [ARGUMENT]...");
    else
        (void)snprintf(out, room, "zind-oci %s [OPTION]...%s%s", commands[command].name,
                       commands[command].arguments[0] ? " " : "", commands[command].arguments);
}
