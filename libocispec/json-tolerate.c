// SPDX-License-Identifier: Apache-2.0
// A decoding that goes on behind what is wrong, for who wants to know all of it.
#include "json-decoder.h"

#include <string.h>

int json_decode_reject(struct decoder *d, size_t offset, const char *const *names, const char *word,
                       size_t len)
{
    json_decode_refuse(d, offset);
    if (!json_decode_is_tolerant(d) || d->depth == 0)
        return 0;
    const struct json_finding finding = {
        .error = d->why, .names = names, .word = word, .len = len
    };
    d->failed = false;
    d->watch->wrong(d->watch->ctx, &finding);
    *d->why = (struct json_error){ 0 };
    return 1;
}

static bool fill_string(char *at)
{
    const char *text, *empty = "";
    memcpy(&text, at, sizeof text);
    if (!text)
        memcpy(at, &empty, sizeof empty);
    return true;
}

static bool fill_object(struct decoder *d, const struct json_object *object, char *at)
{
    char *value;
    memcpy(&value, at, sizeof value);
    if (value)
        return true;
    value = arena_alloc(d->arena, object->size);
    if (!value)
        return false;
    memcpy(at, &value, sizeof value);
    return json_decode_fill(d, object, value);
}

bool json_decode_fill(struct decoder *d, const struct json_object *object, char *at)
{
    bool done = true;
    for (unsigned i = 0; i < object->n_fields && done; i++) {
        const struct json_field *field = &object->fields[i];
        if (field->is_required && field->kind == JSON_STRING)
            done = fill_string(at + field->offset);
        else if (field->is_required && field->kind == JSON_OBJECT)
            done = fill_object(d, field->of, at + field->offset);
    }
    return done;
}
