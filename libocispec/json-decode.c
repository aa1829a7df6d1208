// SPDX-License-Identifier: Apache-2.0
// From JSON text to the structs of a table: the beginning and the end of a decoding.
#include "json-decoder.h"
#include "json-syntax.h"

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

enum place { PLACE_TOKEN, PLACE_HERE, PLACE_END, PLACE_BACK };

// What yajl says of a broken text, in our words, and where it was when it said so.  Of a token
// in the wrong place json_syntax_describe knows more.
static const struct complaint {
    const char *theirs, *ours; // NULL: ask json_syntax_describe
    enum place place;
} complaints[] = {
    { "comment", "comments are not part of JSON", PLACE_HERE },
    { "trailing garbage", "there is something after the end of the JSON text", PLACE_TOKEN },
    { "premature EOF", "the JSON text ends too early", PLACE_END },
    { "invalid string in", "not a word of JSON: those are true, false and null", PLACE_TOKEN },
    { "invalid character inside", "a control character in a string must be escaped", PLACE_HERE },
    { "'\\' occurs before",
      "no escape of JSON begins so: those are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u", PLACE_HERE },
    { "after the minus sign", "a digit must follow the minus sign", PLACE_TOKEN },
    { "after the decimal point", "a digit must follow the decimal point", PLACE_TOKEN },
    { "after the exponent", "a digit must follow the exponent", PLACE_TOKEN },
    { "after key and value", NULL, PLACE_BACK }, // yajl has gone back by the token's text
    { "(non-hex) character", "four hexadecimal digits must follow \\u", PLACE_HERE },
};

static const struct complaint *find_complaint(const char *text)
{
    const struct complaint *found = NULL;
    for (size_t i = 0; i < sizeof complaints / sizeof complaints[0]; i++)
        if (strstr(text, complaints[i].theirs))
            found = &complaints[i];
    return found;
}

static size_t place_of(const struct decoder *d, enum place place)
{
    if (place == PLACE_END)
        return d->len;
    if (place == PLACE_HERE && !d->is_complete)
        return json_decode_token_end(d);
    if (place == PLACE_BACK)
        return json_syntax_token(d->text, d->len, json_decode_token_end(d));
    return json_decode_token(d);
}

static void syntax_error(struct decoder *d)
{
    unsigned char *said = yajl_get_error(d->yajl, 0, (const unsigned char *)d->text, d->len);
    const char *text = said ? (const char *)said : "";
    const char *theirs = strstr(text, ": ");
    const struct complaint *complaint = find_complaint(text);
    size_t place = place_of(d, complaint ? complaint->place : PLACE_TOKEN);
    char ours[128];
    theirs = theirs ? theirs + 2 : text;
    if (complaint && complaint->ours)
        json_text_fail(d->why, "syntax error: %s", complaint->ours);
    else if (json_syntax_describe(d->text, d->len, place, ours, sizeof ours))
        json_text_fail(d->why, "syntax error: %s", ours);
    else
        json_text_fail(d->why, "syntax error: %.*s", (int)strcspn(theirs, "\n"), theirs);
    json_decode_refuse(d, place);
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
