// SPDX-License-Identifier: Apache-2.0
// A stack on which the values of open lists and maps are gathered until their number is known.
#include "json-gather.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 8, FIRST = 4096 };

static size_t align(size_t size)
{
    return (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static size_t stride(const struct json_field *field)
{
    if (field->kind & JSON_MAP)
        return sizeof(struct json_gather_key) + align(field->size);
    return field->size;
}

size_t json_gather_open(struct json_gather *gather)
{
    return gather->used = align(gather->used);
}

bool json_gather_add(struct json_gather *gather, const struct json_field *field, size_t *value)
{
    size_t step = stride(field);
    if (gather->used + step > gather->room) {
        size_t room = gather->room ? 2 * gather->room : FIRST;
        while (room < gather->used + step)
            room *= 2;
        char *fresh = realloc(gather->at, room);
        if (!fresh)
            return false;
        gather->at = fresh;
        gather->room = room;
    }
    memset(gather->at + gather->used, 0, step);
    *value = gather->used + step - (field->kind & JSON_MAP ? align(field->size) : field->size);
    gather->used += step;
    return true;
}

// The values of a map and its keys stand side by side on the stack and apart in the struct.
static void part(const struct json_field *field, const char *from, size_t n, char *values,
                 const char **keys)
{
    struct json_gather_key key;
    for (size_t i = 0; i < n; i++, from += stride(field)) {
        memcpy(&key, from, sizeof key);
        keys[i] = key.key;
        memcpy(values + i * field->size, from + sizeof key, field->size);
    }
}

bool json_gather_close(struct json_gather *gather, const struct json_field *field, size_t base,
                       size_t n, struct arena *arena, void *out)
{
    struct json_string_map map = { .n = n };
    void *values = arena_alloc(arena, n * field->size);
    if (!values)
        return false;
    map.at = values;
    if (field->kind & JSON_MAP) {
        const char **keys = arena_alloc(arena, n * sizeof *keys);
        if (!keys)
            return false;
        if (n > 0)
            part(field, gather->at + base, n, values, keys);
        map.key = keys;
        memcpy(out, &map, sizeof map);
    } else {
        struct json_string_list list = { .n = n, .at = values };
        if (n > 0)
            memcpy(values, gather->at + base, n * field->size);
        memcpy(out, &list, sizeof list);
    }
    gather->used = base;
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct json_gather_key *a = *(const struct json_gather_key *const *)left;
    const struct json_gather_key *b = *(const struct json_gather_key *const *)right;
    int order = strcmp(a->key, b->key);
    return order ? order : (a->begin > b->begin) - (a->begin < b->begin);
}

const struct json_gather_key *json_gather_duplicate(struct json_gather *gather,
                                                    const struct json_field *field, size_t base,
                                                    size_t n, bool *failed)
{
    const struct json_gather_key *found = NULL;
    if (n < 2)
        return NULL;
    const struct json_gather_key **sorted = malloc(n * sizeof *sorted);
    if (!sorted) {
        *failed = true;
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        sorted[i] = (const void *)(gather->at + base + i * stride(field));
    qsort(sorted, n, sizeof *sorted, compare);
    for (size_t i = 1; i < n && !found; i++)
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
            found = sorted[i];
    free(sorted);
    return found;
}

void json_gather_free(struct json_gather *gather)
{
    free(gather->at);
    *gather = (struct json_gather){ 0 };
}
