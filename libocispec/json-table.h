// SPDX-License-Identifier: Apache-2.0
// How a JSON object maps onto a C struct: one table a struct, one row a member.
#ifndef JSON_TABLE_H
#define JSON_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a member of an array or free-keyed object is.  Absent: n == 0 and at == NULL.
// Present and empty: n == 0 and at != NULL.  key[i] belongs to at[i], in the order of the text.
#define LIST(type)      \
    struct {            \
        size_t n;       \
        type const *at; \
    }
#define MAP(type)               \
    struct {                    \
        size_t n;               \
        type const *at;         \
        const char *const *key; \
    }

// FOREACH(arg, process->args) puts("%s", *arg): item points at each value in turn.
// An empty list is a null pointer, and C11 defines not even null + 0.
#define FOREACH(item, list) \
    for (__auto_type item = (list).at; (list).n && item != (list).at + (list).n; item++)

// The same with a name, so that functions can take one.
struct json_string_list {
    size_t n;
    const char *const *at;
};

struct json_string_map {
    size_t n;
    const char *const *at;
    const char *const *key;
};

enum json_kind {
    JSON_STRING, // const char *
    JSON_BOOL,
    JSON_SIGNED,   // intN_t
    JSON_UNSIGNED, // uintN_t
    JSON_ENUM,     // enum; a string in JSON
    JSON_OBJECT,   // const struct *; in a list or map: the struct itself
    JSON_DECIMAL,  // const char *: the text of a number, which JSON has as it stands
    JSON_KIND_MASK = 0x0f,
    JSON_LIST = 0x10,
    JSON_MAP = 0x20,
};

struct json_field {
    const char *key;
    const void *of;  // JSON_OBJECT: its struct json_object; JSON_ENUM: its names, NULL-ended
    uint16_t offset; // of the member in its struct
    uint16_t
        has; // offset of its has_ flag; 0 where the member itself shows absence, or is required
    uint16_t size; // of one value
    uint8_t key_len;
    uint8_t kind; // enum json_kind, with JSON_LIST or JSON_MAP
    bool is_required;
};

struct json_object {
    const char *name;
    const struct json_field *fields;
    uint16_t n_fields; // at most 64
    uint16_t size;
};

// Rows of a generated table; THIS is the struct the table describes.
#define OPTIONAL false
#define REQUIRED true
#define ROW(need, key_, member, kind_, type, of_)                                             \
    {                                                                                         \
        .key = key_, .key_len = sizeof key_ - 1, .of = of_, .offset = offsetof(THIS, member), \
        .size = sizeof(type), .kind = kind_, .is_required = need                              \
    }
#define ROW_HAS(need, key_, member, kind_, type, of_)                                         \
    {                                                                                         \
        .key = key_, .key_len = sizeof key_ - 1, .of = of_, .offset = offsetof(THIS, member), \
        .has = offsetof(THIS, has_##member), .size = sizeof(type), .kind = kind_,             \
        .is_required = need                                                                   \
    }
#define OBJECT(struct_)                                                   \
    {                                                                     \
        .name = #struct_, .fields = struct_##_fields,                     \
        .n_fields = sizeof struct_##_fields / sizeof struct_##_fields[0], \
        .size = sizeof(struct struct_)                                    \
    }

#endif
