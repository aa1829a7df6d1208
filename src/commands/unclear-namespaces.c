// SPDX-License-Identifier: Apache-2.0
/* What is wrong with a config.json whose namespaces could not all be decoded: the sections look at
 * it twice, with the fewest and with the most namespaces that there may be. What they say both
 * times is certain. */
#include "commands/unclear-namespaces.h"

#include "base/text.h"
#include "container/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_TYPES = OCI_NAMESPACE_TYPE_TIME + 1 };

static const char namespaces[] = "linux.namespaces";

/* The namespaces that were decoded, and where each is in config.json. */
struct known {
    size_t n;
    struct oci_namespace *at; /* with room for N_TYPES more */
    size_t *index;
};

static bool is_undecoded(const struct problems *all, const char *pointer)
{
    for (size_t i = 0; i < problems_kept(all); i++)
        if (!all->at[i].is_warning && all->at[i].code == ERROR_JSON &&
            survey_is_related(all->at[i].pointer, pointer))
            return true;
    return false;
}

static int gather(const struct oci_config *spec, const struct problems *all, struct arena *arena,
                  struct known *ret)
{
    static const struct oci_namespace_list none = { 0 };
    const struct oci_namespace_list *list = spec->linux ? &spec->linux->namespaces : &none;

    ret->n = 0;
    ret->at = arena_alloc(arena, (list->n + N_TYPES) * sizeof *ret->at);
    ret->index = arena_alloc(arena, (list->n + N_TYPES) * sizeof *ret->index);
    if (!ret->at || !ret->index)
        return -1;
    for (size_t i = 0; i < list->n; i++)
        if (!is_undecoded(all, at("linux.namespaces[%zu]", i))) {
            ret->at[ret->n] = list->at[i];
            ret->index[ret->n++] = i;
        }
    return 0;
}

/* Each type that is not there, as a new namespace. */
static void add_missing(struct known *known)
{
    size_t n = known->n;

    for (int type = 0; type < N_TYPES; type++) {
        bool is_there = false;

        for (size_t i = 0; i < n; i++)
            is_there |= (int)known->at[i].type == type;
        if (!is_there)
            known->at[known->n++] = (struct oci_namespace){ .type = (enum oci_namespace_type)type };
    }
}

static void ask_sections(const struct oci_config *spec, const struct known *known,
                         struct problems *said)
{
    static const struct oci_linux nothing = { 0 };
    struct oci_linux linux = spec->linux ? *spec->linux : nothing;
    struct oci_config whole = *spec;

    linux.namespaces = (struct oci_namespace_list){ known->n, known->at };
    whole.linux = &linux;
    survey_sections(&whole, said);
}

/* "linux.namespaces[1].type" of what was decoded -> that of config.json. */
static void put_right(const struct known *known, char pointer[160])
{
    char given[160], *rest;
    unsigned long i;

    if (!text_starts(pointer, namespaces) || pointer[sizeof namespaces - 1] != '[')
        return;
    memcpy(given, pointer, sizeof given);
    i = strtoul(given + sizeof namespaces, &rest, 10);
    if (i < known->n)
        (void)snprintf(pointer, 160, "%s[%zu%.120s", namespaces, known->index[i], rest);
}

static bool is_said(const struct problems *said, const struct problem *problem)
{
    for (size_t i = 0; i < problems_kept(said); i++)
        if (strcmp(said->at[i].pointer, problem->pointer) == 0 &&
            strcmp(said->at[i].text, problem->text) == 0)
            return true;
    return false;
}

int unclear_namespaces_check(const struct oci_config *spec, struct arena *arena,
                             struct problems *all, struct error *why)
{
    autoproblems struct problems fewest = { 0 }, most = { 0 };
    struct known known;

    if (!is_undecoded(all, namespaces))
        return 0;
    if (gather(spec, all, arena, &known) < 0)
        return fail(why, ENOMEM, "list the problems");
    ask_sections(spec, &known, &fewest);
    add_missing(&known);
    ask_sections(spec, &known, &most);
    for (size_t i = 0; i < problems_kept(&fewest); i++) {
        struct problem *problem = &fewest.at[i];

        if (!is_said(&most, problem))
            continue;
        put_right(&known, problem->pointer);
        if (!is_undecoded(all, problem->pointer))
            problems_take(all, problem);
    }
    return 0;
}
