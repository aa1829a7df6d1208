// SPDX-License-Identifier: Apache-2.0
// A case at work: its process, its places, its end.
#include "faults.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CASE_SECONDS = 120, CLEAN_UP_SECONDS = 20 };

int64_t now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000L + time.tv_nsec / 1000000;
}

// What a command or a wait may take.
int scene_seconds(const struct scene *s)
{
    return s->setting->patient ? 300 : 30;
}

void scene_name(const struct setting *setting, size_t number, char out[32])
{
    // All are of one length, so that none is another's beginning.
    snprintf(out, 32, "zt%d-%04x-%05zu", (int)setting->pid, setting->chance & 0xffff, number);
}

const char *scene_path(const struct scene *s, char out[PATH_MAX], const char *name)
{
    snprintf(out, PATH_MAX, "%.2000s/%.64s", s->directory, name);
    return out;
}

// --- its end ---

static void clean_up(struct scene *s)
{
    const struct traces traces = {
        .token = s->id, .directory = s->directory, .root = s->root, .has_children = true
    };

    s->deadline = now_ms() + CLEAN_UP_SECONDS * (s->setting->patient ? 10000L : 1000L);
    unsetenv("ZIND_FAULT");
    runtime_run(s, "delete", "--force", s->id);
    leaks_sweep(&traces);
}

// Says it with what the last command gave.
void scene_fail(struct scene *s, const char *format, ...)
{
    va_list arguments;
    int length;

    // While a case that failed cleans up, nothing else matters.
    if (s->is_over)
        _exit(EXIT_FAILURE);
    s->is_over = true;
    va_start(arguments, format);
    length = vsnprintf(s->result->text, TEXT_MAX, format, arguments);
    va_end(arguments);
    length = length < TEXT_MAX ? length : TEXT_MAX - 1;
    snprintf(s->result->text + length, sizeof(s->result->text) - (size_t)length,
             "\nstatus: %d\noutput:\n%s", s->status, s->output);
    s->result->verdict = FAILED;
    clean_up(s);
    _exit(EXIT_FAILURE);
}

void scene_skip(struct scene *s, const char *reason)
{
    snprintf(s->result->text, sizeof(s->result->text), "%s", reason);
    s->result->verdict = SKIPPED;
    _exit(EXIT_SUCCESS);
}

// --- its beginning ---

static void read_globals(struct scene *s)
{
    const char *globals = getenv("ZIND_GLOBALS");
    char *rest = strdup(globals ? globals : ""), *word;
    size_t n = 0;

    while (n + 1 < WORDS_MAX && (word = strsep(&rest, " ")))
        if (*word)
            s->globals[n++] = word;
}

void scene_play(const struct setting *setting, const struct test *test, size_t number,
                struct result *result, void (*play)(struct scene *))
{
    static struct scene scene;
    struct scene *s = &scene;

    *s = (struct scene){ .setting = setting, .test = test, .result = result };
    s->deadline = now_ms() + CASE_SECONDS * (setting->patient ? 10000L : 1000L);
    scene_name(setting, number, s->id);
    // Should main be killed, we go with it; whatever the runtime leaves becomes our child.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (getppid() != setting->pid)
        _exit(EXIT_FAILURE);
    snprintf(s->directory, sizeof(s->directory), "%.2000s/%05zu", setting->directory, number);
    scene_path(s, s->bundle, "bundle");
    scene_path(s, s->root, "root");
    scene_path(s, s->pid_file, "pid");
    scene_path(s, s->log, "log");
    read_globals(s);
    if (geteuid() != 0)
        scene_skip(s, "needs root");
    if (mkdir(s->directory, 0755) < 0)
        scene_fail(s, "mkdir %s: %m", s->directory);
    play(s);
    result->verdict = OK;
    _exit(EXIT_SUCCESS);
}

// --- its waits ---

bool scene_poll(struct scene *s, bool (*is_true)(struct scene *))
{
    const int64_t end = now_ms() + scene_seconds(s) * 1000L;
    long pause = 1;

    while (!is_true(s)) {
        if (now_ms() > end || now_ms() > s->deadline)
            return false;
        nanosleep(&(struct timespec){ 0, pause * 1000000L }, NULL);
        pause = pause < 16 ? pause * 2 : 16;
        processes_reap();
    }
    return true;
}

void scene_await(struct scene *s, bool (*is_true)(struct scene *), const char *what)
{
    if (!scene_poll(s, is_true))
        scene_fail(s, "did not come true: %s", what);
}
