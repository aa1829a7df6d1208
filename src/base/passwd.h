// SPDX-License-Identifier: Apache-2.0
/* Users of a passwd(5) file, found by number. */
#pragma once

#include "arena.h"

#include <stdint.h>

enum passwd_field { PASSWD_NAME = 0, PASSWD_HOME = 5 };

/* A field of UID's first line in FD, in ARENA; NULL where there is none, or FD is no regular file.
   Lines over 2 KB belong to nobody; at most 4 MB are read. */
const char *passwd_find(int fd, uint32_t uid, enum passwd_field wanted, struct arena *arena);
