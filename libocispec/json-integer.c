// SPDX-License-Identifier: Apache-2.0
// Integers of a table's members: exact 64 bits, on either byte order.
#include "json-integer.h"

#include <string.h>

// Sign and magnitude of TEXT; the magnitude stops at UINT64_MAX.
static bool parse(const char *text, size_t len, bool *is_negative, uint64_t *magnitude, bool *fits)
{
    size_t at = 0;
    *is_negative = len > 0 && text[0] == '-';
    *magnitude = 0;
    *fits = true;
    for (at += *is_negative; at < len; at++) {
        if (text[at] < '0' || text[at] > '9')
            return false;
        uint64_t digit = (uint64_t)(text[at] - '0');
        if (*magnitude > (UINT64_MAX - digit) / 10)
            *fits = false;
        else
            *magnitude = *magnitude * 10 + digit;
    }
    return true;
}

bool json_integer_read(const struct json_field *field, const char *text, size_t len, void *out,
                       struct json_error *why)
{
    bool is_negative, fits;
    uint64_t magnitude;
    int shown = len > 40 ? 40 : (int)len;
    if (!parse(text, len, &is_negative, &magnitude, &fits))
        return json_text_fail(why, "expected an integer without fraction or exponent, found %.*s",
                              shown, text);
    unsigned bits = 8u * field->size;
    if ((field->kind & JSON_KIND_MASK) == JSON_SIGNED) {
        uint64_t most = UINT64_C(1) << (bits - 1);
        fits = fits && magnitude <= (is_negative ? most : most - 1);
    } else {
        fits = fits && magnitude <= UINT64_MAX >> (64 - bits) && !(is_negative && magnitude);
    }
    if (!fits)
        return json_text_fail(why, "%.*s is out of range for %sint%u", shown, text,
                              (field->kind & JSON_KIND_MASK) == JSON_SIGNED ? "" : "u", bits);
    json_integer_store(out, field->size, is_negative ? 0 - magnitude : magnitude);
    return true;
}

void json_integer_store(void *out, size_t size, uint64_t bits)
{
    uint8_t one = (uint8_t)bits;
    uint16_t two = (uint16_t)bits;
    uint32_t four = (uint32_t)bits;
    if (size == sizeof one)
        memcpy(out, &one, sizeof one);
    else if (size == sizeof two)
        memcpy(out, &two, sizeof two);
    else if (size == sizeof four)
        memcpy(out, &four, sizeof four);
    else
        memcpy(out, &bits, sizeof bits);
}

uint64_t json_integer_load(const struct json_field *field, const void *at)
{
    bool is_signed = (field->kind & JSON_KIND_MASK) == JSON_SIGNED;
    uint8_t one;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (field->size) {
    case sizeof one:
        memcpy(&one, at, sizeof one);
        return is_signed ? (uint64_t)(int8_t)one : one;
    case sizeof two:
        memcpy(&two, at, sizeof two);
        return is_signed ? (uint64_t)(int16_t)two : two;
    case sizeof four:
        memcpy(&four, at, sizeof four);
        return is_signed ? (uint64_t)(int32_t)four : four;
    default:
        memcpy(&eight, at, sizeof eight);
        return eight;
    }
}
