// SPDX-License-Identifier: Apache-2.0
// Integers of a table's members: exact 64 bits, on either byte order.
#ifndef JSON_INTEGER_H
#define JSON_INTEGER_H

#include "json-table.h"
#include "json-text.h"

// TEXT is a JSON number; it is stored at OUT if it is an integer that FIELD can hold.
bool json_integer_read(const struct json_field *field, const char *text, size_t len, void *out,
                       struct json_error *why);

// Stores the low SIZE bytes' worth of BITS; SIZE is 1, 2, 4 or 8.
void json_integer_store(void *out, size_t size, uint64_t bits);

// What is stored at AT, sign-extended if FIELD is signed.
uint64_t json_integer_load(const struct json_field *field, const void *at);

#endif
