// SPDX-License-Identifier: Apache-2.0
// The cases of create and start, and of run.
#include "faults.h"

#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What is created outlives it: its output goes to files, as the runtime's own.
void create_container(struct scene *s)
{
    char out[PATH_MAX], err[PATH_MAX];
    const char *words[WORDS_MAX] = { "--log",   s->log,       "create",   "--bundle",
                                     s->bundle, "--pid-file", s->pid_file };
    size_t n = 7;
    pid_t pid;
    int out_fd = open(scene_path(s, out, "output"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int err_fd = open(scene_path(s, err, "errors"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (out_fd < 0 || err_fd < 0)
        scene_fail(s, "%s: %m", out);
    if (*s->console) {
        words[n++] = "--console-socket";
        words[n++] = s->console;
    }
    words[n] = s->id;
    pid = runtime_spawn(s, words, out_fd, err_fd);
    close(out_fd);
    close(err_fd);
    runtime_wait(s, pid, "create");
    s->output[0] = '\0';
    output_add_file(s, err);
    output_add_file(s, s->log);
}

static bool ends_waiting(const struct scene *s)
{
    return s->test->row && !strcmp(s->test->row, "start_await") && s->test->fault != KILL_RUNTIME;
}

void create_and_start(struct scene *s, const char *fault)
{
    char errors[PATH_MAX];

    if (fault)
        setenv("ZIND_FAULT", fault, 1);
    create_container(s);
    s->failed = s->status == 0 ? NULL : "create";
    // Without this, start could still meet the INIT that is about to fail.
    if (fault && ends_waiting(s))
        scene_await(s, is_stopped, "the container has stopped");
    if (!s->failed) {
        runtime_run(s, "start", s->id);
        s->failed = s->status == 0 ? NULL : "start";
        output_add_file(s, scene_path(s, errors, "errors"));
        output_add_file(s, s->log);
    }
    unsetenv("ZIND_FAULT");
}

void play_no_fault(struct scene *s)
{
    configurations_make(s, s->test->configuration, IDLE);
    create_and_start(s, NULL);
    if (s->failed)
        scene_fail(s, "%s failed", s->failed);
    if (!is_running(s))
        scene_fail(s, "the container does not run");
    delete_leaves_nothing(s);
}

void play_create(struct scene *s)
{
    char fault[128];

    configurations_make(s, configurations_find(s), IDLE);
    fault_set(s, fault);
    create_and_start(s, fault);
    ends_expect(s);
    // runtime.md, "Errors": a failed create leaves the host as if it had not been tried; only a
    // killed RUNTIME leaves that to delete.
    if (s->failed && !strcmp(s->failed, "create") && s->test->fault != KILL_RUNTIME) {
        expect_nothing_left(s, "a failed create");
        expect_no_pid_file(s, s->pid_file);
        if (*s->nic && s->test->fault == FAIL && if_nametoindex(s->nic) == 0)
            scene_fail(s, "a failed create did not give the network device back");
    }
    delete_leaves_nothing(s);
}

// RUNTIME stays, so that it cleans up after the start as well.
void play_run(struct scene *s)
{
    char fault[128];

    configurations_make(s, configurations_find(s), BRIEF);
    fault_set(s, fault);
    setenv("ZIND_FAULT", fault, 1);
    if (*s->console)
        runtime_run(s, "run", "--bundle", s->bundle, "--pid-file", s->pid_file, "--console-socket",
                    s->console, s->id);
    else
        runtime_run(s, "run", "--bundle", s->bundle, "--pid-file", s->pid_file, s->id);
    unsetenv("ZIND_FAULT");
    s->failed = s->status == 0 ? NULL : "run";
    ends_expect(s);
    if (s->test->fault != KILL_RUNTIME)
        expect_nothing_left(s, "run");
    // With 137 it was the program that was killed, and a run that has ended leaves the file.
    if (s->failed && s->status != 137 && s->test->fault != KILL_RUNTIME)
        expect_no_pid_file(s, s->pid_file);
    delete_leaves_nothing(s);
}
