// SPDX-License-Identifier: Apache-2.0
// A stack on which the values of open lists and maps are gathered until their number is known.
#ifndef JSON_GATHER_H
#define JSON_GATHER_H

#include "arena.h"
#include "json-table.h"

// Values move when the stack grows: they are named by their offset.
struct json_gather {
    char *at;
    size_t used, room;
};

// What stands before each value of a map.
struct json_gather_key {
    const char *key;
    size_t begin; // of the key in the text
};

// Begins a list or map; returns its base.
size_t json_gather_open(struct json_gather *gather);

// One zeroed value more of FIELD, *VALUE its offset; false when memory runs out.
bool json_gather_add(struct json_gather *gather, const struct json_field *field, size_t *value);

// Ends the list or map of N values that began at BASE: gives it to the member at OUT, in ARENA.
bool json_gather_close(struct json_gather *gather, const struct json_field *field, size_t base,
                       size_t n, struct arena *arena, void *out);

// The later one of two equal keys of a map of N values; NULL if all differ.
// Sets *FAILED when memory runs out.
const struct json_gather_key *json_gather_duplicate(struct json_gather *gather,
                                                    const struct json_field *field, size_t base,
                                                    size_t n, bool *failed);

void json_gather_free(struct json_gather *gather);

#endif
