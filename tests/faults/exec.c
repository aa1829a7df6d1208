// SPDX-License-Identifier: Apache-2.0
// The cases of exec: one that failed leaves the container as it was.
#include "faults.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void offer_console(struct scene *s, const char *words[], size_t *n)
{
    scene_path(s, s->console, "console");
    if (!terminal_receive(s->console))
        scene_fail(s, "no console socket: %m");
    words[(*n)++] = "--tty";
    words[(*n)++] = "--console-socket";
    words[(*n)++] = s->console;
}

static void exec_with_fault(struct scene *s)
{
    char fault[128], pid_file[PATH_MAX];
    const char *words[WORDS_MAX] = { "exec", "--pid-file", scene_path(s, pid_file, "exec.pid") };
    // RUNTIME kills INIT after it has become the program: then that must not have ended.
    const bool lasts = s->test->fault == KILL_INIT;
    size_t n = 3;

    if (!strncmp(s->test->row, "terminal_", strlen("terminal_")))
        offer_console(s, words, &n);
    if (!strcmp(s->test->row, "seccomp_install_late"))
        words[n++] = "--no-new-privs";
    words[n++] = s->id;
    words[n++] = lasts ? "/bin/sleep" : "/bin/probe";
    words[n++] = lasts ? "60" : "true";
    fault_set(s, fault);
    setenv("ZIND_FAULT", fault, 1);
    runtime_call(s, words);
    unsetenv("ZIND_FAULT");
    s->failed = s->status == 0 ? NULL : "exec";
    ends_expect(s);
    // With 137 it was the program that was killed.
    if (s->failed && s->status != 137)
        expect_no_pid_file(s, pid_file);
}

void play_exec(struct scene *s)
{
    configurations_make(s, configurations_find(s), IDLE);
    create_and_start(s, NULL);
    if (s->failed)
        scene_fail(s, "%s failed", s->failed);
    exec_with_fault(s);
    scene_await(s, is_alone, "the first process is the only one");
    if (!is_running(s))
        scene_fail(s, "the container does not run any more");
    delete_leaves_nothing(s);
}
