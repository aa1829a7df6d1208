// SPDX-License-Identifier: Apache-2.0
/* Small questions about strings. */
#include "base/text.h"

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

bool text_starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

bool text_ends(const char *text, const char *with)
{
    size_t have = strlen(text), want = strlen(with);

    return have >= want && strcmp(text + have - want, with) == 0;
}

enum { TEXT_ID_MAX = 240 };

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
