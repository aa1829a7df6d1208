// SPDX-License-Identifier: Apache-2.0
/* The words of the command line, sorted into options and arguments by commands.def. */
#pragma once

#include "arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ANY_NUMBER = 1 << 30 };

enum command_name {
#define COMMAND(name, arguments, fewest, most, options, binary, failure, summary) COMMAND_##name,
#define OPTION(commands, short_, long_, argument, kind, member, help)
#include "commands/commands.def"
#undef COMMAND
#undef OPTION
    COMMAND_NONE, /* none is named: only global options, or --version, --help */
};

/* Sets of commands, for the rows of OPTION. */
#define ON(command) (1u << COMMAND_##command)
#define GLOBAL      (1u << COMMAND_NONE)
#define EVERYWHERE  UINT32_MAX

struct command {
    const char *name;
    const char *arguments; /* as in the usage line */
    int fewest, most;
    bool options_end_at_argument;
    bool is_sealed; /* runs from a copy of our file that cannot be written */
    int failure;    /* exit status when zind-oci itself fails */
    const char *summary;
};

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER, OPTION_TEXTS };

struct option_row {
    uint32_t commands;
    char short_name;
    const char *long_name;
    const char *argument;
    enum option_kind kind;
    size_t offset;
    const char *help;
};

extern const struct command commands[COMMAND_NONE];
extern const struct option_row option_rows[];
extern const size_t n_option_rows;

struct texts {
    size_t n;
    const char **at;
};

/* What the options say. Strings point into argv; absent ones are NULL, false or 0. */
struct command_line {
    struct arena *arena; /* lives as long as this */
    enum command_name command;
    char **args; /* the arguments, and NULL */
    int n_args;

    const char *root, *log, *log_format, *log_level, *cgroup_manager, *rootless, *timings;
    bool debug, systemd_cgroup, version, help;

    const char *bundle, *console_socket, *pidfd_socket, *pid_file;
    bool no_pivot, no_new_keyring, no_subreaper, detach, keep;
    unsigned preserve_fds;
    bool all, force, quiet, is_rootless;
    const char *format;
    const char *cwd, *user, *process, *process_label, *apparmor, *cgroup;
    struct texts env, additional_gids, caps;
    bool tty, no_new_privs, ignore_paused;
};

/* Moves the arguments together within ARGV. LINE is filled as far as it was understood also on
   failure, so that the error can go where --log says. */
int command_line_parse(struct command_line *line, int argc, char **argv, struct arena *arena,
                       struct error *why);

/* The command called NAME; COMMAND_NONE where there is none. */
enum command_name command_find(const char *name);

/* "zind-oci kill [OPTION]... ID [SIGNAL]" */
void command_line_usage(enum command_name command, char *out, size_t room);
