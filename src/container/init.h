// SPDX-License-Identifier: Apache-2.0
/* What the runtime side waits for when INIT is to become the program. */
#pragma once

#include "sections/container.h"

/* Read from SOCKET until INIT has become the program: 0; or -1 with its own account of the failure.
 */
int init_confirm(const struct container *c, int socket, struct error *why);
