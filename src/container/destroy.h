// SPDX-License-Identifier: Apache-2.0
/* The ends of a container: what was made is undone, then the poststop hooks run. */
#pragma once

#include "sections/container.h"

/* Stop and destroy what was created, from the saved state, then poststop; that waits for a delete
   that succeeds. The lock is held. */
int destroy_saved(struct container *c, struct error *why);

/* The same on a way out, unless another command was faster. What fails is logged. */
void destroy_on_way_out(struct container *c);

/* After plan_walk failed, in RUNTIME: undo the rows done so far; poststop where hooks were met. */
void destroy_half_made(struct container *c);
