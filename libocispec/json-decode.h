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

// What a watch is told. ERROR has path, text and place; the rest helps to guess what was meant.
struct json_finding {
    const struct json_error *error;
    const struct json_object *object; // where a key is unknown: what has the known ones
    const char *const *names;         // where the name of an enum is: those known; else NULL
    const char *word;                 // that key or name, of LEN bytes
    size_t len;
};

// Told of each unknown key, and of all that is wrong but JSON's syntax.  With WRONG set decoding
// goes on behind what is wrong: an optional member is absent then, a required string empty and any
// other 0, so that the result can be looked at.  Without it the first wrong value ends the
// decoding.  Either may be NULL.
struct json_watch {
    void (*unknown)(void *ctx, const struct json_finding *finding);
    void (*wrong)(void *ctx, const struct json_finding *finding);
    void *ctx;
};

// json_decode that tells; WATCH may be NULL.
void *json_decode_watched(const struct json_object *object, const char *text, size_t len,
                          struct arena *arena, const struct json_watch *watch,
                          struct json_error *why);

#endif
