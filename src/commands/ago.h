// SPDX-License-Identifier: Apache-2.0
/* Times as people say them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* TEXT, a time as in the state ("2026-12-01T14:40:06.123Z") -> "3 minutes ago". false where TEXT is
   no such time, or one after NOW. */
bool ago_format(const char *text, time_t now, char *out, size_t room);
