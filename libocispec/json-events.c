// SPDX-License-Identifier: Apache-2.0
// What each of yajl's events does to a decoding, steered by the tables of json-table.h.
#include "json-decoder.h"

#include "json-integer.h"

#include <string.h>

enum found { FOUND_NULL, FOUND_BOOL, FOUND_NUMBER, FOUND_STRING, FOUND_OBJECT, FOUND_ARRAY };

static const char *const found_names[] = {
    "null", "true or false", "a number", "a string", "an object", "an array",
};

static const struct {
    const char *name;
    enum found found;
} kinds[] = {
    [JSON_STRING] = { "a string", FOUND_STRING },
    [JSON_BOOL] = { "true or false", FOUND_BOOL },
    [JSON_SIGNED] = { "an integer", FOUND_NUMBER },
    [JSON_UNSIGNED] = { "an integer", FOUND_NUMBER },
    [JSON_ENUM] = { "a string", FOUND_STRING },
    [JSON_OBJECT] = { "an object", FOUND_OBJECT },
    [JSON_DECIMAL] = { "a number", FOUND_NUMBER },
};

static struct frame *top(struct decoder *d)
{
    return d->depth ? &d->frames[d->depth - 1] : NULL;
}

#define REFUSE(d, ...) \
    (json_text_fail((d)->why, __VA_ARGS__), json_decode_refuse(d, json_decode_token(d)))

// For what a watch may take and go on behind.
#define REJECT(d, ...)                      \
    (json_text_fail((d)->why, __VA_ARGS__), \
     json_decode_reject(d, json_decode_token(d), NULL, NULL, 0))

static int out_of_memory(struct decoder *d)
{
    return REFUSE(d, "out of memory");
}

// What the next value has to be: kind and holder.
static unsigned wanted(struct decoder *d)
{
    const struct frame *f = top(d);
    if (!f)
        return JSON_OBJECT;
    return f->object ? f->field->kind : f->field->kind & JSON_KIND_MASK;
}

static char *frame_at(struct decoder *d, const struct frame *f)
{
    return f->at ? f->at : d->gather.at + f->base;
}

// Where the next value goes; its type has been looked at.  NULL when memory runs out.
static void *slot(struct decoder *d)
{
    struct frame *f = top(d);
    size_t value = f->value;
    if (f->object) {
        f->set |= UINT64_C(1) << (f->field - f->object->fields);
        if (f->field->has)
            *(bool *)(frame_at(d, f) + f->field->has) = true;
        return frame_at(d, f) + f->field->offset;
    }
    if (!f->is_map && !json_gather_add(&d->gather, f->field, &value))
        return out_of_memory(d), NULL;
    return d->gather.at + value;
}

// A value is complete: its list or map counts it.
static int stored(struct decoder *d)
{
    struct frame *f = top(d);
    if (f)
        f->n++;
    return 1;
}

// The value at hand is left out: of a struct the member stays absent, in a list and a map something
// empty keeps the places of what follows.
static int leave_out(struct decoder *d)
{
    struct frame *f = top(d);
    if (f->object) {
        f->set |= UINT64_C(1) << (f->field - f->object->fields);
        return 1;
    }
    char *out = slot(d);
    if (!out)
        return 0;
    unsigned kind = f->field->kind & JSON_KIND_MASK;
    const char *empty = "";
    if (kind == JSON_STRING)
        memcpy(out, &empty, sizeof empty);
    if (kind == JSON_OBJECT && !json_decode_fill(d, f->field->of, out))
        return out_of_memory(d);
    return stored(d);
}

// The value at hand was stored before it was found wrong.
static int take_back(struct decoder *d)
{
    struct frame *f = top(d);
    if (f->object && f->field->has)
        *(bool *)(frame_at(d, f) + f->field->has) = false;
    return stored(d);
}

// If not: d->failed tells whether decoding goes on.
static bool is_wanted(struct decoder *d, enum found found)
{
    unsigned want = wanted(d);
    const char *name = kinds[want & JSON_KIND_MASK].name;
    enum found right = kinds[want & JSON_KIND_MASK].found;
    if (want & (JSON_LIST | JSON_MAP)) {
        right = want & JSON_LIST ? FOUND_ARRAY : FOUND_OBJECT;
        name = found_names[right];
    }
    if (found == right)
        return true;
    if (REJECT(d, "expected %s, found %s", name, found_names[found]))
        leave_out(d);
    return false;
}

// Whether the scalar just read is part of an unknown key's value.
static bool is_skipped(struct decoder *d)
{
    bool skip = d->skip_next || d->skipped;
    d->skip_next = false;
    return skip;
}

// yajl hands out strings in place unless they have escapes.
static bool is_in_text(const struct decoder *d, const char *string)
{
    return string >= d->text && string <= d->text + d->len;
}

