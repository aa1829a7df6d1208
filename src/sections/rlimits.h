// SPDX-License-Identifier: Apache-2.0
/* process.rlimits, for who is about to become a program of the container. */
#pragma once

#include "sections/container.h"

/* The calling process has them from here on; c->process is given. */
int rlimits_limit_self(const struct container *c, struct error *why);
