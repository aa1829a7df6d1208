// SPDX-License-Identifier: Apache-2.0
// Memory for yajl that survives running out of it.
#include "yajl-memory.h"

#include <stdint.h>
#include <string.h>

// What precedes each piece, because realloc has to know how much to copy.
struct head {
    size_t size;
    char at[] __attribute__((aligned(8)));
};

static void *allocate(void *ctx, size_t size)
{
    struct yajl_memory *memory = ctx;
    struct head *head = NULL;
    if (size < SIZE_MAX / 2)
        head = arena_alloc(&memory->arena, sizeof *head + size);
    if (!head)
        longjmp(memory->full, 1);
    head->size = size;
    return head->at;
}

static void *reallocate(void *ctx, void *at, size_t size)
{
    void *fresh = allocate(ctx, size);
    if (at) {
        size_t had = ((struct head *)(void *)((char *)at - sizeof(struct head)))->size;
        memcpy(fresh, at, had < size ? had : size);
    }
    return fresh;
}

static void leave(void *ctx, void *at)
{
    (void)ctx;
    (void)at;
}

void yajl_memory_init(struct yajl_memory *memory)
{
    memory->arena = (struct arena){ 0 };
    memory->functions = (yajl_alloc_funcs){
        .malloc = allocate,
        .realloc = reallocate,
        .free = leave,
        .ctx = memory,
    };
}

void yajl_memory_free(struct yajl_memory *memory)
{
    arena_free(&memory->arena);
}
