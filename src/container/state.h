// SPDX-License-Identifier: Apache-2.0
/* What is on disk of a container: the folder ROOT/ID with config.json (as it was at create,
 * with the limits that update has changed), record.json, start. The folder itself is the lock.
 *
 * The record is written before anything is made, so that `delete --force` finds all of it from any
 * instant at which the runtime was killed. `start` is the socket where INIT waits: it answers
 * exactly as long as the program has not begun. */
#pragma once

#include "container/lifecycle.h"

/* Fill C from the folder of ID: spec, bundle, cgroup, init and init_pidfd (-1 when it has ended).
 */
int state_open(struct container *c, const struct runtime *runtime, const char *id,
               struct error *why);

/* After state_open failed on a damaged folder: take what can be read, and for the rest what create
   would have chosen. -1 only when nothing can be done. */
int state_salvage(struct container *c, const struct runtime *runtime, struct error *why);

/* Read anew all that state_open reads. */
int state_reopen(struct container *c, struct error *why);

/* Hold the folder against other commands that change the container, waiting at most 10 s.
   ERROR_ABSENT when another one has deleted it meanwhile. */
int state_lock(struct container *c, struct error *why);
int state_lock_within(struct container *c, int ms, struct error *why);

/* Asked from the kernel each time; c as state_open left it. */
/* An enum status, or -1. */
int state_status(const struct container *c, struct error *why);
