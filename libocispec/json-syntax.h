// SPDX-License-Identifier: Apache-2.0
// What the syntax of JSON wants at a place, and what is there instead.
#ifndef JSON_SYNTAX_H
#define JSON_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

// "expected a value, found 'o'", for the token at TEXT[OFFSET], before which all is well.  false
// where nothing is wrong with it there.
bool json_syntax_describe(const char *text, size_t len, size_t offset, char *out, size_t room);

// Where the token that TEXT[OFFSET] is part of begins.
size_t json_syntax_token(const char *text, size_t len, size_t offset);

#endif