// Strings with escapes have been decoded, but leniently: their source is looked at.
static bool is_well_encoded(struct decoder *d, const char *text, size_t len)
{
    if (!is_in_text(d, text)) {
        size_t begin = json_decode_token(d) + 1;
        text = d->text + begin;
        len = json_decode_token_end(d) - 1 - begin;
        size_t good = json_text_escapes(text, len);
        if (good < len) {
            json_text_fail(d->why, "half a surrogate pair: %.6s", text + good);
            return json_decode_refuse(d, begin + good);
        }
    }
    size_t good = json_text_utf8(text, len);
    if (good == len)
        return true;
    json_text_fail(d->why, "byte 0x%02x is not UTF-8", (unsigned char)text[good]);
    return json_decode_refuse(d, (size_t)(text - d->text) + good);
}

static int on_null(void *ctx)
{
    struct decoder *d = ctx;
    if (is_skipped(d))
        return 1;
    struct frame *f = top(d);
    if (!f || !f->object)
        return is_wanted(d, FOUND_NULL) || !d->failed;
    if (f->field->is_required)
        return REJECT(d, "required, may not be null") && leave_out(d);
    return 1;
}

static int on_bool(void *ctx, int value)
{
    struct decoder *d = ctx;
    if (is_skipped(d))
        return 1;
    if (!is_wanted(d, FOUND_BOOL))
        return !d->failed;
    bool *out = slot(d);
    if (!out)
        return 0;
    *out = value;
    return stored(d);
}

static int store_text(struct decoder *d, const char *text, size_t len)
{
    const char *copy = arena_strndup(d->arena, text, len);
    void *out = copy ? slot(d) : NULL;
    if (!out)
        return copy ? 0 : out_of_memory(d);
    memcpy(out, &copy, sizeof copy);
    return stored(d);
}

static int on_number(void *ctx, const char *text, size_t len)
{
    struct decoder *d = ctx;
    if (is_skipped(d))
        return 1;
    if (!is_wanted(d, FOUND_NUMBER))
        return !d->failed;
    if ((wanted(d) & JSON_KIND_MASK) == JSON_DECIMAL)
        return store_text(d, text, len);
    void *out = slot(d);
    if (!out)
        return 0;
    if (!json_integer_read(top(d)->field, text, len, out, d->why))
        return json_decode_reject(d, json_decode_token(d), NULL, NULL, 0) && take_back(d);
    return stored(d);
}

static int store_enum(struct decoder *d, const char *text, size_t len)
{
    void *out = slot(d);
    if (!out)
        return 0;
    const char *const *names = top(d)->field->of;
    for (unsigned i = 0; names[i]; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], text, len) == 0) {
            json_integer_store(out, top(d)->field->size, i);
            return stored(d);
        }
    }
    json_text_fail(d->why, "unknown value %.*s", len > 64 ? 64 : (int)len, text);
    return json_decode_reject(d, json_decode_token(d), names, text, len) && take_back(d);
}

static int on_string(void *ctx, const unsigned char *string, size_t len)
{
    struct decoder *d = ctx;
    const char *text = (const char *)string;
    bool skip = is_skipped(d);
    if (!is_well_encoded(d, text, len))
        return 0;
    if (skip)
        return 1;
    if (!is_wanted(d, FOUND_STRING))
        return !d->failed;
    if (memchr(text, 0, len))
        return REJECT(d, "a string may not hold a NUL") && leave_out(d);
    if ((wanted(d) & JSON_KIND_MASK) == JSON_ENUM)
        return store_enum(d, text, len);
    return store_text(d, text, len);
}

static bool has_room(struct decoder *d)
{
    return d->depth + d->skipped < JSON_MAX_DEPTH ||
           REFUSE(d, "nested deeper than %d", JSON_MAX_DEPTH);
}

// An opening bracket of skipped content is only counted.
static bool skip_open(struct decoder *d)
{
    if (!is_skipped(d))
        return false;
    d->skipped++;
    return true;
}

// The same for a bracket where a value of another type belongs.
static int skip_wrong(struct decoder *d)
{
    d->skipped += !d->failed;
    return !d->failed;
}

static bool skip_close(struct decoder *d)
{
    if (d->skipped == 0)
        return false;
    d->skipped--;
    return true;
}

static int push(struct decoder *d, struct frame frame)
{
    frame.begin = json_decode_token(d);
    d->frames[d->depth++] = frame;
    return 1;
}

static int push_gathering(struct decoder *d, bool is_map)
{
    return push(d, (struct frame){
                       .field = top(d)->field,
                       .base = json_gather_open(&d->gather),
                       .is_map = is_map,
                   });
}

// A struct in a list or map is gathered; any other is a piece of the arena.
static int push_object(struct decoder *d)
{
    struct frame *f = top(d);
    struct frame frame = { .object = f ? f->field->of : d->root };
    void *out = f ? slot(d) : &d->result;
    if (!out)
        return 0;
    if (f && !f->object) {
        frame.base = (size_t)((char *)out - d->gather.at);
        return push(d, frame);
    }
    frame.at = arena_alloc(d->arena, frame.object->size);
    if (!frame.at)
        return out_of_memory(d);
    memcpy(out, &frame.at, sizeof frame.at);
    return push(d, frame);
}

static int on_open_map(void *ctx)
{
    struct decoder *d = ctx;
    if (!has_room(d))
        return 0;
    if (skip_open(d))
        return 1;
    if (!is_wanted(d, FOUND_OBJECT))
        return skip_wrong(d);
    return wanted(d) & JSON_MAP ? push_gathering(d, true) : push_object(d);
}

