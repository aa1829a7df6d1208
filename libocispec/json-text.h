// SPDX-License-Identifier: Apache-2.0
// What is wrong with a JSON text and where: errors, positions, and the encoding of its strings.
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum {
    JSON_MAX_SIZE = 16 * 1024 * 1024, // bytes of text; a caller refuses a longer file unread
    JSON_MAX_DEPTH = 64,              // open brackets
};

// A path is written process.rlimits[1].soft; the keys of free-keyed objects are written
// linux.sysctl["net.ipv4.ip_forward"], with a backslash before each " and \ of the key.
// It is cut where it does not fit.
struct json_error {
    char path[160];        // of the offending value; "" for the whole text
    char text[256];        // what is wrong with it, without the path
    unsigned line, column; // of the offending token, in bytes, from 1; 0 where there is no text
};

// The error's text and place; returns false always.
bool json_text_fail(struct json_error *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Line and column of TEXT[OFFSET].
void json_text_position(const char *text, size_t offset, unsigned *line, unsigned *column);

// Where the token that ends before TEXT[END] begins.
size_t json_text_token(const char *text, size_t end);

// Bytes of TEXT that are well-formed UTF-8 (RFC 3629): LEN if all are.
size_t json_text_utf8(const char *text, size_t len);

// Bytes of the inside of a string token before an escape that is half a surrogate pair: LEN if
// there is none.
size_t json_text_escapes(const char *text, size_t len);

// TEXT is what JSON calls a number (RFC 8259): no leading zero, plus sign, space or bare point.
bool json_text_is_number(const char *text);

#endif
