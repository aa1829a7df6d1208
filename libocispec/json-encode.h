// SPDX-License-Identifier: Apache-2.0
// From the structs of a table to JSON text.
#ifndef JSON_ENCODE_H
#define JSON_ENCODE_H

#include "json-table.h"
#include "json-text.h"

enum json_layout { JSON_COMPACT, JSON_INDENTED };

// Encode VALUE, a struct that OBJECT describes:
//     autofree char *text = json_encode(&oci_state_object, &state, JSON_INDENTED, NULL, &why);
// The text is malloc'ed and ends in a NUL that *LEN, if LEN is not NULL, does not count; the
// indented layout ends in a newline.  Absent members are left out; an empty list is written [].
// Required scalars have no has_ flag and are always written.  NULL on failure: out of memory, a
// required string, object or list that is absent, a string that is not UTF-8, an enum out of range.
char *json_encode(const struct json_object *object, const void *value, enum json_layout layout,
                  size_t *len, struct json_error *why);

#endif
