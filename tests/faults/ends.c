// SPDX-License-Identifier: Apache-2.0
// How a command must end after each fault, and what must be true of every case.
#include "faults.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum end {
    WARNS,          // goes well, with a warning that names the row
    NAMES_ROW,      // fails, with an error that names the row
    FAILS,          // fails
    FAILS_ITSELF,   // fails, and nobody killed it
    IS_KILLED,      // is who was killed
    REFUSES_START,  // create went well, start finds the container stopped
    CAN_BE_STARTED, // was recorded as created
    PROGRAM_ENDS    // goes well, and the container has stopped
};

enum { STARTED = CREATE | RUN | EXEC, ANY_OPERATION = STARTED | RESTORE };

// The first that matches is it. runtime.md, "Errors": a failed command says what failed.
static const struct expectation {
    unsigned operations;
    const char *row; // NULL: any
    unsigned faults;
    enum end end;
} expectations[] = {
    { STARTED, "keyring_join", FAIL, WARNS },
    { CREATE, "start_await", FAIL | KILL_INIT, REFUSES_START },
    { CREATE, "start_await", KILL_RUNTIME, CAN_BE_STARTED },
    // Nobody listens between create and start.
    { RUN, "start_await", FAIL, FAILS },
    { ANY_OPERATION, NULL, FAIL, NAMES_ROW },
    { ANY_OPERATION, NULL, KILL_RUNTIME, IS_KILLED },
    // After its last word INIT's death looks like that of a program which ends at once.
    { CREATE, "signals_reset", KILL_INIT, PROGRAM_ENDS },
    { CREATE, "seccomp_install", KILL_INIT, PROGRAM_ENDS },
    { CREATE, "capabilities_drop", KILL_INIT, PROGRAM_ENDS },
    { CREATE, "seccomp_install_late", KILL_INIT, PROGRAM_ENDS },
    { CREATE, "program_run", KILL_INIT, PROGRAM_ENDS },
    { CREATE, NULL, KILL_INIT, FAILS_ITSELF },
    { RUN | EXEC, NULL, KILL_INIT, FAILS },
};

void expect_status(struct scene *s, int status)
{
    if (s->status != status)
        scene_fail(s, "status %d was expected", status);
}

void expect_text(struct scene *s, const char *text)
{
    if (s->status == 0)
        scene_fail(s, "an error was expected");
    if (!strstr(s->output, text))
        scene_fail(s, "the error does not say: %s", text);
}

static void expect_warning(struct scene *s)
{
    const char *warning = strstr(s->output, "warning");

    if (s->failed)
        scene_fail(s, "%s failed", s->failed);
    if (!warning || !strstr(warning, s->test->row))
        scene_fail(s, "there is no warning that names the row");
}

static void expect_effect(struct scene *s)
{
    if (!s->failed)
        scene_fail(s, "the fault had no effect");
}

static void expect_start_refused(struct scene *s)
{
    if (!s->failed || strcmp(s->failed, "start") != 0)
        scene_fail(s, "start did not fail");
    expect_text(s, "is stopped, not created");
}

// Whether create had ended or not.
static void expect_startable(struct scene *s)
{
    if (s->failed && !strcmp(s->failed, "create")) {
        runtime_run(s, "start", s->id);
        if (s->status != 0)
            scene_fail(s, "start failed");
    }
    scene_await(s, is_running, "the container runs");
}

static void expect(struct scene *s, enum end end)
{
    switch (end) {
    case WARNS:
        expect_warning(s);
        break;
    case NAMES_ROW:
        expect_effect(s);
        expect_text(s, s->test->row);
        break;
    case FAILS_ITSELF:
        expect_effect(s);
        if (s->status == 137)
            scene_fail(s, "%s was killed", s->failed);
        break;
    case FAILS:
        expect_effect(s);
        break;
    case IS_KILLED:
        if (!s->was_killed)
            scene_fail(s, "it was not killed");
        expect_status(s, 137);
        break;
    case REFUSES_START:
        expect_start_refused(s);
        break;
    case CAN_BE_STARTED:
        expect_startable(s);
        break;
    case PROGRAM_ENDS:
        if (s->failed)
            scene_fail(s, "%s failed", s->failed);
        scene_await(s, is_stopped, "the container has stopped");
        break;
    }
}

void ends_expect(struct scene *s)
{
    for (size_t i = 0; i < COUNT(expectations); i++) {
        const struct expectation *e = &expectations[i];

        if ((e->operations & s->test->operation) && (e->faults & s->test->fault) &&
            (!e->row || !strcmp(e->row, s->test->row))) {
            expect(s, e->end);
            return;
        }
    }
    scene_fail(s, "nothing is expected of this case");
}

// --- what is left ---

static struct traces traces_of(const struct scene *s)
{
    return (struct traces){
        .token = s->id, .directory = s->directory, .root = s->root, .has_children = true
    };
}

static bool no_process_left(struct scene *s)
{
    const struct traces traces = traces_of(s);

    return !leaks_have_process(&traces, "");
}

// The killer of a fault ends a moment after the last side; all else is gone with the command.
void expect_nothing_left(struct scene *s, const char *whose)
{
    const struct traces traces = traces_of(s);
    char *text = NULL;
    size_t size;
    FILE *to;
    bool leaks, runs = !scene_poll(s, no_process_left);

    to = open_memstream(&text, &size);
    leaks = leaks_tell(&traces, runs, to);
    fclose(to);
    if (leaks)
        scene_fail(s, "%s left something behind\n%s", whose, text);
    free(text);
}

void expect_no_pid_file(struct scene *s, const char *path)
{
    if (access(path, F_OK) == 0)
        scene_fail(s, "a failed %s left its pid file", s->failed);
}

void delete_leaves_nothing(struct scene *s)
{
    unsetenv("ZIND_FAULT");
    runtime_run(s, "delete", "--force", s->id);
    if (s->status != 0)
        scene_fail(s, "delete --force failed");
    runtime_run(s, "delete", "--force", s->id);
    if (s->status != 0)
        scene_fail(s, "a second delete --force failed");
    expect_nothing_left(s, "delete --force");
}
