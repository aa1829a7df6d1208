// SPDX-License-Identifier: Apache-2.0
// Plays cases, so many at a time, each in a process, and prints TAP in their order.
#include "faults.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// A case limits itself; one that does not get to it is ended from outside.
enum { CASE_LIMIT_MS = 240000, JOBS_MAX = 256, POLL_MS = 1000 };

struct job {
    pid_t pid;
    size_t number;
    int64_t began;
};

struct work {
    const struct setting *setting;
    const struct test *tests; // number N is at N - 1
    struct result *results;
    size_t n, next, printed;
    struct job jobs[JOBS_MAX];
    size_t n_jobs, jobs_max;
    size_t failed;
};

// --- the end of a case ---

static struct traces traces_of(const struct work *work, char token[32])
{
    return (struct traces){ .token = token, .directory = work->setting->directory };
}

// What the names of all cases begin with: those without their numbers.
static void name_all(const struct work *work, char token[32])
{
    scene_name(work->setting, 0, token);
    strrchr(token, '-')[1] = '\0';
}

static void print(const struct test *test, size_t number, const struct result *result)
{
    const char *text = result->text;

    printf("%sok %zu %s", result->verdict == FAILED ? "not " : "", number, test->name);
    if (result->verdict == SKIPPED)
        printf(" # skip %s", text);
    puts("");
    if (result->verdict == FAILED)
        for (size_t length; *text; text += length + (text[length] == '\n')) {
            length = strcspn(text, "\n");
            printf("# %.*s\n", (int)length, text);
        }
}

static void print_results(struct work *work)
{
    while (work->printed < work->n && work->results[work->printed + 1].is_over) {
        const struct result *result = &work->results[++work->printed];

        print(&work->tests[work->printed - 1], work->printed, result);
        work->failed += result->verdict == FAILED;
    }
    fflush(stdout);
}

static bool kill_adopted(pid_t pid, const char *words, void *data)
{
    const struct work *work = data;

    (void)words;
    for (size_t i = 0; i < work->n_jobs; i++)
        if (work->jobs[i].pid == pid)
            return true;
    (void)kill(pid, SIGKILL);
    return true;
}

// Of a case that died what it started has become ours.
static void note_death(struct work *work, size_t number, int status)
{
    struct result *result = &work->results[number];
    char token[32];
    struct traces traces = traces_of(work, token);

    scene_name(work->setting, number, token);
    traces.has_children = true;
    for (int i = 0; i < 10; i++) {
        processes_find(&traces, kill_adopted, work);
        usleep(10000);
    }
    cgroups_sweep(token);
    if (result->verdict != FAILED)
        snprintf(result->text, sizeof(result->text),
                 "the process of the case ended with status %#x", (unsigned)status);
    result->verdict = FAILED;
}

static void note_end(struct work *work, pid_t pid, int status)
{
    for (size_t i = 0; i < work->n_jobs; i++) {
        const size_t number = work->jobs[i].number;

        if (work->jobs[i].pid != pid)
            continue;
        work->jobs[i] = work->jobs[--work->n_jobs];
        if (work->results[number].verdict == UNKNOWN || WIFSIGNALED(status))
            note_death(work, number, status);
        work->results[number].is_over = true;
        return;
    }
}

// --- running them ---

static void (*player_of(const struct test *test))(struct scene *)
{
    if (test->hook)
        return play_hook;
    switch (test->operation) {
    case CREATE:
        return play_create;
    case RUN:
        return play_run;
    case EXEC:
        return play_exec;
    case RESTORE:
        return play_restore;
    }
    return play_no_fault;
}

// NUMBER 0 is what comes before the cases.
static void start(struct work *work, size_t number)
{
    static const struct test none;
    const struct test *test = number ? &work->tests[number - 1] : &none;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid < 0) {
        perror("fork");
        exit(EXIT_FAILURE);
    }
    if (pid == 0)
        scene_play(work->setting, test, number, &work->results[number],
                   number ? player_of(test) : play_images);
    work->jobs[work->n_jobs++] = (struct job){ pid, number, now_ms() };
}

static void end_the_late(struct work *work)
{
    const int64_t limit = CASE_LIMIT_MS * (work->setting->patient ? 10L : 1L);

    for (size_t i = 0; i < work->n_jobs; i++)
        if (now_ms() - work->jobs[i].began > limit)
            kill(work->jobs[i].pid, SIGKILL);
}

// Asked to end, with all that is at work.
static _Noreturn void leave(struct work *work, int signal)
{
    char token[32];
    struct traces traces = traces_of(work, token);

    traces.has_children = true;
    for (size_t i = 0; i < work->n_jobs; i++)
        kill(work->jobs[i].pid, SIGKILL);
    name_all(work, token);
    leaks_sweep(&traces);
    _exit(128 + signal);
}

static void wait_for_one(struct work *work)
{
    const size_t before = work->n_jobs;
    sigset_t signals;
    int status, signal;
    pid_t pid;

    sigemptyset(&signals);
    for (const int *at = (const int[]){ SIGCHLD, SIGTERM, SIGINT, SIGHUP, 0 }; *at; at++)
        sigaddset(&signals, *at);
    for (;;) {
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
            note_end(work, pid, status);
        if (work->n_jobs < before)
            return;
        end_the_late(work);
        signal = sigtimedwait(&signals, NULL, &(struct timespec){ POLL_MS / 1000, 0 });
        if (signal > 0 && signal != SIGCHLD)
            leave(work, signal);
    }
}

static void play_all(struct work *work)
{
    printf("1..%zu\n", work->n + 1);
    for (size_t i = 0; i < work->n; i++)
        if (work->tests[i].restores) {
            start(work, 0);
            wait_for_one(work);
            break;
        }
    while (work->next < work->n || work->n_jobs > 0) {
        if (work->next < work->n && work->n_jobs < work->jobs_max)
            start(work, ++work->next);
        else
            wait_for_one(work);
        print_results(work);
    }
}

// What came late, or lies where no case looks: mounts on the root file systems that all share.
static void expect_nothing_left_of_all(struct work *work)
{
    static const struct test test = { .name = "after all cases nothing is left" };
    static struct result result = { .verdict = OK };
    char token[32];
    struct traces traces = traces_of(work, token);
    FILE *to = fmemopen(result.text, sizeof(result.text), "w");

    name_all(work, token);
    traces.has_children = true;
    processes_reap();
    if (leaks_tell(&traces, true, to)) {
        result.verdict = FAILED;
        leaks_sweep(&traces);
    }
    fclose(to);
    print(&test, work->n + 1, &result);
    work->failed += result.verdict == FAILED;
}

bool dispatch(const struct setting *setting, const struct test *tests, size_t n, size_t jobs,
              struct result *results)
{
    static struct work work;

    work = (struct work){ .setting = setting, .tests = tests, .results = results, .n = n };
    work.jobs_max = jobs < JOBS_MAX ? jobs : JOBS_MAX;
    play_all(&work);
    expect_nothing_left_of_all(&work);
    return work.failed == 0;
}
