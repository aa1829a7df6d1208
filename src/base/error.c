// SPDX-License-Identifier: Apache-2.0
/* Errors as values: saying them, adding to them, writing them as one line. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void write_text(char *out, size_t room, const char *format, va_list args)
{
    /* Messages quote names from hostile config files: no control character may reach a terminal or
     * a log. */
    (void)vsnprintf(out, room, format, args);
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
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

static void add(struct problems *all, bool is_warning, const char *pointer, const char *format,
                va_list args)
{
    if (!is_warning)
        all->errors++;
    if (all->n++ >= PROBLEMS_MAX)
        return;

    struct problem *problem = &all->at[all->n - 1];

    problem->is_warning = is_warning;
    (void)snprintf(problem->pointer, sizeof problem->pointer, "%s", pointer);
    write_text(problem->text, sizeof problem->text, format, args);
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

int problems_fail(const struct problems *all, struct error *why)
{
    size_t used = 0, kept = all->n < PROBLEMS_MAX ? all->n : PROBLEMS_MAX;

    if (all->errors == 0)
        return 0;
    (void)fail(why, 0, "%s", "");
    why->code = ERROR_SPEC;
    for (size_t i = 0; i < kept && used < sizeof why->text; i++) {
        const struct problem *problem = &all->at[i];

        if (problem->is_warning)
            continue;
        if (!why->pointer[0])
            memcpy(why->pointer, problem->pointer, sizeof why->pointer);
        used += (size_t)snprintf(why->text + used, sizeof why->text - used, "%s%s%s%s",
                                 used ? "; " : "", used ? problem->pointer : "", used ? ": " : "",
                                 problem->text);
    }
    return -1;
}
