// SPDX-License-Identifier: Apache-2.0
/* zind-oci ps: the processes of a container, as JSON or as the lines of ps(1) that are about them.
 */
#include "base/io.h"
#include "base/own.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/output.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { PS_OUTPUT_MAX = 64 << 20 };

struct pids {
    ssize_t n;
    pid_t *at;
};

/* Without cgroups only the first process is known to be the container's. */
static int find_pids(const struct snapshot *snapshot, struct pids *ret, struct error *why)
{
    if (snapshot->cgroup.path && snapshot->cgroup.path[0]) {
        ret->n = cgroup_processes(&snapshot->cgroup, &ret->at, why);
        return ret->n < 0 ? -1 : 0;
    }
    ret->n = snapshot->pid > 0;
    ret->at = malloc(sizeof *ret->at);
    if (!ret->at)
        return fail(why, ENOMEM, "list the processes");
    ret->at[0] = snapshot->pid;
    return 0;
}

static bool pids_have(const struct pids *pids, long pid)
{
    for (ssize_t i = 0; i < pids->n; i++)
        if (pids->at[i] == pid)
            return true;
    return false;
}

static int print_json(const struct pids *pids, struct error *why)
{
    if (pids->n == 0)
        return output_text("null\n", why);
    for (ssize_t i = 0; i < pids->n; i++)
        (void)printf("%s%d", i == 0 ? "[" : ",", (int)pids->at[i]);
    (void)puts("]");
    return output_flush(why);
}

/* The word number COLUMN of a line, as a number; -1 where there is none. */
static long number_at(const char *line, size_t column)
{
    line += strspn(line, " ");
    while (column-- > 0) {
        line += strcspn(line, " \n");
        line += strspn(line, " ");
    }
    return *line >= '0' && *line <= '9' ? strtol(line, NULL, 10) : -1;
}

/* Which word of the head line is PID. */
static int find_column(const char *line, size_t *ret)
{
    for (*ret = 0;; (*ret)++) {
        size_t length;

        line += strspn(line, " ");
        length = strcspn(line, " \n");
        if (length == 0)
            return -1;
        if (length == 3 && memcmp(line, "PID", 3) == 0)
            return 0;
        line += length;
    }
}

/* Programs choose their own names, and not every ps(1) hides what they do to a terminal. */
static int print_lines(char *text, const struct pids *pids, struct error *why)
{
    size_t column;

    if (find_column(text, &column) < 0) {
        (void)fail(why, 0, "ps prints no column PID");
        return fail_hint(why, "choose options of ps(1) with which it does, such as -ef");
    }
    for (char *line = text, *end = text + strlen(text); line < end;) {
        size_t length = strcspn(line, "\n");

        line[length] = 0;
        text_make_printable(line);
        if (line == text || pids_have(pids, number_at(line, column)))
            (void)puts(line);
        line += length + 1;
    }
    return output_flush(why);
}

/* Starts ps(1); its stdout is *RET_FD. */
static pid_t spawn_ps(char **arguments, int *ret_fd, struct error *why)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int ends[2], wrong;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe");
    wrong = posix_spawn_file_actions_init(&actions);
    if (wrong == 0) {
        wrong = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        if (wrong == 0)
            wrong = posix_spawnp(&pid, "ps", &actions, NULL, arguments, environ);
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    close_fd(&ends[1]);
    if (wrong) {
        close_fd(&ends[0]);
        return fail(why, wrong, "run ps");
    }
    *ret_fd = ends[0];
    return pid;
}

static char *read_ps(char **arguments, struct error *why)
{
    autoclose int output = -1;
    autofree char *text = NULL;
    size_t length;
    int status;
    pid_t pid = spawn_ps(arguments, &output, why);

    if (pid < 0)
        return NULL;
    text = io_read_fd(output, "the output of ps", PS_OUTPUT_MAX, &length, why);
    close_fd(&output);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (text && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
        (void)fail(why, 0, "ps failed");
        return NULL;
    }
    return take(text);
}

static int print_table(const struct command_line *line, const struct pids *pids, struct error *why)
{
    static char name[] = "ps", all[] = "-ef";
    char **arguments = arena_alloc(line->arena, ((size_t)line->n_args + 2) * sizeof *arguments);
    autofree char *text = NULL;

    if (!arguments)
        return fail(why, ENOMEM, "run ps");
    arguments[0] = name;
    arguments[1] = all;
    for (int i = 1; i < line->n_args; i++)
        arguments[i] = line->args[i];
    text = read_ps(arguments, why);
    return text ? print_lines(text, pids, why) : -1;
}

int command_ps(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    struct snapshot snapshot;
    struct pids pids = { 0, NULL };
    bool is_json;
    int result;

    if (options_read_format(line, &is_json, why) < 0 ||
        state_snapshot(runtime, line->args[0], &snapshot, line->arena, why) < 0 ||
        find_pids(&snapshot, &pids, why) < 0)
        return -1;
    result = is_json ? print_json(&pids, why) : print_table(line, &pids, why);
    free(pids.at);
    return result;
}
