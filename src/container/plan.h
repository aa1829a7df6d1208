// SPDX-License-Identifier: Apache-2.0
/* Walking plan.def: each side does its rows, tells the other one, undoes on failure. */
#pragma once

#include "sections/container.h"

enum step_id {
    STEP_NOTHING,
#define STEP(name, ...) STEP_##name,
#include "container/plan.def"
#undef STEP
    N_STEPS
};

enum on_failure { STOP, WARN };

struct step {
    const char *name;
    unsigned verbs; /* enum verb, or'ed */
    enum side side;
    enum step_id waits_for;
    enum on_failure on_failure;
    int (*run)(struct container *, struct error *);
    int (*undo)(struct container *, struct error *);
    bool (*when)(const struct container *);
    void (*explains)(const struct container *, struct explain *);
    const char *reason;
};

/* Indexed by enum step_id; row 0 is empty. */
extern const struct step plan[N_STEPS];

/* Whether this container takes this row at all. The same answer on both sides. */
bool plan_takes(const struct container *c, enum step_id id);

/* Walk on from c->step. In INIT it returns only on failure (which RUNTIME has been told). -1 with
   WHY: the rows done are still done; call plan_undo. */
int plan_walk(struct container *c, struct error *why);

/* Undo the rows before c->step, last first. All are tried; the first failure is reported. */
int plan_undo(struct container *c, struct error *why);

/* What `delete` does: the undo of every row of VERB_CREATE, from the saved state alone. The state
   folder goes only when all before it is gone. */
int plan_undo_all(struct container *c, struct error *why);
