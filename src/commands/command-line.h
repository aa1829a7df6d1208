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

/* The options of update, as they were written. */
struct update_texts {
    const char *resources, *blkio_weight, *cpu_period, *cpu_quota, *cpu_burst, *cpu_shares;
    const char *cpu_rt_period, *cpu_rt_runtime, *cpu_idle, *cpuset_cpus, *cpuset_mems;
    const char *memory, *memory_reservation, *memory_swap, *kernel_memory, *kernel_memory_tcp;
    const char *pids_limit, *l3_cache_schema, *mem_bw_schema;
};

/* What the options say. Strings point into argv; absent ones are NULL, false or 0. */
struct command_line {
    struct arena *arena; /* lives as long as this */
    enum command_name command;
    char **args; /* the arguments, and NULL */
    int n_args;

    const char *root, *log, *log_format, *log_level, *cgroup_manager, *rootless, *timings;
    const char *criu; /* older callers give it always; we only run one that root put there */
    bool debug, systemd_cgroup, systemd_log, version, help;

    const char *bundle, *console_socket, *pidfd_socket, *pid_file;
    bool no_pivot, no_new_keyring, no_subreaper, detach, keep;
    unsigned preserve_fds;
    bool all, force, regex, quiet, is_rootless, strict, stats;
    const char *format, *interval, *config;
    const char *cwd, *user, *process, *process_label, *apparmor;
    struct texts env, additional_gids, caps, cgroups;
    bool tty, no_new_privs, ignore_paused;
    struct update_texts update;

    const char *image_path, *work_path, *parent_path, *manage_cgroups_mode, *network_lock;
    const char *empty_ns, *page_server, *status_fd, *lsm_profile, *lsm_mount_context;
    bool leave_running, pre_dump, lazy_pages, auto_dedup, shell_job, file_locks, ext_unix_sk;
    bool link_remap, tcp_established, tcp_close, tcp_skip_in_flight;
};

/* Moves the arguments together within ARGV. LINE is filled as far as it was understood also on
   failure, so that the error can go where --log says. */
int command_line_parse(struct command_line *line, int argc, char **argv, struct arena *arena,
                       struct error *why);

/* The command called NAME; COMMAND_NONE where there is none. */
enum command_name command_find(const char *name);

/* "zind-oci kill [OPTION]... ID [SIGNAL]" */
void command_line_usage(enum command_name command, char *out, size_t room);
