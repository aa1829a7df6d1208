// SPDX-License-Identifier: Apache-2.0
/* User and group ids as people write them: strictly decimal, 0 to 2^32 - 2 (2^32 - 1 means "no id"
 * to the kernel). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ids {
    uint32_t uid, gid;
    bool has_gid;
};

bool ids_parse_one(const char *text, uint32_t *ret);

/* "UID" or "UID:GID". */
bool ids_parse(const char *text, struct ids *ret);
