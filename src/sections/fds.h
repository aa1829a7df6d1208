// SPDX-License-Identifier: Apache-2.0
/* What must be known of the caller's file descriptors before anything is made. */
#pragma once

#include "sections/container.h"

/* Every fd that --preserve-fds counts is the caller's: open, and not close-on-exec as all of ours
 * are. */
int fds_check_preserved(const struct container *c, struct error *why);
