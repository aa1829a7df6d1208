// SPDX-License-Identifier: Apache-2.0
/* Small questions about strings. */
#include "base/text.h"
#include "json-text.h"

#include <string.h>

bool text_to_number(const char *text, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;

        uint64_t digit = (uint64_t)(*text - '0');

        if (value > (max - digit) / 10 || digit > max)
            return false;
        value = value * 10 + digit;
    }
    *ret = value;
    return true;
}

static uint64_t read_unit(const char **at)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {
        { "ns", 1 },       { "us", 1000 },      { "\xc2\xb5s", 1000 }, /* the micro sign */
        { "ms", 1000000 }, { "s", 1000000000 }, { "m", 60000000000 },  { "h", 3600000000000 },
    };
    size_t length = strcspn(*at, "0123456789.");

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (length == strlen(units[i].name) && memcmp(*at, units[i].name, length) == 0) {
            *at += length;
            return units[i].ns;
        }
    return 0;
}

/* Digits from *AT on, after the point no more than count; false when there are too many before. */
static bool read_digits(const char **at, uint64_t *value, uint64_t *scale)
{
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        if (scale && *scale >= 1000000000)
            continue;
        if (*value > UINT64_MAX / 100)
            return false;
        *value = *value * 10 + (uint64_t)(**at - '0');
        if (scale)
            *scale *= 10;
    }
    return true;
}

bool text_to_duration(const char *text, uint64_t *ret)
{
    uint64_t sum = 0;

    if (strcmp(text, "0") == 0)
        return *ret = 0, true;
    if (!*text)
        return false;
    while (*text) {
        uint64_t whole = 0, part = 0, scale = 1, unit;
        const char *begin = text;
        bool is_number = read_digits(&text, &whole, NULL);
        size_t digits = (size_t)(text - begin);

        if (*text == '.') {
            begin = ++text;
            is_number &= read_digits(&text, &part, &scale);
            digits += (size_t)(text - begin);
        }
        unit = read_unit(&text);
        if (!is_number || digits == 0 || unit == 0 || sum > UINT64_MAX / 4 ||
            whole > (UINT64_MAX / 4 - sum) / unit)
            return false;
        sum += whole * unit;
        sum += unit >= scale ? part * (unit / scale) : part * unit / scale;
    }
    *ret = sum;
    return true;
}

/* Bytes of the character at AT, of well-formed UTF-8, that no terminal may get; 0: it is harmless.
 */
static size_t harmful_length(const unsigned char *at)
{
    if (*at < ' ' || *at == 0x7f)
        return 1;
    if (at[0] == 0xc2 && at[1] < 0xa0)
        return 2;
    if (at[0] == 0xe2 && ((at[1] == 0x80 && at[2] >= 0xaa && at[2] <= 0xae) ||
                          (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9)))
        return 3;
    return 0;
}

void text_make_printable(char *text)
{
    unsigned char *at = (unsigned char *)text, *const end = at + strlen(text);

    while (at < end) {
        const unsigned char *bad = at + json_text_utf8((char *)at, (size_t)(end - at));

        while (at < bad) {
            size_t n = harmful_length(at);

            memset(at, '?', n);
            at += n ? n : 1;
        }
        if (at < end)
            *at++ = '?';
    }
}

bool text_starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

bool text_ends(const char *text, const char *with)
{
    size_t have = strlen(text), want = strlen(with);

    return have >= want && strcmp(text + have - want, with) == 0;
}

bool text_is_id(const char *text)
{
    size_t allowed =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+.-");

    return allowed > 0 && allowed <= TEXT_ID_MAX && text[allowed] == 0 && strcmp(text, ".") != 0 &&
           strcmp(text, "..") != 0;
}

bool text_climbs(const char *path)
{
    while (*path) {
        size_t length = strcspn(path, "/");

        if (length == 2 && path[0] == '.' && path[1] == '.')
            return true;
        path += length;
        path += strspn(path, "/");
    }
    return false;
}
