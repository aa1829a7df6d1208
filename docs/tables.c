// SPDX-License-Identifier: Apache-2.0
/* Prints the documents that the tables of the source hold: `tables plan`, `tables errors`, and, for
 * docs/spec-map, `tables properties`. */
#include "container/plan.h"
#include "container/survey.h"

#include <stdio.h>
#include <string.h>

static const char *verbs_of(const struct step *step)
{
    return step->verbs == (VERB_CREATE | VERB_EXEC) ? "create, exec"
           : step->verbs == VERB_EXEC               ? "exec"
                                                    : "create";
}

static void print_plan(void)
{
    printf("# The plan\n\n"
           "Generated from src/container/plan.def by `make docs`; do not edit.\n\n"
           "All that happens between `create` (or `exec`) and the program's first instruction, in "
           "order. RUNTIME is\n"
           "the process on the host, INIT the one in the container; a row that waits for one of "
           "the other side's starts\n"
           "when that one is done. On failure the rows done so far are undone, last first; "
           "`delete` undoes create's.\n\n"
           "| # | step | side | for | waits for | if it fails | why here |\n"
           "|---|---|---|---|---|---|---|\n");
    for (int id = 1; id < N_STEPS; id++) {
        const struct step *step = &plan[id];

        printf("| %d | %s | %s | %s | %s | %s | %s |\n", id, step->name,
               step->side == INIT ? "INIT" : "RUNTIME", verbs_of(step),
               step->waits_for ? plan[step->waits_for].name : "",
               step->on_failure == WARN ? "warn" : "stop", step->reason);
    }
}

static void print_errors(void)
{
    printf(
        "# Errors\n\n"
        "Generated from src/base/errors.def by `make docs`; do not edit.\n\n"
        "A command that fails prints one line, and at most one line that begins with `hint:`, "
        "and exits 1 (`exec`: 255, `validate`: 2).\n\n"
        "    zind-oci: create web: mounts[4]: mount cgroup2 on /sys/fs/cgroup: Permission "
        "denied (config.json:61:5; mounts_attach)\n\n"
        "In this order: the command and the container, where in config.json, what could not be "
        "done, the kernel's reason,\n"
        "line and column, and the row of [the plan](plan.md). With `--log-format json` the line "
        "is an object with `level`,\n"
        "`msg`, `time` and `code`; as text the code is there with `--debug` only, in brackets at "
        "the end.\n\n"
        "| code | what it means and what to do |\n|---|---|\n");
#define ERROR(name, code, meaning) printf("| %s | %s |\n", code, meaning);
#include "base/errors.def"
#undef ERROR
}

/* Every value that OBJECT can have: property, rule and file, a tab between them. Objects are what
 * stands in them. */
static void print_properties_of(const struct json_object *object, const char *front)
{
    for (size_t i = 0; i < object->n_fields; i++) {
        const struct json_field *field = &object->fields[i];
        char property[256], file[128] = "";
        const char *rule;

        (void)snprintf(property, sizeof property, "%s%s%s", front, front[0] ? "." : "", field->key);
        if ((field->kind & JSON_KIND_MASK) == JSON_OBJECT) {
            print_properties_of(field->of, property);
            continue;
        }
        rule = survey_rule(property);
        (void)survey_file(property, file, sizeof file);
        printf("%s\t%s\t%s\n", property, rule ? rule : "", file);
    }
}

static void print_properties(void)
{
    print_properties_of(&oci_config_object, "");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } documents[] = { { "plan", print_plan },
                      { "errors", print_errors },
                      { "properties", print_properties } };

    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
        if (argc == 2 && strcmp(argv[1], documents[i].name) == 0) {
            documents[i].print();
            return 0;
        }
    fprintf(stderr, "usage: tables plan|errors|properties\n");
    return 1;
}
