// SPDX-License-Identifier: Apache-2.0
// The list of cases: {create, run, exec, restore} x each row of plan.def x each fault, hooks, no
// fault at all.
#include "faults.h"

#include <stdlib.h>
#include <string.h>

// The words of plan.def that matter here.
enum { VERB_CREATE = CREATE | RUN, VERB_EXEC = EXEC, VERB_RESTORE = RESTORE };

static const struct row {
    const char *name;
    unsigned operations;
    const char *side;
} rows[] = {
#define STEP(name, verbs, side, ...) { #name, verbs, #side },
#include PLAN
#undef STEP
};

_Static_assert(COUNT(rows) > 10, "plan.def has rows");

static const struct {
    enum fault fault;
    const char *name;
} faults[] = { { FAIL, "fail" }, { KILL_RUNTIME, "kill-runtime" }, { KILL_INIT, "kill-init" } };

static const struct {
    enum operation operation;
    const char *name;
} operations[] = { { CREATE, "create" }, { RUN, "run" }, { EXEC, "exec" }, { RESTORE, "restore" } };

static const char *const faultless[] = { "plain",   "time", "mapped", "terminal",
                                         "devices", "rdt",  "notify" };

static const struct {
    const char *kind;
    enum fault kills;
    const char *configuration;
} hooks[] = {
    { "prestart", KILL_RUNTIME, "plain" },        { "createRuntime", KILL_RUNTIME, "plain" },
    { "createContainer", KILL_RUNTIME, "plain" }, { "createContainer", KILL_RUNTIME, "mapped" },
    { "createContainer", KILL_INIT, "plain" },    { "startContainer", KILL_RUNTIME, "plain" },
    { "startContainer", KILL_INIT, "plain" },     { "poststart", KILL_RUNTIME, "plain" },
};

struct list {
    size_t n;
    struct test *at;
};

static struct test *add(struct list *list, struct test test)
{
    list->at[list->n] = test;
    return &list->at[list->n++];
}

static void add_faultless(struct list *list)
{
    for (size_t i = 0; i < COUNT(faultless); i++) {
        struct test *test = add(list, (struct test){ .configuration = faultless[i] });

        snprintf(test->name, sizeof(test->name), "%s is created and started when nothing fails",
                 faultless[i]);
    }
}

// Up to init_spawn there is no INIT to kill; those that criu restores are beyond reach. From behind
// restore_rebuild on it takes a kernel that criu knows.
static void add_row(struct list *list, const struct row *row, bool spawned, bool restored)
{
    for (size_t f = 0; f < COUNT(faults); f++)
        for (size_t o = 0; o < COUNT(operations); o++) {
            enum operation operation = operations[o].operation;
            struct test *test;

            if (!(row->operations & operation) ||
                (faults[f].fault == KILL_INIT && (!spawned || operation == RESTORE)))
                continue;
            test = add(list, (struct test){ .operation = operation,
                                            .row = row->name,
                                            .fault = faults[f].fault,
                                            .restores = restored && operation == RESTORE });
            snprintf(test->name, sizeof(test->name), "%s: %s (%s) %s", operations[o].name,
                     row->name, row->side, faults[f].name);
        }
}

static void add_hooks(struct list *list)
{
    for (size_t i = 0; i < COUNT(hooks); i++) {
        struct test *test = add(list, (struct test){ .fault = hooks[i].kills,
                                                     .configuration = hooks[i].configuration,
                                                     .hook = hooks[i].kind });

        snprintf(test->name, sizeof(test->name), "%s is killed while the %s hook runs (%s)",
                 hooks[i].kills == KILL_INIT ? "init" : "runtime", hooks[i].kind,
                 hooks[i].configuration);
    }
}

struct test *tests_list(size_t *n)
{
    const size_t most =
        COUNT(faultless) + COUNT(rows) * COUNT(faults) * COUNT(operations) + COUNT(hooks);
    struct list list = { 0, calloc(most, sizeof(struct test)) };
    bool spawned = false, restored = false;

    if (!list.at)
        abort();
    add_faultless(&list);
    for (size_t i = 0; i < COUNT(rows); i++) {
        add_row(&list, &rows[i], spawned, restored);
        spawned |= !strcmp(rows[i].name, "init_spawn");
        restored |= !strcmp(rows[i].name, "restore_rebuild");
    }
    add_hooks(&list);
    *n = list.n;
    return list.at;
}

void fault_set(const struct scene *s, char out[128])
{
    for (size_t i = 0; i < COUNT(faults); i++)
        if (faults[i].fault == s->test->fault)
            snprintf(out, 128, "%s:%s", s->test->row, faults[i].name);
}
