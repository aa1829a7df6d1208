// SPDX-License-Identifier: Apache-2.0
/* Lists of cpus or memory nodes. */
#include "sections/number-list.h"

#include <string.h>

static bool parse_number(const char **at, unsigned *ret)
{
    unsigned number = 0;

    if (**at < '0' || **at > '9')
        return false;
    for (; **at >= '0' && **at <= '9'; ++*at) {
        number = number * 10 + (unsigned)(**at - '0');
        if (number >= NUMBER_LIST_BITS)
            return false;
    }
    *ret = number;
    return true;
}

bool number_list_parse(const char *text, struct number_list *ret)
{
    const char *at = text;

    memset(ret, 0, sizeof *ret);
    if (*at == 0)
        return true;
    for (;;) {
        unsigned first, last;

        if (!parse_number(&at, &first))
            return false;
        last = first;
        if (*at == '-' && (at++, !parse_number(&at, &last)))
            return false;
        if (last < first)
            return false;
        for (unsigned i = first; i <= last; i++)
            ret->word[i / NUMBER_LIST_WORD] |= 1UL << i % NUMBER_LIST_WORD;
        if (*at == 0)
            return true;
        if (*at++ != ',')
            return false;
    }
}
