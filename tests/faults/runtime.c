// SPDX-License-Identifier: Apache-2.0
// Runs the runtime under test, and asks it how a container is.
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

// --- any program ---

// With the signals of a program that a shell starts, and no input.
static int spawn(pid_t *pid, const char *const words[], int out, int err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    int error;

    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
    error = posix_spawnp(pid, words[0], &files, &attributes, (char **)words, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return error;
}

// What is in a pipe now: whoever still has its other end may say more.
static void drain(int fd, char *out, size_t size)
{
    size_t length = 0;
    ssize_t got;

    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (length + 1 < size && (got = read(fd, out + length, size - 1 - length)) > 0)
        length += (size_t)got;
    out[length] = '\0';
}

int program_run(const char *const words[], char *out, size_t size)
{
    int ends[2], status = -1;
    pid_t pid;

    *out = '\0';
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    if (spawn(&pid, words, ends[1], ends[1]) != 0 || waitpid(pid, &status, 0) < 0)
        status = -1;
    drain(ends[0], out, size);
    close(ends[0]);
    close(ends[1]);
    return status == -1 ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// --- the runtime ---

pid_t runtime_spawn(struct scene *s, const char *const words[], int out, int err)
{
    const char *line[2 * WORDS_MAX] = { s->setting->runtime, "--root", s->root };
    size_t n = 3;
    pid_t pid;
    int error;

    for (size_t i = 0; s->globals[i]; i++)
        line[n++] = s->globals[i];
    for (size_t i = 0; words[i] && n + 1 < COUNT(line); i++)
        line[n++] = words[i];
    // With it start would wait until the program says that it is ready.
    if (!strcmp(words[0], "start"))
        unsetenv("NOTIFY_SOCKET");
    else
        setenv("NOTIFY_SOCKET", s->notify, 1);
    error = spawn(&pid, line, out, err);
    if (error)
        scene_fail(s, "%s: %s", s->setting->runtime, strerror(error));
    return pid;
}

// Orphans that end meanwhile are buried, as the first process of a host does. False: it did not
// end.
static bool await(const struct scene *s, pid_t pid, int *status)
{
    const int64_t end = now_ms() + scene_seconds(s) * 1000L;
    sigset_t child;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    for (;;) {
        int64_t left;
        pid_t ended;

        while ((ended = waitpid(-1, status, WNOHANG)) > 0)
            if (ended == pid)
                return true;
        left = (end < s->deadline ? end : s->deadline) - now_ms();
        if (ended < 0 || left <= 0)
            return false;
        sigtimedwait(&child, NULL, &(struct timespec){ left / 1000, left % 1000 * 1000000L });
    }
}

// A side that waits for one that is dead must notice; nothing here takes seconds.
void runtime_wait(struct scene *s, pid_t pid, const char *command)
{
    int status;

    if (!await(s, pid, &status)) {
        kill(pid, SIGKILL);
        s->status = 124;
        if (!s->is_over)
            scene_fail(s, "%s did not end", command);
        return;
    }
    s->was_killed = WIFSIGNALED(status);
    s->status = s->was_killed ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void runtime_call(struct scene *s, const char *const words[])
{
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        scene_fail(s, "pipe: %m");
    pid = runtime_spawn(s, words, ends[1], ends[1]);
    close(ends[1]);
    runtime_wait(s, pid, words[0]);
    drain(ends[0], s->output, sizeof(s->output));
    close(ends[0]);
}

void output_add_file(struct scene *s, const char *path)
{
    size_t length = strlen(s->output);
    FILE *file = fopen(path, "re");

    if (!file)
        return;
    length += fread(s->output + length, 1, sizeof(s->output) - 1 - length, file);
    s->output[length] = '\0';
    fclose(file);
}

// --- how a container is ---

bool runtime_has_status(struct scene *s, const char *status)
{
    const char *at;

    runtime_run(s, "state", s->id);
    at = strstr(s->output, "\"status\":");
    if (s->status != 0 || !at)
        return false;
    at += strlen("\"status\":");
    at += strspn(at, " \"");
    return !strncmp(at, status, strlen(status)) && at[strlen(status)] == '"';
}

bool is_running(struct scene *s)
{
    return runtime_has_status(s, "running");
}

bool is_stopped(struct scene *s)
{
    return runtime_has_status(s, "stopped");
}

// An array of one number.
bool is_alone(struct scene *s)
{
    size_t length;

    runtime_run(s, "ps", "--format", "json", s->id);
    length = strcspn(s->output, "\n");
    return s->status == 0 && s->output[0] == '[' && strspn(s->output + 1, "0123456789") > 0 &&
           strspn(s->output + 1, "0123456789") == length - 2;
}
