// SPDX-License-Identifier: Apache-2.0
/* Errors as values: saying them, adding to them, writing them as one line. */
#include "base/error.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_text(char *out, size_t room, const char *format, va_list args)
{
    (void)vsnprintf(out, room, format, args);
    text_make_printable(out);
}

int fail(struct error *why, int number, const char *format, ...)
{
    va_list args;

    *why = (struct error){ .number = number };
    va_start(args, format);
    write_text(why->text, sizeof why->text, format, args);
    va_end(args);
    return -1;
}

int fail_in(struct error *why, const char *format, ...)
{
    char front[sizeof why->text];
    char whole[2 * sizeof why->text + 2];
    va_list args;

    va_start(args, format);
    write_text(front, sizeof front, format, args);
    va_end(args);
    (void)snprintf(whole, sizeof whole, "%s: %s", front, why->text);
    memcpy(why->text, whole, sizeof why->text - 1);
    return -1;
}

int fail_at(struct error *why, const char *format, ...)
{
    va_list args;

    if (why->pointer[0])
        return -1;
    va_start(args, format);
    write_text(why->pointer, sizeof why->pointer, format, args);
    va_end(args);
    return -1;
}

int fail_hint(struct error *why, const char *format, ...)
{
    va_list args;

    if (why->hint[0])
        return -1;
    va_start(args, format);
    write_text(why->hint, sizeof why->hint, format, args);
    va_end(args);
    return -1;
}

int fail_code(struct error *why, enum error_code code)
{
    why->code = code;
    return -1;
}

bool error_is_shortage(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOMEM || number == ENOBUFS;
}

const char *error_code_name(enum error_code code)
{
    static const char *const names[] = {
#define ERROR(name, code, meaning) [ERROR_##name] = code,
#include "base/errors.def"
#undef ERROR
    };

    return names[code];
}

void error_format(const struct error *why, char *out, size_t room)
{
    char place[64] = "", tail[128] = "";

    if (why->line)
        (void)snprintf(place, sizeof place, "config.json:%u:%u", why->line, why->column);
    if (place[0] || why->step[0])
        (void)snprintf(tail, sizeof tail, " (%s%s%s)", place, place[0] && why->step[0] ? "; " : "",
                       why->step);
    (void)snprintf(out, room, "%s%s%s%s%s%s", why->pointer, why->pointer[0] ? ": " : "", why->text,
                   why->number ? ": " : "", why->number ? strerror(why->number) : "", tail);
}

const char *pointer_format(char out[160], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_text(out, 160, format, args);
    va_end(args);
    return out;
}

/* Room for twice as many where the number kept is a power of two. */
static bool has_room(struct problems *all)
{
    size_t n = all->kept;
    struct problem *more;

    if (n >= PROBLEMS_MAX)
        return false;
    if (n & (n - 1))
        return true;
    more = realloc(all->at, (n ? 2 * n : 1) * sizeof *more);
    if (more)
        all->at = more;
    return more != NULL;
}

void problems_free(struct problems *all)
{
    free(all->at);
    *all = (struct problems){ 0 };
}

void problems_take(struct problems *all, const struct problem *problem)
{
    all->errors += !problem->is_warning;
    all->n++;
    if (has_room(all))
        all->at[all->kept++] = *problem;
}

static void add(struct problems *all, bool is_warning, const char *pointer, const char *format,
                va_list args)
{
    struct problem problem = { .is_warning = is_warning, .code = ERROR_SPEC };

    (void)snprintf(problem.pointer, sizeof problem.pointer, "%s", pointer);
    write_text(problem.text, sizeof problem.text, format, args);
    problems_take(all, &problem);
}

void refuse(struct problems *all, const char *pointer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(all, false, pointer, format, args);
    va_end(args);
}

void caution(struct problems *all, const char *pointer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(all, true, pointer, format, args);
    va_end(args);
}

size_t problems_kept(const struct problems *all)
{
    return all->kept;
}

struct problem *problem_newest(struct problems *all)
{
    return all->kept > 0 && all->kept == all->n ? &all->at[all->kept - 1] : NULL;
}

void advise(struct problems *all, const char *format, ...)
{
    struct problem *problem = problem_newest(all);
    va_list args;

    if (problem == NULL)
        return;
    va_start(args, format);
    write_text(problem->hint, sizeof problem->hint, format, args);
    va_end(args);
}

/* The error begins as its first problem. */
static void begin_with(const struct problem *problem, struct error *why)
{
    (void)fail(why, 0, "%s", "");
    why->code = problem->code;
    why->line = problem->line;
    why->column = problem->column;
    memcpy(why->pointer, problem->pointer, sizeof why->pointer);
}

int problems_fail(const struct problems *all, struct error *why)
{
    size_t used = 0, kept = problems_kept(all), told = 0;

    if (all->errors == 0)
        return 0;
    for (size_t i = 0; i < kept && used < sizeof why->text; i++) {
        const struct problem *problem = &all->at[i];

        if (problem->is_warning)
            continue;
        if (told++ == 0)
            begin_with(problem, why);
        used += (size_t)snprintf(why->text + used, sizeof why->text - used, "%s%s%s%s",
                                 used ? "; " : "", used ? problem->pointer : "", used ? ": " : "",
                                 problem->text);
        if (problem->hint[0])
            (void)fail_hint(why, "%s", problem->hint);
    }
    /* Errors behind a flood of warnings. */
    if (told == 0) {
        (void)fail(why, 0, "%zu problems", all->errors);
        why->code = ERROR_SPEC;
    }
    return -1;
}
