// SPDX-License-Identifier: Apache-2.0
/* Holding a container still for a moment, and who makes up for a command that was killed in it.
 * All but hold_is_cause want the state folder's lock held. */
#pragma once

#include "sections/container.h"

/* Freeze it, and note that in the state folder. */
int hold_begin(const struct container *c, struct error *why);
/* Thaw it. */
int hold_end(const struct container *c, struct error *why);

/* The two notes alone, for others who freeze it. */
int hold_note(const struct container *c, struct error *why);
void hold_forget(const struct container *c);

/* Of a frozen container: whether it is held still, and not paused. Where the command that holds it
   is no more, it is thawed. 1 or 0; -1 with errno where that is not known. */
int hold_is_cause(const struct container *c);
