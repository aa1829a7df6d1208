// SPDX-License-Identifier: Apache-2.0
/* main: read the command line, run the command, say what went wrong. */
#include "base/log.h"
#include "base/trace.h"
#include "base/version.h"
#include "commands/commands.h"
#include "commands/help.h"
#include "commands/options.h"
#include "commands/output.h"
#include "config.h"
#include "container/sealed-self.h"
#include "kernel/fd.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#if HAVE_SYSTEMD
#define SYSTEMD "+SYSTEMD "
#else
#define SYSTEMD ""
#endif

static int print_version(struct error *why)
{
    /* The first two lines are read by Docker, the first one by containerd. */
    return output_text("zind-oci version " PACKAGE_VERSION "\ncommit: " COMMIT
                       "\nspec: " OCI_VERSION_MAX "\n" SYSTEMD "+SECCOMP +CAP +APPARMOR +SELINUX\n",
                       why);
}

static int run_line(struct runtime *runtime, const struct log *log, const struct command_line *line,
                    struct error *why)
{
    if (line->help)
        return help_print(line->command, why);
    if (line->version)
        return print_version(why);
    if (options_read_runtime(line, log, runtime, why) < 0)
        return -1;
    /* The modes of mount points, of the state root and of the pid file are not the caller's matter.
     */
    runtime->umask = umask(S_IWGRP | S_IWOTH);
    return commands_run(runtime, line, why);
}

/* The first argument is the container's id in every command that fails for more than its usage. */
static void report(const struct log *log, const struct command_line *line, const struct error *why)
{
    bool is_named = line->command != COMMAND_NONE;
    char usage[256];

    log_error(log, is_named ? commands[line->command].name : "",
              line->n_args > 0 ? line->args[0] : NULL, why);
    if (why->code != ERROR_USAGE || log->is_json)
        return;
    command_line_usage(line->command, usage, sizeof usage);
    (void)dprintf(STDERR_FILENO, "usage: %s\n", usage);
}

static bool puts_process_into_container(const struct command_line *line)
{
    return line->command != COMMAND_NONE && commands[line->command].is_sealed && !line->help;
}

/* What the caller ignores is inherited. Without SIGCHLD the kernel reaps our children itself, and
   a hook that failed would look like one that did not; a reader of our words that goes away, or a
   limit of the caller's on the size of files, must not end us half-way. */
static void set_signals(void)
{
    (void)signal(SIGCHLD, SIG_DFL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
}

int main(int argc, char **argv)
{
    struct log log = { .fd = STDERR_FILENO, .level = LOG_LEVEL_WARNING };
    struct runtime runtime = { .origin = trace_now() };
    struct command_line line = { .command = COMMAND_NONE };
    struct arena arena = { 0 };
    struct error why, log_why;
    char **as_given = arena_alloc(&arena, ((size_t)argc + 1) * sizeof *as_given);
    int status = as_given ? fd_fill_standard(&why) : fail(&why, ENOMEM, "start");

    set_signals();
    /* Parsing moves the options to the front. */
    if (as_given)
        memcpy(as_given, argv, (size_t)argc * sizeof *as_given);
    if (status == 0)
        status = command_line_parse(&line, argc, argv, &arena, &why);
    if (status == 0 && puts_process_into_container(&line))
        status = sealed_self_enter(as_given, &why);
    if (status == 0)
        fd_fill_holes(3, line.preserve_fds);
    /* A wrong command line is reported where it says as far as it was understood. */
    if (options_open_log(&line, &log, &log_why) < 0 && status == 0) {
        why = log_why;
        status = -1;
    }
    if (status == 0)
        status = run_line(&runtime, &log, &line, &why);
    if (status < 0) {
        report(&log, &line, &why);
        status = line.command == COMMAND_NONE ? 1 : commands[line.command].failure;
    }
    arena_free(&arena);
    return status;
}
