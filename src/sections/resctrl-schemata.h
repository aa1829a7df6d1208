// SPDX-License-Identifier: Apache-2.0
/* The text of resctrl's schemata: pure questions. */
#pragma once

#include "arena.h"
#include "oci-spec.h"

#include <stdbool.h>

/* l3CacheSchema and memBwSchema as one text, each line with its newline: of the former without its
   MB: lines where the latter is given. NULL: no memory. */
char *resctrl_schemata_combine(struct arena *arena, const struct oci_intel_rdt *rdt);

/* Whether all that WANTED asks for is so in HAS, the kernel's file: whatever the order of lines and
   domains, spaces, leading zeros and case. */
bool resctrl_schemata_match(const char *wanted, const char *has);
