// SPDX-License-Identifier: Apache-2.0
// Table-driven JSON encoder over yajl_gen.
#include "json-encode.h"

#include "json-integer.h"
#include "json-path.h"
#include "yajl-memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

struct encoder {
    struct yajl_memory memory;
    yajl_gen gen;
    char *text;
    size_t used, room;
    struct json_path path;
    struct json_error *why;
};

// It can leave as yajl's allocator does.
static void append(struct encoder *e, const char *text, size_t len)
{
    if (e->room - e->used <= len) {
        size_t room = 2 * e->room > e->used + len ? 2 * e->room : e->used + len + 1;
        char *fresh = realloc(e->text, room);
        if (!fresh)
            longjmp(e->memory.full, 1);
        e->text = fresh;
        e->room = room;
    }
    memcpy(e->text + e->used, text, len);
    e->used += len;
    e->text[e->used] = '\0';
}

// Bytes of a control character that yajl leaves as it is, DEL or U+0080 to U+009F; 0: there is
// none.
static size_t control_length(const char *text, size_t len)
{
    if (*text == 0x7f)
        return 1;
    return len > 1 && (unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0 ? 2 : 0;
}

// yajl's print function, which cannot fail. State and annotations are shown on terminals, whose
// commands begin with U+009B: such characters, which are in strings only, are escaped.
static void print(void *ctx, const char *text, size_t len)
{
    struct encoder *e = ctx;
    size_t done = 0;
    for (size_t i = 0; i < len; i++) {
        size_t n = control_length(text + i, len - i);
        if (n == 0)
            continue;
        char escape[8];
        snprintf(escape, sizeof escape, "\\u%04x", (unsigned char)text[i + n - 1]);
        append(e, text + done, i - done);
        append(e, escape, 6);
        done = i + n;
        i = done - 1;
    }
    append(e, text + done, len - done);
}

static bool gen(struct encoder *e, yajl_gen_status status)
{
    return status == yajl_gen_status_ok || json_text_fail(e->why, "yajl_gen: status %d", status);
}

static bool put_string(struct encoder *e, const char *text)
{
    if (!text)
        return json_text_fail(e->why, "required, but missing");
    size_t len = strlen(text), good = json_text_utf8(text, len);
    if (good < len)
        return json_text_fail(e->why, "byte 0x%02x is not UTF-8", (unsigned char)text[good]);
    return gen(e, yajl_gen_string(e->gen, (const unsigned char *)text, len));
}

static bool put_integer(struct encoder *e, const struct json_field *field, const void *at)
{
    char text[24];
    uint64_t bits = json_integer_load(field, at);
    int len = (field->kind & JSON_KIND_MASK) == JSON_SIGNED
                  ? snprintf(text, sizeof text, "%" PRId64, (int64_t)bits)
                  : snprintf(text, sizeof text, "%" PRIu64, bits);
    return gen(e, yajl_gen_number(e->gen, text, (size_t)len));
}

// yajl writes a "number" as it is given, so that nothing is lost, and nothing may slip in.
static bool put_decimal(struct encoder *e, const char *text)
{
    if (!text)
        return json_text_fail(e->why, "required, but missing");
    if (!json_text_is_number(text))
        return json_text_fail(e->why, "\"%.32s\" is not a number", text);
    return gen(e, yajl_gen_number(e->gen, text, strlen(text)));
}

static bool put_enum(struct encoder *e, const struct json_field *field, const void *at)
{
    const char *const *names = field->of;
    uint64_t value = json_integer_load(field, at);
    for (uint64_t i = 0; names[i]; i++)
        if (i == value)
            return put_string(e, names[i]);
    return json_text_fail(e->why, "%" PRIu64 " is no value of its enum", value);
}

static bool put_object(struct encoder *e, const struct json_object *object, const char *at);

// One value; an object is given by its address, everything else by where it is stored.
static bool put_value(struct encoder *e, const struct json_field *field, const char *at)
{
    const char *string;
    switch (field->kind & JSON_KIND_MASK) {
    case JSON_STRING:
        memcpy(&string, at, sizeof string);
        return put_string(e, string);
    case JSON_DECIMAL:
        memcpy(&string, at, sizeof string);
        return put_decimal(e, string);
    case JSON_BOOL:
        return gen(e, yajl_gen_bool(e->gen, *(const bool *)at));
    case JSON_ENUM:
        return put_enum(e, field, at);
    case JSON_OBJECT:
        return put_object(e, field->of, at);
    default:
        return put_integer(e, field, at);
    }
}

static bool put_list(struct encoder *e, const struct json_field *field, const char *at)
{
    struct json_string_list list;
    memcpy(&list, at, sizeof list);
    size_t here = e->path.n;
    bool ok = gen(e, yajl_gen_array_open(e->gen));
    for (size_t i = 0; ok && i < list.n; i++) {
        json_path_index(&e->path, i);
        ok = put_value(e, field, (const char *)list.at + i * field->size);
        if (ok)
            json_path_cut(&e->path, here);
    }
    return ok && gen(e, yajl_gen_array_close(e->gen));
}

static bool put_map(struct encoder *e, const struct json_field *field, const char *at)
{
    struct json_string_map map;
    memcpy(&map, at, sizeof map);
    size_t here = e->path.n;
    bool ok = gen(e, yajl_gen_map_open(e->gen));
    for (size_t i = 0; ok && i < map.n; i++) {
        json_path_key(&e->path, map.key[i], strlen(map.key[i]));
        ok = put_string(e, map.key[i]) &&
             put_value(e, field, (const char *)map.at + i * field->size);
        if (ok)
            json_path_cut(&e->path, here);
    }
    return ok && gen(e, yajl_gen_map_close(e->gen));
}

// Absent, empty and filled; a member that is never absent counts as filled.
enum presence { ABSENT, EMPTY, FILLED };

static enum presence presence(const struct json_field *field, const char *object)
{
    struct json_string_list list = { .n = 1 };
    const char *at = object + field->offset;
    unsigned kind = field->kind & JSON_KIND_MASK;
    if (field->kind & (JSON_LIST | JSON_MAP)) {
        memcpy(&list, at, sizeof list);
        return list.n ? FILLED : list.at ? EMPTY : ABSENT;
    }
    if (field->has)
        return *(const bool *)(object + field->has) ? FILLED : ABSENT;
    if (kind != JSON_STRING && kind != JSON_DECIMAL && kind != JSON_OBJECT)
        return FILLED;
    memcpy(&list.at, at, sizeof list.at);
    return list.at ? FILLED : ABSENT;
}

static bool put_member(struct encoder *e, const struct json_field *field, const char *at,
                       enum presence is)
{
    const char *object;
    // yajl breaks the line inside empty brackets; it writes a "number" as it is given.
    if (is == EMPTY)
        return gen(e, yajl_gen_number(e->gen, field->kind & JSON_LIST ? "[]" : "{}", 2));
    if (field->kind & JSON_LIST)
        return put_list(e, field, at);
    if (field->kind & JSON_MAP)
        return put_map(e, field, at);
    if (field->kind != JSON_OBJECT)
        return put_value(e, field, at);
    memcpy(&object, at, sizeof object);
    return put_object(e, field->of, object);
}

static bool put_object(struct encoder *e, const struct json_object *object, const char *at)
{
    size_t here = e->path.n;
    bool ok = gen(e, yajl_gen_map_open(e->gen));
    for (size_t i = 0; ok && i < object->n_fields; i++) {
        const struct json_field *field = &object->fields[i];
        enum presence is = presence(field, at);
        if (is == ABSENT && !field->is_required)
            continue;
        json_path_member(&e->path, field->key, field->key_len);
        if (is == ABSENT)
            return json_text_fail(e->why, "required, but missing");
        ok = put_string(e, field->key) && put_member(e, field, at + field->offset, is);
        if (ok)
            json_path_cut(&e->path, here);
    }
    return ok && gen(e, yajl_gen_map_close(e->gen));
}

static bool run(struct encoder *e, const struct json_object *object, const void *value,
                enum json_layout layout)
{
    if (setjmp(e->memory.full))
        return json_text_fail(e->why, "out of memory");
    e->gen = yajl_gen_alloc(&e->memory.functions);
    if (!e->gen)
        return json_text_fail(e->why, "out of memory");
    yajl_gen_config(e->gen, yajl_gen_print_callback, print, e);
    if (layout == JSON_INDENTED) {
        yajl_gen_config(e->gen, yajl_gen_beautify, 1);
        yajl_gen_config(e->gen, yajl_gen_indent_string, "  ");
    }
    return put_object(e, object, value);
}

char *json_encode(const struct json_object *object, const void *value, enum json_layout layout,
                  size_t *len, struct json_error *why)
{
    struct encoder e = { .why = why, .path = { .at = why->path, .room = sizeof why->path } };
    *why = (struct json_error){ 0 };
    yajl_memory_init(&e.memory);
    bool ok = run(&e, object, value, layout);
    yajl_memory_free(&e.memory);
    if (!ok) {
        free(e.text);
        return NULL;
    }
    if (len)
        *len = e.used;
    return e.text;
}
