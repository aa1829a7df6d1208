// SPDX-License-Identifier: Apache-2.0
/* From the text of a config.json to the list of its problems, for create as for validate. */
#include "container/survey.h"

#include "base/suggest.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "json-decode.h"
#include "json-locate.h"
#include "json-path.h"
#include "sections/container.h"

#include <stdio.h>
#include <string.h>

/* --- from a pointer to the spec --- */

struct property {
    const char *section, *property, *rule, *file;
};

static const struct property properties[] = {
#define SECTION(name)
#define PROPERTY(section, property, rule, file) { #section, property, rule, file },
#include "sections/sections.def"
#undef SECTION
#undef PROPERTY
};

void survey_property(const char *pointer, char *out, size_t room)
{
    struct json_path path = { .at = out, .room = room };
    struct json_path_step step;

    out[0] = 0;
    for (bool is_map = false; json_path_next(&pointer, &step); is_map = pointer[0] == '[')
        if (!step.is_index && !is_map)
            json_path_member(&path, step.key, step.len);
}

/* The row for PROPERTY itself or for what is nearest around it. */
static const struct property *find_property(const char *property)
{
    const struct property *best = NULL;
    size_t best_length = 0;

    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        size_t length = strlen(properties[i].property);
        bool is_within = text_starts(property, properties[i].property) &&
                         (property[length] == '.' || property[length] == 0);

        if (is_within && length > best_length) {
            best = &properties[i];
            best_length = length;
        }
    }
    return best;
}

const char *survey_rule(const char *pointer)
{
    char property[160];
    const struct property *found;

    survey_property(pointer, property, sizeof property);
    found = find_property(property);
    return found ? found->rule : NULL;
}

bool survey_file(const char *property, char *out, size_t room)
{
    const struct property *found = find_property(property);

    if (found == NULL)
        return false;
    if (found->file[0]) {
        (void)snprintf(out, room, "%s", found->file);
        return true;
    }
    (void)snprintf(out, room, "src/sections/%s.c", found->section);
    for (char *c = out; *c; c++)
        *c = *c == '_' ? '-' : *c;
    return true;
}

/* --- what the decoder says --- */

/* Properties of the spec that are not for Linux. */
static const char *const foreign[] = {
    "windows", "solaris", "vm", "zos", "freebsd", "process.commandLine", "process.user.username",
};

static void note(struct problems *all, const struct json_error *error)
{
    struct problem *problem = problem_newest(all);

    if (problem == NULL)
        return;
    problem->line = error->line;
    problem->column = error->column;
}

static void add_unknown(void *ctx, const struct json_finding *finding)
{
    struct suggestion nearest = suggestion_for(finding->word, finding->len);
    const struct json_object *object = finding->object;
    struct problems *all = ctx;
    char property[160];
    bool is_foreign = false;

    survey_property(finding->error->path, property, sizeof property);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        is_foreign |= strcmp(property, foreign[i]) == 0;
    for (size_t i = 0; !is_foreign && i < object->n_fields; i++)
        suggestion_try(&nearest, object->fields[i].key);
    caution(all, finding->error->path,
            is_foreign ? "has no effect: it is for another platform" : "unknown key, ignored");
    note(all, finding->error);
    if (nearest.best)
        advise(all, "did you mean %s?", nearest.best);
    if (problem_newest(all))
        problem_newest(all)->is_unknown_key = true;
}

static void add_wrong(void *ctx, const struct json_finding *finding)
{
    struct suggestion nearest = suggestion_for(finding->word, finding->len);
    struct problems *all = ctx;

    for (size_t i = 0; finding->names && finding->names[i]; i++)
        suggestion_try(&nearest, finding->names[i]);
    refuse(all, finding->error->path, "%s", finding->error->text);
    note(all, finding->error);
    if (nearest.best)
        advise(all, "did you mean %s?", nearest.best);
    if (problem_newest(all))
        problem_newest(all)->code = ERROR_JSON;
}

static int fail_syntax(const struct json_error *json, struct error *why)
{
    (void)fail(why, 0, "%s", json->text);
    if (json->path[0])
        (void)fail_at(why, "%s", json->path);
    /* An empty file has no place to point at but its beginning. */
    why->line = json->line ? json->line : 1;
    why->column = json->line ? json->column : 1;
    return fail_code(why, ERROR_JSON);
}

/* --- what the sections say --- */

void survey_sections(const struct oci_config *spec, struct problems *all)
{
#define SECTION(name) name##_check(spec, all);
#define PROPERTY(section, property, rule, file)
#include "sections/sections.def"
#undef SECTION
#undef PROPERTY
}

bool survey_is_related(const char *a, const char *b)
{
    size_t length = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

    /* "host" is not around "hostname". */
    return strncmp(a, b, length) == 0 && strchr(".[", a[length] ? a[length] : b[length]);
}

/* A value that could not be decoded was read as nothing: what is said of that is no news. */
static void add_sections(const struct oci_config *spec, struct problems *all)
{
    autoproblems struct problems said = { 0 };
    size_t n_decoding = problems_kept(all), kept, errors = 0;

    survey_sections(spec, &said);
    kept = problems_kept(&said);
    for (size_t i = 0; i < kept; i++) {
        bool is_news = true;

        errors += !said.at[i].is_warning;
        for (size_t j = 0; j < n_decoding; j++)
            is_news &=
                all->at[j].is_warning || !survey_is_related(all->at[j].pointer, said.at[i].pointer);
        if (is_news)
            problems_take(all, &said.at[i]);
    }
    all->n += said.n - kept;
    all->errors += said.errors - errors;
}

/* Half of the sections ask which namespaces there are: they would guess. */
static bool has_unclear_namespaces(const struct problems *all)
{
    for (size_t i = 0; i < problems_kept(all); i++)
        if (!all->at[i].is_warning && survey_is_related(all->at[i].pointer, "linux.namespaces"))
            return true;
    return false;
}

int survey_config(const char *text, size_t length, struct arena *arena, bool with_unknown,
                  const struct oci_config **ret_spec, struct problems *all, struct error *why)
{
    struct json_watch watch = {
        .unknown = with_unknown ? add_unknown : NULL,
        .wrong = add_wrong,
        .ctx = all,
    };
    struct json_error json;

    *ret_spec = json_decode_watched(&oci_config_object, text, length, arena, &watch, &json);
    if (*ret_spec == NULL)
        return fail_syntax(&json, why);
    if (!has_unclear_namespaces(all))
        add_sections(*ret_spec, all);
    return 0;
}

void survey_host(const struct oci_config *spec, struct problems *all)
{
    autoproblems struct problems anywhere = { 0 };
    autoproblems struct problems here = { 0 };

    cgroup_check(spec, CGROUP_NONE, &anywhere);
    cgroup_check(spec, cgroup_detect(), &here);
    for (size_t i = 0; i < problems_kept(&here); i++) {
        bool is_news = true;

        for (size_t j = 0; j < problems_kept(&anywhere); j++)
            is_news &= strcmp(here.at[i].pointer, anywhere.at[j].pointer) != 0 ||
                       strcmp(here.at[i].text, anywhere.at[j].text) != 0;
        if (!is_news)
            continue;
        caution(all, here.at[i].pointer, "on this host: %s", here.at[i].text);
        if (problem_newest(all))
            problem_newest(all)->code = ERROR_UNSUPPORTED;
    }
}

void survey_locate(const char *text, size_t length, struct problems *all)
{
    for (size_t i = 0; i < problems_kept(all); i++)
        if (all->at[i].line == 0)
            (void)json_locate(text, length, all->at[i].pointer, &all->at[i].line,
                              &all->at[i].column);
}
