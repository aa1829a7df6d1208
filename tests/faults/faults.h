// SPDX-License-Identifier: Apache-2.0
// The matrix of faults: what its cases are made of, and what the files of this program offer each
// other.
#ifndef FAULTS_H
#define FAULTS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum operation { CREATE = 1, RUN = 2, EXEC = 4, RESTORE = 8 };
enum fault { FAIL = 1, KILL_RUNTIME = 2, KILL_INIT = 4 };
enum verdict { UNKNOWN, OK, SKIPPED, FAILED };

enum { OUTPUT_MAX = 16384, TEXT_MAX = 4096, WORDS_MAX = 32 };

// A case of the matrix.
struct test {
    char name[128];
    enum operation operation;
    const char *row;           // NULL: nothing fails
    enum fault fault;          // of a hook's test: which side is killed
    const char *configuration; // NULL: the one that takes the row
    const char *hook;          // its kind, of a test that kills a side while it runs
    bool restores;             // criu has to get beyond restore_rebuild
};

// What a case says when it is over; in memory that its process shares with main.
struct result {
    bool is_over; // set by main
    enum verdict verdict;
    char text[TEXT_MAX + OUTPUT_MAX];
};

// What is the same for all cases.
struct setting {
    const char *runtime;
    char directory[PATH_MAX];
    const struct result *images; // how the images to restore were made
    pid_t pid;                   // of main: in the names of all containers
    unsigned chance;             // also in them: pid namespaces may share a host
    bool patient;                // an emulated machine
};

// A case at work, in a process of its own: it ends with the first claim that does not hold.
struct scene {
    const struct setting *setting;
    const struct test *test;
    struct result *result;
    int64_t deadline;
    bool is_over;
    char id[32]; // also what its processes and cgroups are found by
    char directory[PATH_MAX / 2];
    char bundle[PATH_MAX], root[PATH_MAX], pid_file[PATH_MAX], log[PATH_MAX];
    char console[PATH_MAX]; // "": no socket for a terminal
    char notify[PATH_MAX];
    char nic[16];
    const char *globals[WORDS_MAX];
    const char *failed; // the command that failed last, NULL: none
    int status;         // as a shell would have it
    bool was_killed;    // by a signal
    char output[OUTPUT_MAX];
};

// Where traces of a case are looked for.
struct traces {
    const char *token;
    const char *directory; // for mounts; without a slash at its end
    const char *root;      // of the runtime's state, or NULL
    bool has_children;     // the calling process adopts whatever a case leaves
};

// --- tests.c ---

// All cases in their order, *N of them.
struct test *tests_list(size_t *n);

// --- dispatch.c ---

// Plays N cases, JOBS at a time. Results has a place for what comes before them, at 0. False:
// something failed.
bool dispatch(const struct setting *setting, const struct test *tests, size_t n, size_t jobs,
              struct result *results);

// --- scene.c ---

// The process of a case: does it and leaves, with the verdict in RESULT.
_Noreturn void scene_play(const struct setting *setting, const struct test *test, size_t number,
                          struct result *result, void (*play)(struct scene *));
_Noreturn void scene_fail(struct scene *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void scene_skip(struct scene *s, const char *reason);
// NAME below the directory of the case.
const char *scene_path(const struct scene *s, char out[PATH_MAX], const char *name);
void scene_name(const struct setting *setting, size_t number, char out[32]);
// Polls until IS_TRUE: whether it came true, or else the case fails, with WHAT.
bool scene_poll(struct scene *s, bool (*is_true)(struct scene *));
void scene_await(struct scene *s, bool (*is_true)(struct scene *), const char *what);
int64_t now_ms(void);
int scene_seconds(const struct scene *s);

// --- configurations.c ---

enum variant { IDLE, BRIEF, NO_HOOKS, HOOK };

// Reads what configurations.jq wrote. False, having said why, when it cannot.
bool configurations_load(const char *path);
// The bundle of NAME; skips the case where this host cannot have it.
void configurations_make(struct scene *s, const char *name, enum variant variant);
// The name of the one that takes the row of the case; skips it where there is none.
const char *configurations_find(struct scene *s);

// --- runtime.c ---

// Runs the runtime to its end, which sets status, was_killed and output. The words end with NULL.
#define runtime_run(s, ...) runtime_call(s, (const char *const[]){ __VA_ARGS__, NULL })
void runtime_call(struct scene *s, const char *const words[]);
// The same in two parts; OUT and ERR are its standard output and error.
pid_t runtime_spawn(struct scene *s, const char *const words[], int out, int err);
void runtime_wait(struct scene *s, pid_t pid, const char *command);
// Any other program; its exit status, with what it said in OUT. -1: it could not be run.
int program_run(const char *const words[], char *out, size_t size);
// What is in a file, behind what is in s->output.
void output_add_file(struct scene *s, const char *path);
bool runtime_has_status(struct scene *s, const char *status);
bool is_running(struct scene *s);
bool is_stopped(struct scene *s);
// One process is in the container, no more.
bool is_alone(struct scene *s);

// --- create.c, exec.c, restore.c, hooks.c: how a case goes ---

void create_container(struct scene *s);
// Sets s->failed to the command that failed. FAULT is "ROW:FAULT", or NULL.
void create_and_start(struct scene *s, const char *fault);
void play_no_fault(struct scene *s);
void play_create(struct scene *s);
void play_run(struct scene *s);
void play_exec(struct scene *s);
void play_restore(struct scene *s);
void play_images(struct scene *s);
void play_hook(struct scene *s);
void fault_set(const struct scene *s, char out[128]);

// --- ends.c ---

// The command must have ended as it has to after this fault.
void ends_expect(struct scene *s);
void expect_text(struct scene *s, const char *text);
void expect_status(struct scene *s, int status);
// From any instant, twice in a row, and nothing is left.
void delete_leaves_nothing(struct scene *s);
void expect_no_pid_file(struct scene *s, const char *path);
void expect_nothing_left(struct scene *s, const char *whose);

// --- leaks.c ---

// Writes what is left to TO, PROCESSES among it or not; true: something is.
bool leaks_tell(const struct traces *traces, bool processes, FILE *to);
bool leaks_have_process(const struct traces *traces, const char *text);
// Whatever a failing runtime left must not disturb the next case.
void leaks_sweep(const struct traces *traces);

// --- processes.c ---

// Calls SEE with each process that is none of a zombie and has the token in its command line or
// cgroup, or is a child of ours, until it returns false.
void processes_find(const struct traces *traces, bool (*see)(pid_t, const char *words, void *),
                    void *data);
// The one child of PARENT that has WORD in its command line; 0: there is none, -1: several.
pid_t processes_find_child(pid_t parent, const char *word);
// Buries every child that has ended.
void processes_reap(void);

// --- cgroups.c ---

// Calls SEE with each cgroup of the host whose path has TOKEN in it, parents first.
void cgroups_find(const char *token, void (*see)(const char *path, void *), void *data);
void cgroups_sweep(const char *token);
bool host_is_cgroup2(void);

// --- terminal.c ---

// A console socket at PATH, whose receiver reads the terminal to its end. False: there is none.
bool terminal_receive(const char *path);

#endif
