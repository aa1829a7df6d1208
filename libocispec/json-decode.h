// SPDX-License-Identifier: Apache-2.0
// From JSON text to the structs of a table.
#ifndef JSON_DECODE_H
#define JSON_DECODE_H

#include "arena.h"
#include "json-table.h"
#include "json-text.h"

// Decode TEXT into the struct that OBJECT describes, allocated in ARENA with all it points to:
//     const struct oci_config *config = json_decode(&oci_config_object, text, len, &arena, &why);
// NULL on failure, with the reason in WHY; ARENA may then hold pieces.  TEXT is not needed later.
//
// Unknown keys are skipped, as the specification asks.  null means absent.  Refused are: JSON
// syntax errors, comments, anything after the value, text over JSON_MAX_SIZE, brackets nested over
// JSON_MAX_DEPTH, strings that are not UTF-8, keys and values with a NUL, a key given twice, wrong
// types, integers out of range or with a fraction or exponent, unknown names of an enum, and
// missing required members.
void *json_decode(const struct json_object *object, const char *text, size_t len,
                  struct arena *arena, struct json_error *why);

// Told of each unknown key: its path, and line and column of the key.
struct json_watch {
    void (*unknown)(void *ctx, const char *path, unsigned line, unsigned column);
    void *ctx;
};

// json_decode that reports unknown keys; WATCH may be NULL.
void *json_decode_watched(const struct json_object *object, const char *text, size_t len,
                          struct arena *arena, const struct json_watch *watch,
                          struct json_error *why);

#endif
