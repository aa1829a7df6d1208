// SPDX-License-Identifier: Apache-2.0
/* Names of the spec ↔ numbers of the kernel: tables that end with an empty row. */
#pragma once

#include <stdint.h>
#include <string.h>

struct name {
    const char *name;
    uint64_t number;
};

/* The row called WANTED; NULL where there is none. */
static inline const struct name *name_find(const struct name names[], const char *wanted)
{
    for (; names->name; names++)
        if (strcmp(names->name, wanted) == 0)
            return names;
    return NULL;
}

/* The name of NUMBER; NULL where there is none. */
static inline const char *name_of(const struct name names[], uint64_t number)
{
    for (; names->name; names++)
        if (names->number == number)
            return names->name;
    return NULL;
}
