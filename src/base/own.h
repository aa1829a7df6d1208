// SPDX-License-Identifier: Apache-2.0
/* Ownership is written in the declaration: an auto… variable is released when it leaves scope. */
#pragma once

#include <stdlib.h>
#include <unistd.h>

static inline void own_close(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static inline void own_free(void *at)
{
    free(*(void **)at);
}

#define autoclose __attribute__((cleanup(own_close)))
#define autofree  __attribute__((cleanup(own_free)))

/* Hand over: the variable forgets what it owned. */
#define take_fd(fd)         \
    ({                      \
        int *from_ = &(fd); \
        int it_ = *from_;   \
        *from_ = -1;        \
        it_;                \
    })
#define take(pointer)                   \
    ({                                  \
        __auto_type from_ = &(pointer); \
        __auto_type it_ = *from_;       \
        *from_ = NULL;                  \
        it_;                            \
    })

/* Close FD if it is open, and mark it closed. */
static inline void close_fd(int *fd)
{
    own_close(fd);
    *fd = -1;
}
