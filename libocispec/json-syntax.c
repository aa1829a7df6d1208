// SPDX-License-Identifier: Apache-2.0
// What the syntax of JSON wants at a place, and what is there instead.
#include "json-syntax.h"

#include "json-text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

// How far a reader has come.
struct reader {
    uint64_t objects; // of the open brackets, innermost in bit 0: which are objects
    unsigned depth;
    char last;   // significant byte; 'v' after a value, 'k' after a key, 0 at the beginning
    bool is_cut; // within a string
};

static bool is_in_object(const struct reader *r)
{
    return r->depth > 0 && (r->objects & 1);
}

// Past the string that begins at AT; its end where it is not closed before END.
static size_t skip_string(const char *text, size_t at, size_t end, struct reader *r)
{
    for (at++; at < end && text[at] != '"'; at++)
        if (text[at] == '\\')
            at++;
    r->is_cut = at >= end;
    r->last = is_in_object(r) && (r->last == '{' || r->last == ',') ? 'k' : 'v';
    return at;
}

static void take(struct reader *r, char c)
{
    if (c == '{' || c == '[') {
        r->objects = r->objects << 1 | (c == '{');
        r->depth++;
    } else if (c == '}' || c == ']') {
        r->objects >>= 1;
        r->depth -= r->depth > 0;
    }
    if (!strchr(" \t\r\n", c))
        r->last = strchr("{[,:", c) ? c : 'v';
}

static struct reader read_to(const char *text, size_t end)
{
    struct reader r = { 0 };
    for (size_t at = 0; at < end; at++) {
        if (text[at] == '"')
            at = skip_string(text, at, end, &r);
        else if (text[at])
            take(&r, text[at]);
    }
    return r;
}

static const char *wanted(const struct reader *r)
{
    switch (r->last) {
    case '{':
        return "a key or }";
    case '[':
        return "a value or ]";
    case ',':
        return is_in_object(r) ? "a key" : "a value";
    case 'k':
        return "a colon";
    case 'v':
        return r->depth == 0 ? NULL : is_in_object(r) ? "a comma or }" : "a comma or ]";
    default:
        return "a value";
    }
}

static const char *found(char c, char out[16])
{
    if (c == '"')
        return "a string";
    if (c == '\'')
        return "a single quote";
    if (c >= '0' && c <= '9')
        return "a number";
    (void)snprintf(out, 16, c > ' ' && c < 0x7f ? "'%c'" : "byte 0x%02x", (unsigned char)c);
    return out;
}

// Editors of other systems put it in front. NULL: there is none.
static const char *byte_order_mark(const char *text, size_t len)
{
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        return "the text begins with a byte order mark (BOM), save it without one";
    if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        return "the text begins with the byte order mark (BOM) of UTF-16, save it as UTF-8";
    return NULL;
}

bool json_syntax_describe(const char *text, size_t len, size_t offset, char *out, size_t room)
{
    const char *mark = byte_order_mark(text, len);
    char name[16];
    if (offset == 0 && mark)
        return (void)snprintf(out, room, "%s", mark), true;
    if (offset >= len)
        return false;
    struct reader r = read_to(text, offset);
    const char *want = wanted(&r);
    char c = text[offset];
    bool wants_value = r.last != 'k' && r.last != 'v' && !(is_in_object(&r) && r.last != ':');
    if (r.is_cut || !want)
        return false;
    if (r.last == ',' && (c == ']' || c == '}'))
        (void)snprintf(out, room, "a comma before %c: JSON allows no trailing comma", c);
    else if (wants_value && ((c >= '0' && c <= '9') || c == '-'))
        (void)snprintf(out, room, "not a number of JSON");
    else if (wants_value && c == '"')
        return false;
    else
        (void)snprintf(out, room, "expected %s, found %s", want, found(c, name));
    return true;
}

size_t json_syntax_token(const char *text, size_t len, size_t offset)
{
    struct reader r = { 0 };
    for (size_t at = 0; at < len && at < offset; at++) {
        size_t begin = at;
        if (text[at] == '"')
            at = skip_string(text, at, len, &r);
        if (at >= offset)
            return begin;
    }
    // "01" are two numbers to yajl.
    if (offset < len && text[offset] != '"')
        return json_text_token(text, offset + 1);
    return offset;
}
