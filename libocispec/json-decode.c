// SPDX-License-Identifier: Apache-2.0
// From JSON text to the structs of a table: the beginning and the end of a decoding.
#include "json-decoder.h"

#include <string.h>

size_t json_decode_token_end(const struct decoder *d)
{
    return d->is_complete ? d->len : yajl_get_bytes_consumed(d->yajl);
}

size_t json_decode_token(const struct decoder *d)
{
    return json_text_token(d->text, json_decode_token_end(d));
}

void json_decode_path(const struct decoder *d, struct json_path *path)
{
    for (unsigned i = 0; i < d->depth; i++) {
        const struct frame *f = &d->frames[i];
        if (!f->object && !f->is_map)
            json_path_index(path, f->n);
        else if (f->key && f->object)
            json_path_member(path, f->key, f->key_len);
        else if (f->key)
            json_path_key(path, f->key, f->key_len);
    }
}

int json_decode_refuse(struct decoder *d, size_t offset)
{
    struct json_path path = { .at = d->why->path, .room = sizeof d->why->path };
    json_decode_path(d, &path);
    json_text_position(d->text, offset, &d->why->line, &d->why->column);
    d->failed = true;
    return 0;
}

enum place { PLACE_TOKEN, PLACE_HERE, PLACE_END };

// What yajl says of a broken text, in our words, and where it was when it said so.
static const struct {
    const char *theirs, *ours;
    enum place place;
} complaints[] = {
    { "comment", "comments are not part of JSON", PLACE_HERE },
    { "trailing garbage", "there is something after the end of the JSON text", PLACE_TOKEN },
    { "premature EOF", "the JSON text ends too early", PLACE_END },
    { "invalid char in", "no JSON value begins with this byte", PLACE_TOKEN },
    { "invalid string in", "not a word of JSON: those are true, false and null", PLACE_TOKEN },
    { "invalid character inside", "a control character in a string must be escaped", PLACE_HERE },
};

static void syntax_error(struct decoder *d)
{
    unsigned char *said = yajl_get_error(d->yajl, 0, (const unsigned char *)d->text, d->len);
    const char *text = said ? (const char *)said : "";
    const char *ours = strstr(text, ": ");
    enum place place = PLACE_TOKEN;
    ours = ours ? ours + 2 : text;
    for (size_t i = 0; i < sizeof complaints / sizeof complaints[0]; i++) {
        if (strstr(text, complaints[i].theirs)) {
            ours = complaints[i].ours;
            place = complaints[i].place;
        }
    }
    json_text_fail(d->why, "syntax error: %.*s", (int)strcspn(ours, "\n"), ours);
    if (place == PLACE_END)
        json_decode_refuse(d, d->len);
    else if (place == PLACE_HERE && !d->is_complete)
        json_decode_refuse(d, json_decode_token_end(d));
    else
        json_decode_refuse(d, json_decode_token(d));
}

static bool run(struct decoder *d)
{
    if (setjmp(d->memory.full))
        return json_text_fail(d->why, "out of memory");
    d->yajl = yajl_alloc(&json_events, &d->memory.functions, d);
    yajl_config(d->yajl, yajl_dont_validate_strings, 1); // it accepts overlong forms; we do not
    yajl_status status = yajl_parse(d->yajl, (const unsigned char *)d->text, d->len);
    if (status == yajl_status_ok) {
        d->is_complete = true;
        status = yajl_complete_parse(d->yajl);
    }
    if (status != yajl_status_ok && !d->failed)
        syntax_error(d);
    return status == yajl_status_ok && !d->failed;
}

static bool is_blank(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len && strchr(" \t\r\n", text[at]) && text[at])
        at++;
    return at == len;
}

void *json_decode_watched(const struct json_object *object, const char *text, size_t len,
                          struct arena *arena, const struct json_watch *watch,
                          struct json_error *why)
{
    struct decoder d = {
        .text = text,
        .len = len,
        .arena = arena,
        .root = object,
        .watch = watch,
        .why = why,
    };
    *why = (struct json_error){ 0 };
    if (len > JSON_MAX_SIZE)
        return json_text_fail(why, "larger than %d MiB", JSON_MAX_SIZE >> 20), NULL;
    if (is_blank(text, len)) {
        why->line = why->column = 1;
        return json_text_fail(why, "empty"), NULL;
    }
    yajl_memory_init(&d.memory);
    bool ok = run(&d);
    yajl_memory_free(&d.memory);
    json_gather_free(&d.gather);
    return ok ? d.result : NULL;
}

void *json_decode(const struct json_object *object, const char *text, size_t len,
                  struct arena *arena, struct json_error *why)
{
    return json_decode_watched(object, text, len, arena, NULL, why);
}
