// SPDX-License-Identifier: Apache-2.0
// Memory for yajl.  yajl does not check what its allocator returns, so running out of memory
// leaves yajl by longjmp; all it had allocated is in one arena and goes with it.
#ifndef YAJL_MEMORY_H
#define YAJL_MEMORY_H

#include "arena.h"

#include <setjmp.h>
#include <yajl/yajl_common.h>

// Before the first call of yajl: if (setjmp(memory->full)) the memory has run out.
struct yajl_memory {
    struct arena arena;
    yajl_alloc_funcs functions; // for yajl_alloc and yajl_gen_alloc
    jmp_buf full;
};

void yajl_memory_init(struct yajl_memory *memory);

// Everything yajl had; its handle is gone with it and needs no yajl_free.
void yajl_memory_free(struct yajl_memory *memory);

#endif
