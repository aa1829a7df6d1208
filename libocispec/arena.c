// SPDX-License-Identifier: Apache-2.0
// Memory that is given out piece by piece and taken back all at once.
#include "arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A decoded podman config takes two or three of these; pages of the last that are never reached
// are never touched, so they cost nothing.
enum { BLOCK = 16 * 1024, ALIGN = 8 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    char at[] __attribute__((aligned(ALIGN)));
};

// Strings need no alignment: packed, a thousand syscall names take a page less.
static char *take(struct arena *arena, size_t size, size_t align)
{
    size_t start = (arena->used + align - 1) & ~(align - 1);
    if (arena->block && start <= arena->block->size && size <= arena->block->size - start) {
        arena->used = start + size;
        return arena->block->at + start;
    }
    if (size > PTRDIFF_MAX - sizeof(struct arena_block))
        return NULL;
    size_t fresh = BLOCK - sizeof(struct arena_block);
    if (size > fresh)
        fresh = size;
    struct arena_block *block = malloc(sizeof *block + fresh);
    if (!block)
        return NULL;
    *block = (struct arena_block){ .next = arena->block, .size = fresh };
    arena->block = block;
    arena->used = size;
    return block->at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *at = take(arena, size, ALIGN);
    return at ? memset(at, 0, size) : NULL;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    char *copy = take(arena, len + 1, 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_vsprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        return NULL;
    char *text = take(arena, (size_t)len + 1, 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

char *arena_sprintf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vsprintf(arena, format, args);
    va_end(args);
    return text;
}

void arena_free(struct arena *arena)
{
    for (struct arena_block *next, *block = arena->block; block; block = next) {
        next = block->next;
        free(block);
    }
    *arena = (struct arena){ 0 };
}
