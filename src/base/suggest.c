// SPDX-License-Identifier: Apache-2.0
/* Edit distance, for short words. */
#include "base/suggest.h"

#include <string.h>

enum { LONGEST = 48, SHORTEST_BEGINNING = 3 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/* How many letters must be put in, taken out or replaced (Levenshtein), both at most LONGEST long.
 */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t row[LONGEST + 1];

    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t above = row[j];

            row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_length];
}

/* A third of the letters may be wrong: more, and the suggestion would be a guess. */
struct suggestion suggestion_for(const char *wanted, size_t length)
{
    return (struct suggestion){ .wanted = wanted, .length = length, .distance = length / 3 + 2 };
}

void suggestion_try(struct suggestion *suggestion, const char *known)
{
    size_t length = strlen(known), far;

    if (length == 0 || length > LONGEST || suggestion->length > LONGEST)
        return;
    /* Cut short is near, however much is missing: "net" is "network". */
    far = suggestion->length >= SHORTEST_BEGINNING && length > suggestion->length &&
                  strncmp(known, suggestion->wanted, suggestion->length) == 0
              ? 1
              : distance(suggestion->wanted, suggestion->length, known, length);
    if (far < suggestion->distance && far < length) {
        suggestion->distance = far;
        suggestion->best = known;
    }
}

void suggest_name(struct problems *all, const char *wanted, const struct name names[])
{
    struct suggestion nearest = suggestion_for(wanted, strlen(wanted));

    for (; names->name; names++)
        suggestion_try(&nearest, names->name);
    if (nearest.best)
        advise(all, "did you mean %s?", nearest.best);
}
