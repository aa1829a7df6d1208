// SPDX-License-Identifier: Apache-2.0
// From the path of a value to its place in the text.
#ifndef JSON_LOCATE_H
#define JSON_LOCATE_H

#include <stdbool.h>
#include <stddef.h>

// Line and column, from 1 and in bytes, where the value at PATH begins in TEXT.  A path is written
// as in struct json_error; the keys of a struct may also be written ["key"].
// False if there is no such value: then the place is that of the innermost value around it, or 1:1
// if TEXT is broken before that.
bool json_locate(const char *text, size_t len, const char *path, unsigned *line, unsigned *column);

#endif
