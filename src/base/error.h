// SPDX-License-Identifier: Apache-2.0
/* An error is a value: fixed size, no allocation, so it survives fork, out-of-memory and a trip
 * over a socket.
 *
 * A function that can fail returns 0 or -1 (a maker of fds: the fd or -1) and has `struct error
 * *why` last. errno is read once, where the call stands:  return fail(why, errno, "open %s", path);
 * A section adds where in config.json:        return fail_at(why, "mounts[%zu]", i);
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

enum error_code {
#define ERROR(name, code, meaning) ERROR_##name,
#include "base/errors.def"
#undef ERROR
    ERROR_CODES
};

struct error {
    int number;           /* errno, or 0 where none applies */
    enum error_code code; /* ERROR_SYSTEM unless fail_code said otherwise */
    unsigned line;        /* in config.json, from 1; 0 where not known */
    unsigned column;
    char step[32];     /* the row of plan.def; "" outside the plan */
    char pointer[160]; /* path into config.json, "mounts[4].options[2]"; "" where none applies */
    char text[2816];   /* what could not be done, without errno's text; 2 KB of what a hook said */
    char hint[224];    /* what to do about it; "" where nothing is known */
};

/* Say what could not be done; NUMBER is errno or 0. Starts a new error. Always -1. */
int fail(struct error *why, int number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put more in front of what was said: "open /x" -> "CONTEXT: open /x". Always -1. */
int fail_in(struct error *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Say where in config.json, unless something deeper said so already. Always -1. */
int fail_at(struct error *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Say what to do about it, unless something deeper said so already. Always -1. */
int fail_hint(struct error *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Give the stable code. Always -1. */
int fail_code(struct error *why, enum error_code code);

/* Whether errno NUMBER says that we lacked descriptors or memory: then nothing was found out. */
bool error_is_shortage(int number);

/* The stable spelling of a code: "spec". */
const char *error_code_name(enum error_code code);

/* One line without a newline: "mounts[4]: mount cgroup2: Permission denied (config.json:61:5;
 * mounts_attach)". */
void error_format(const struct error *why, char *out, size_t room);

/* --- all that is wrong with a config.json, found before anything is done --- */

enum { PROBLEMS_MAX = 64 };

struct problem {
    bool is_warning;     /* logged, the container is made all the same */
    bool is_unknown_key; /* a warning that only validate gives: create must ignore it */
    enum error_code code;
    unsigned line, column; /* in config.json, from 1; 0 where not looked for yet */
    char pointer[160];
    char text[256];
    char hint[96]; /* "" where nothing is known */
};

/* Problems beyond PROBLEMS_MAX, or for which there is no memory, are counted, not kept. Begins as
 * { 0 }. */
struct problems {
    size_t n, errors, kept;
    struct problem *at; /* on the heap: most configurations have none, and stacks may be small */
};

void problems_free(struct problems *all);
#define autoproblems __attribute__((cleanup(problems_free)))

/* "process.rlimits[%zu].type" -> a string that lives until the end of the enclosing block. */
const char *pointer_format(char out[160], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#define at(...) pointer_format((char[160]){ 0 }, __VA_ARGS__)

/* config.json is refused because of what stands at POINTER. */
void refuse(struct problems *all, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Worth a warning, no more. */
void caution(struct problems *all, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* PROBLEM, found in another list, is one of ALL, too. */
void problems_take(struct problems *all, const struct problem *problem);

/* What to do about the newest problem. */
void advise(struct problems *all, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The newest problem, for what is not the same in all of them; NULL where it was only counted. */
struct problem *problem_newest(struct problems *all);

/* How many are kept. */
size_t problems_kept(const struct problems *all);

/* 0 when no problem is an error; else -1 and WHY names them all, "; " between them. */
int problems_fail(const struct problems *all, struct error *why);
