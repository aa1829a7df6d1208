// SPDX-License-Identifier: Apache-2.0
/* What plan.def must hold for the walker, the undo and the documents to be right. */
#include "../tap.h"
#include "container/bundle.h"
#include "container/plan.h"

static const struct step *row(int id)
{
    return &plan[id];
}

static void every_row_has_a_name_and_a_reason(void)
{
    bool all = true;

    for (int id = 1; id < N_STEPS; id++)
        all &= row(id)->name && row(id)->reason && row(id)->reason[0] && row(id)->verbs;
    ok(all, "every row has a name, a verb and a reason");
}

static void waits_are_for_the_other_side(void)
{
    bool all = true;

    for (int id = 1; id < N_STEPS; id++)
        if (row(id)->waits_for && row(row(id)->waits_for)->side == row(id)->side) {
            printf("# %s waits for its own side\n", row(id)->name);
            all = false;
        }
    ok(all, "a row waits for a row of the other side only");
}

/* delete runs on the host: what INIT made goes with its namespaces. */
static void only_runtime_rows_have_an_undo(void)
{
    bool all = true;

    for (int id = 1; id < N_STEPS; id++)
        if (row(id)->undo != keep && row(id)->side != RUNTIME) {
            printf("# %s\n", row(id)->name);
            all = false;
        }
    ok(all, "only rows of RUNTIME have an undo");
}

static void the_record_comes_first(void)
{
    bool first = true;

    for (int id = 1; id < STEP_state_claim; id++)
        first &= row(id)->undo == keep;
    ok(first, "nothing is made before the record");
    ok(STEP_init_spawn > STEP_state_claim, "INIT is born after the record");
}

static void nothing_of_init_stands_before_its_birth(void)
{
    bool all = true;

    for (int id = 1; id <= STEP_init_spawn; id++)
        all &= row(id)->side == RUNTIME;
    ok(all, "no row of INIT stands before init_spawn");
}

/* What exec takes must not need what only create has. */
static void exec_waits_only_for_rows_of_exec(void)
{
    bool all = true;

    for (int id = 1; id < N_STEPS; id++) {
        enum step_id awaited = row(id)->waits_for;

        if (row(id)->verbs == VERB_EXEC && awaited && !(row(awaited)->verbs & VERB_EXEC)) {
            printf("# %s\n", row(id)->name);
            all = false;
        }
    }
    ok(all, "rows of exec alone wait for rows of exec");
}

static void the_order_that_security_rests_on(void)
{
    ok(STEP_fds_close < STEP_program_run, "fds are closed before the program");
    ok(STEP_capabilities_drop < STEP_program_run, "capabilities are dropped before the program");
    ok(STEP_seccomp_install_late < STEP_program_run, "the filter is there before the program");
    ok(STEP_root_pivot < STEP_user_become,
       "the host is out of reach before the user's code can matter");
    ok(STEP_root_pivot < STEP_program_find, "the program is looked for in the container");
    ok(STEP_masked_paths_cover < STEP_start_await, "masks are there before start");
    /* Seen: a mknod between "deny all" and "allow null" fell back to the host's node. */
    ok(plan[STEP_cgroups_limit].waits_for == STEP_devices_make,
       "device rules are written when the nodes are there");
    ok(STEP_init_release < STEP_state_save, "INIT unties itself before its creator can go");
}

static void an_empty_container_takes_only_what_always_is(void)
{
    struct arena arena = { 0 };
    struct runtime runtime = { .timings_fd = -1 };
    struct container c = container_empty(&runtime, &arena);
    struct oci_config spec = { .oci_version = "1.0.0" };

    c.verb = VERB_CREATE;
    c.spec = &spec;
    ok(plan_takes(&c, STEP_state_claim), "create claims its state");
    ok(!plan_takes(&c, STEP_exec_confirm), "and takes no row of exec");
    ok(!plan_takes(&c, STEP_hooks_run_prestart), "no hooks, no row of hooks");
    ok(!plan_takes(&c, STEP_sysctl_write), "no sysctl, no row of sysctl");
    c.verb = VERB_EXEC;
    ok(!plan_takes(&c, STEP_state_claim), "exec claims nothing");
    ok(plan_takes(&c, STEP_exec_confirm), "exec waits for its program");
    container_close(&c);
}

int main(void)
{
    every_row_has_a_name_and_a_reason();
    waits_are_for_the_other_side();
    only_runtime_rows_have_an_undo();
    the_record_comes_first();
    nothing_of_init_stands_before_its_birth();
    exec_waits_only_for_rows_of_exec();
    the_order_that_security_rests_on();
    an_empty_container_takes_only_what_always_is();
    return done_testing();
}
