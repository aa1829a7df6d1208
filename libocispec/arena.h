// SPDX-License-Identifier: Apache-2.0
// Memory that is given out piece by piece and taken back all at once.
#ifndef ARENA_H
#define ARENA_H

#include <stdarg.h>
#include <stddef.h>

// An empty arena is all zero bytes: struct arena arena = {0};
struct arena {
    struct arena_block *block;
    size_t used; // bytes of the newest block
};

// SIZE zeroed bytes, aligned for any scalar; size 0 gives a pointer that is not NULL.
// NULL when memory runs out: what was given out before stays valid.
void *arena_alloc(struct arena *arena, size_t size);

// Copies of strings; NULL when memory runs out.
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_sprintf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vsprintf(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

// Takes everything back; the arena is empty again and may be used again.
void arena_free(struct arena *arena);

#endif
