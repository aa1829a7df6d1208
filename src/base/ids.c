// SPDX-License-Identifier: Apache-2.0
/* Reading "UID[:GID]". */
#include "base/ids.h"

#include "base/text.h"

#include <string.h>

bool ids_parse_one(const char *text, uint32_t *ret)
{
    uint64_t number;

    if (!text_to_number(text, UINT32_MAX - 1, &number))
        return false;
    *ret = (uint32_t)number;
    return true;
}

bool ids_parse(const char *text, struct ids *ret)
{
    size_t length = strcspn(text, ":");
    char uid[16];

    *ret = (struct ids){ 0 };
    if (length >= sizeof uid)
        return false;
    memcpy(uid, text, length);
    uid[length] = 0;
    if (!ids_parse_one(uid, &ret->uid))
        return false;
    if (!text[length])
        return true;
    ret->has_gid = true;
    return ids_parse_one(text + length + 1, &ret->gid);
}
