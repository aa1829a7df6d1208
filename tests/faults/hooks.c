// SPDX-License-Identifier: Apache-2.0
// The cases in which a side is killed while a hook runs that would run for ever.
#include "faults.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool hook_runs(struct scene *s)
{
    const struct traces traces = { .token = s->id, .directory = s->directory };

    return leaks_have_process(&traces, "while :");
}

static bool no_hook_runs(struct scene *s)
{
    return !hook_runs(s);
}

static pid_t read_pid(struct scene *s)
{
    FILE *file = fopen(s->pid_file, "re");
    int pid = 0;

    if (!file || fscanf(file, "%d", &pid) != 1 || pid <= 1)
        scene_fail(s, "there is no pid in %s", s->pid_file);
    fclose(file);
    return pid;
}

// While it is created only its creator knows INIT.
static pid_t find_init(struct scene *s, pid_t runtime, bool starts)
{
    pid_t init = starts ? read_pid(s) : processes_find_child(runtime, "zind-oci");

    if (init <= 0)
        scene_fail(s, "INIT cannot be told from others");
    return init;
}

void play_hook(struct scene *s)
{
    const char *kind = s->test->hook;
    const bool starts = !strcmp(kind, "startContainer") || !strcmp(kind, "poststart");
    const bool kills_init = s->test->fault == KILL_INIT;
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    pid_t runtime;

    configurations_make(s, s->test->configuration, HOOK);
    if (starts) {
        create_container(s);
        expect_status(s, 0);
        runtime = runtime_spawn(s, (const char *const[]){ "start", s->id, NULL }, null, null);
    } else {
        runtime = runtime_spawn(
            s, (const char *const[]){ "create", "--bundle", s->bundle, s->id, NULL }, null, null);
    }
    scene_await(s, hook_runs, "the hook runs");
    kill(kills_init ? find_init(s, runtime, starts) : runtime, SIGKILL);
    runtime_wait(s, runtime, starts ? "start" : "create");
    if (s->status == 0)
        scene_fail(s, "%s did not fail", starts ? "start" : "create");
    // A hook ends with its runner, and until it is created INIT with its own.
    if (strcmp(kind, "startContainer") != 0 || kills_init)
        scene_await(s, no_hook_runs, "no hook runs any more");
    delete_leaves_nothing(s);
}
