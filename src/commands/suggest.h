// SPDX-License-Identifier: Apache-2.0
/* "Did you mean …?": the known word nearest to one that is not known. */
#pragma once

#include <stddef.h>

struct suggestion {
    const char *wanted;
    size_t length;
    size_t distance; /* of the best; only smaller ones replace it */
    const char *best;
};

struct suggestion suggestion_for(const char *wanted, size_t length);
void suggestion_try(struct suggestion *suggestion, const char *known);
