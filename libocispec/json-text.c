// SPDX-License-Identifier: Apache-2.0
// What is wrong with a JSON text and where: errors, positions, and the encoding of its strings.
#include "json-text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

bool json_text_fail(struct json_error *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return false;
}

void json_text_position(const char *text, size_t offset, unsigned *line, unsigned *column)
{
    const char *start = text, *newline;
    unsigned lines = 1;
    while ((newline = memchr(start, '\n', (size_t)(text + offset - start)))) {
        start = newline + 1;
        lines++;
    }
    *line = lines;
    *column = (unsigned)(text + offset - start) + 1;
}

// A quote inside a string has an odd number of backslashes before it; the opening one has none,
// because outside of strings there are no backslashes.
static size_t string_begin(const char *text, size_t end)
{
    for (size_t at = end - 1; at > 0; at--) {
        if (text[at - 1] != '"')
            continue;
        size_t slashes = 0;
        while (slashes < at - 1 && text[at - 2 - slashes] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            return at - 1;
    }
    return end - 1;
}

static bool is_in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '+' || c == '.';
}

size_t json_text_token(const char *text, size_t end)
{
    if (end == 0)
        return 0;
    if (text[end - 1] == '"')
        return string_begin(text, end);
    size_t at = end;
    while (at > 0 && is_in_word(text[at - 1]))
        at--;
    if (at < end)
        return at;
    // Between tokens: yajl has stopped before the one it does not like.
    return text[end - 1] && strchr(" \t\r\n", text[end - 1]) ? end : end - 1;
}

// Length of the well-formed sequence at AT, 0 if there is none.  LOW and HIGH bound its second
// byte: they are what keeps overlong forms, surrogates and more than U+10FFFF out.
static size_t sequence(const unsigned char *at, size_t len)
{
    size_t more = 0;
    unsigned char low = 0x80, high = 0xbf, first = at[0];
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        more = 1;
    else if (first >= 0xe0 && first <= 0xef)
        more = 2;
    else if (first >= 0xf0 && first <= 0xf4)
        more = 3;
    if (more == 0 || more >= len)
        return 0;
    if (first == 0xe0)
        low = 0xa0;
    if (first == 0xed)
        high = 0x9f;
    if (first == 0xf0)
        low = 0x90;
    if (first == 0xf4)
        high = 0x8f;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i <= more; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return more + 1;
}

size_t json_text_utf8(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        uint64_t eight;
        if (len - at >= sizeof eight) {
            memcpy(&eight, text + at, sizeof eight);
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        size_t n = sequence((const unsigned char *)text + at, len - at);
        if (n == 0)
            return at;
        at += n;
    }
    return len;
}

// The four digits of the \u escape at AT; -1 if it is something else.  yajl has seen the digits.
static long escape(const char *at, size_t len)
{
    if (len < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    long code = 0;
    for (int i = 2; i < 6; i++)
        code = code * 16 + (at[i] <= '9' ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
    return code;
}

size_t json_text_escapes(const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    while ((at = memchr(at, '\\', (size_t)(end - at)))) {
        long code = escape(at, (size_t)(end - at));
        bool is_high = code >= 0xd800 && code <= 0xdbff;
        if (code >= 0xdc00 && code <= 0xdfff)
            return (size_t)(at - text);
        if (is_high) {
            long low = escape(at + 6, (size_t)(end - at) - 6);
            if (low < 0xdc00 || low > 0xdfff)
                return (size_t)(at - text);
        }
        at += is_high ? 12 : code >= 0 ? 6 : 2;
        if (at >= end)
            break;
    }
    return len;
}

static bool skip_digits(const char **at)
{
    size_t n = strspn(*at, "0123456789");
    *at += n;
    return n > 0;
}

bool json_text_is_number(const char *text)
{
    const char *at = text + (text[0] == '-');
    if ((at[0] == '0' && at[1] >= '0' && at[1] <= '9') || !skip_digits(&at))
        return false;
    if (*at == '.' && (at++, !skip_digits(&at)))
        return false;
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        if (!skip_digits(&at))
            return false;
    }
    return *at == 0;
}
