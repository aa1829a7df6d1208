// SPDX-License-Identifier: Apache-2.0
/* Lists of cpus or memory nodes as the kernel writes them: "0-3,7". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { NUMBER_LIST_BITS = 8192, NUMBER_LIST_WORD = 8 * sizeof(unsigned long) };

/* A set of numbers below NUMBER_LIST_BITS, laid out as the kernel's masks are. */
struct number_list {
    unsigned long word[NUMBER_LIST_BITS / NUMBER_LIST_WORD];
};

/* False, and nothing of use in RET, when TEXT is not such a list or names a number that is too
   large. An empty text is an empty set; spaces around numbers are not allowed. */
bool number_list_parse(const char *text, struct number_list *ret);
