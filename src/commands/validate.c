// SPDX-License-Identifier: Apache-2.0
/* zind-oci validate */
#include "base/io.h"
#include "base/own.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/hints.h"
#include "commands/options.h"
#include "commands/output.h"
#include "commands/unclear-namespaces.h"
#include "container/survey.h"
#include "json-path.h"
#include "json-text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_FINE, STATUS_PROBLEMS, STATUS_UNREADABLE };

/* A path as our messages have it to RFC 6901: "mounts[3].type" -> "/mounts/3/type". */
static const char *pointer_of(const char *path, struct arena *arena)
{
    char out[512] = "";
    size_t used = 0;
    struct json_path_step step;

    while (json_path_next(&path, &step) && used + 2 * step.len + 24 < sizeof out) {
        out[used++] = '/';
        if (step.is_index)
            used += (size_t)snprintf(out + used, sizeof out - used, "%zu", step.index);
        for (size_t i = 0; i < step.len; i++) {
            i += step.key[i] == '\\' && i + 1 < step.len;
            if (step.key[i] == '~' || step.key[i] == '/')
                out[used++] = '~';
            out[used++] = step.key[i] == '~' ? '0' : step.key[i] == '/' ? '1' : step.key[i];
        }
        out[used] = 0;
    }
    return arena_strdup(arena, out);
}

static const char *severity_of(const struct problem *problem)
{
    return problem->is_unknown_key ? "unknown" : problem->is_warning ? "warning" : "error";
}

/* Out of memory: no pointer. */
static struct oci_finding finding_of(const struct problem *problem, struct arena *arena)
{
    return (struct oci_finding){
        .severity = severity_of(problem),
        .code = error_code_name(problem->code),
        .line = problem->line,
        .column = problem->column,
        .pointer = pointer_of(problem->pointer, arena),
        .message = problem->text,
        .hint = problem->hint[0] ? problem->hint : NULL,
        .rule = survey_rule(problem->pointer),
    };
}

/* Keys of config.json are a part of its pointers, and a file may have any name. */
static int print_line(const char *file, const struct oci_finding *finding, struct arena *arena)
{
    const char *rule = finding->rule;
    char *line = arena_sprintf(arena, "%s:%u:%u: %s: %s%s%s%s%s%s%s%s", file, finding->line,
                               finding->column, finding->severity, finding->pointer,
                               finding->pointer[0] ? ": " : "", finding->message,
                               finding->hint ? "; " : "", finding->hint ? finding->hint : "",
                               rule ? " (" : "", rule ? rule : "", rule ? ")" : "");

    if (line == NULL)
        return -1;
    text_make_printable(line);
    (void)puts(line);
    return 0;
}

static int print(const struct command_line *line, const char *file, const struct problems *all,
                 bool is_json, bool is_valid, struct error *why)
{
    size_t n = problems_kept(all);
    struct oci_finding *findings = arena_alloc(line->arena, (n + 1) * sizeof *findings);

    if (findings == NULL)
        return fail(why, ENOMEM, "list the problems");
    for (size_t i = 0; i < n; i++) {
        findings[i] = finding_of(&all->at[i], line->arena);
        if (findings[i].pointer == NULL)
            return fail(why, ENOMEM, "list the problems");
        if (!is_json && print_line(file, &findings[i], line->arena) < 0)
            return fail(why, ENOMEM, "list the problems");
    }
    if (is_json) {
        struct oci_validation validation = { .file = file,
                                             .valid = is_valid,
                                             .problems = { n, findings },
                                             .omitted = all->n - n,
                                             .has_omitted = all->n > n };

        return output_json(&oci_validation_object, &validation, why);
    }
    if (all->n > n)
        printf("%s: %zu problems more\n", file, all->n - n);
    return output_flush(why);
}

static int compare_places(const void *left, const void *right)
{
    const struct problem *a = left, *b = right;

    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

/* No JSON: the one problem is where that ends. */
static void note_syntax(struct problems *all, const struct error *syntax)
{
    struct problem *problem;

    problems_free(all);
    refuse(all, syntax->pointer, "%s", syntax->text);
    problem = problem_newest(all);
    if (problem == NULL)
        return;
    problem->code = syntax->code;
    problem->line = syntax->line;
    problem->column = syntax->column;
}

static const char *file_of(const struct command_line *line, struct error *why)
{
    const char *name = options_config(line), *file = name;

    if (*name != '/' && line->bundle && *line->bundle)
        file = arena_sprintf(line->arena, "%s/%s", line->bundle, name);
    if (file == NULL)
        (void)fail(why, ENOMEM, "name the file");
    return file;
}

static int read_format(const struct command_line *line, bool *ret_is_json, struct error *why)
{
    *ret_is_json = line->format && strcmp(line->format, "json") == 0;
    if (line->format == NULL || *ret_is_json || strcmp(line->format, "text") == 0)
        return 0;
    (void)fail(why, 0, "--format %s: only text and json are known", line->format);
    hint_value(line->format, (const char *const[]){ "text", "json", NULL }, why);
    return fail_code(why, ERROR_USAGE);
}

int command_validate(const struct runtime *runtime, const struct command_line *line,
                     struct error *why)
{
    const struct oci_config *spec;
    struct error syntax;
    autoproblems struct problems all = { 0 };
    size_t length;
    bool is_json;
    int status = STATUS_FINE;
    const char *file = file_of(line, why);

    (void)runtime;
    if (file == NULL || read_format(line, &is_json, why) < 0)
        return -1;

    autofree char *text = io_read_file(AT_FDCWD, file, JSON_MAX_SIZE, &length, why);

    if (text == NULL)
        return -1;
    if (survey_config(text, length, line->arena, true, &spec, &all, &syntax) < 0) {
        note_syntax(&all, &syntax);
        status = STATUS_UNREADABLE;
    } else {
        if (unclear_namespaces_check(spec, line->arena, &all, why) < 0)
            return -1;
        survey_host(spec, &all);
        survey_locate(text, length, &all);
        if (all.at)
            qsort(all.at, problems_kept(&all), sizeof *all.at, compare_places);
        status = all.errors || (line->strict && all.n) ? STATUS_PROBLEMS : STATUS_FINE;
    }
    return print(line, file, &all, is_json, status == STATUS_FINE, why) < 0 ? -1 : status;
}