static int on_open_array(void *ctx)
{
    struct decoder *d = ctx;
    if (!has_room(d))
        return 0;
    if (skip_open(d))
        return 1;
    return is_wanted(d, FOUND_ARRAY) ? push_gathering(d, false) : skip_wrong(d);
}

// Keys mostly come in the order of the table: the search begins after the last one found.
static const struct json_field *find_field(const struct frame *f, const char *key, size_t len)
{
    const struct json_object *object = f->object;
    size_t at = f->field ? (size_t)(f->field - object->fields) : object->n_fields - 1u;
    for (size_t i = 0; i < object->n_fields; i++) {
        at = at + 1 < object->n_fields ? at + 1 : 0;
        const struct json_field *field = &object->fields[at];
        if (field->key_len == len && memcmp(field->key, key, len) == 0)
            return field;
    }
    return NULL;
}

static int map_key(struct decoder *d, struct frame *f)
{
    struct json_gather_key entry = {
        .key = arena_strndup(d->arena, f->key, f->key_len),
        .begin = json_decode_token(d),
    };
    if (!entry.key || !json_gather_add(&d->gather, f->field, &f->value))
        return out_of_memory(d);
    memcpy(d->gather.at + f->value - sizeof entry, &entry, sizeof entry);
    f->key = entry.key;
    return 1;
}

static int unknown_key(struct decoder *d, struct frame *f)
{
    d->skip_next = true;
    if (!is_in_text(d, f->key))
        f->key = arena_strndup(d->arena, f->key, f->key_len);
    if (!f->key)
        return out_of_memory(d);
    if (d->watch && d->watch->unknown) {
        struct json_error unknown = { .text = "unknown key" };
        struct json_path path = { .at = unknown.path, .room = sizeof unknown.path };
        json_decode_path(d, &path);
        json_text_position(d->text, json_decode_token(d), &unknown.line, &unknown.column);
        d->watch->unknown(d->watch->ctx, &(struct json_finding){ .error = &unknown,
                                                                 .object = f->object,
                                                                 .word = f->key,
                                                                 .len = f->key_len });
    }
    return 1;
}

static int on_key(void *ctx, const unsigned char *key, size_t len)
{
    struct decoder *d = ctx;
    struct frame *f = top(d);
    if (!d->skipped)
        f->key = NULL;
    if (!is_well_encoded(d, (const char *)key, len))
        return 0;
    if (d->skipped)
        return 1;
    if (memchr(key, 0, len))
        return REFUSE(d, "a key may not hold a NUL");
    f->key = (const char *)key;
    f->key_len = len;
    if (f->is_map)
        return map_key(d, f);
    const struct json_field *field = find_field(f, f->key, len);
    if (!field)
        return unknown_key(d, f);
    f->field = field;
    f->key = field->key;
    uint64_t bit = UINT64_C(1) << (field - f->object->fields);
    if (f->seen & bit)
        return REJECT(d, "given twice");
    f->seen |= bit;
    return 1;
}

static int close_gathering(struct decoder *d)
{
    struct frame *f = top(d), *owner = f - 1;
    bool failed = false;
    if (f->is_map) {
        const struct json_gather_key *twice =
            json_gather_duplicate(&d->gather, f->field, f->base, f->n, &failed);
        if (twice) {
            f->key = twice->key;
            f->key_len = strlen(twice->key);
            json_text_fail(d->why, "given twice");
            if (!json_decode_reject(d, twice->begin, NULL, NULL, 0))
                return 0;
        }
    }
    owner->set |= UINT64_C(1) << (f->field - owner->object->fields);
    if (failed || !json_gather_close(&d->gather, f->field, f->base, f->n, d->arena,
                                     frame_at(d, owner) + f->field->offset))
        return out_of_memory(d);
    d->depth--;
    return stored(d);
}

static int close_object(struct decoder *d)
{
    struct frame *f = top(d);
    for (unsigned i = 0; i < f->object->n_fields; i++) {
        const struct json_field *field = &f->object->fields[i];
        if (field->is_required && !(f->set >> i & 1)) {
            f->key = field->key;
            f->key_len = field->key_len;
            json_text_fail(d->why, "required, but missing");
            if (!json_decode_reject(d, f->begin, NULL, NULL, 0))
                return 0;
        }
    }
    if (json_decode_is_tolerant(d) && !json_decode_fill(d, f->object, frame_at(d, f)))
        return out_of_memory(d);
    d->depth--;
    return stored(d);
}

static int on_close_map(void *ctx)
{
    struct decoder *d = ctx;
    if (skip_close(d))
        return 1;
    return top(d)->is_map ? close_gathering(d) : close_object(d);
}

static int on_close_array(void *ctx)
{
    return skip_close(ctx) ? 1 : close_gathering(ctx);
}

const yajl_callbacks json_events = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_open_map,
    .yajl_map_key = on_key,
    .yajl_end_map = on_close_map,
    .yajl_start_array = on_open_array,
    .yajl_end_array = on_close_array,
};
