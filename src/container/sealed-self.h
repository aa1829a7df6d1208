// SPDX-License-Identifier: Apache-2.0
/* The host's binary is never reachable for writing from a container. */
#pragma once

#include "base/error.h"

/* Return 0 when this process runs from a read-only mount or a sealed file; else make one of its own
   binary and start over from it with the same arguments. To be called before anything else by every
   command that puts a process into a container. */
int sealed_self_enter(char *const argv[], struct error *why);
