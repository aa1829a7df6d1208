// SPDX-License-Identifier: Apache-2.0
/* Directories of the host that we make, at paths that others may have a hand in. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

/* Make PATH and what is missing of the directories above it: PATH with MODE, the others with 0755.
 * A link on the way is followed only if nobody but root and the caller can have put it there: else
 * root would make, and change, what somebody else chooses (ELOOP). RET_WAS_MADE, which may be NULL:
 * whether PATH was missing. A descriptor of the directory (O_RDONLY), or -1. */
int host_folder_make(const char *path, mode_t mode, bool *ret_was_made, struct error *why);
