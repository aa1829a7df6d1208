// SPDX-License-Identifier: Apache-2.0
/* What INIT has to say once the container's seccomp filter holds, which may deny it every call by
 * which it could be said: it stands in memory that INIT shares with whoever waits for it. */
#pragma once

#include "sections/container.h"

/* `start`: such memory for an INIT that was made by another command, where a filter is asked for.
 *RET_FD is for INIT; -1: none is needed. */
int last_words_lend(struct container *c, int *ret_fd, struct error *why);

/* INIT: use the memory behind FD, which `start` sent; without it, or should it be none, that of its
   birth stays. */
void last_words_borrow(struct container *c, int fd);

/* Whoever waits, once INIT is silent for ever: whether it said something, and then WHY says what.
 */
bool last_words_heard(const struct container *c, struct error *why);
