// SPDX-License-Identifier: Apache-2.0
/* "Did you mean …?": the known word nearest to one that is not known. */
#pragma once

#include "base/error.h"
#include "base/names.h"

#include <stddef.h>

struct suggestion {
    const char *wanted;
    size_t length;
    size_t distance; /* of the best; only smaller ones replace it */
    const char *best;
};

struct suggestion suggestion_for(const char *wanted, size_t length);
void suggestion_try(struct suggestion *suggestion, const char *known);

/* Advises on the newest problem: WANTED is none of NAMES, but may be near one. */
void suggest_name(struct problems *all, const char *wanted, const struct name names[]);
