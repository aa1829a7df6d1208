// SPDX-License-Identifier: Apache-2.0
/* What is on disk of a container: the folder ROOT/ID with config.json (as it was at create),
 * record.json, start. The folder itself is the lock.
 *
 * The record is written before anything is made, so that `delete --force` finds all of it from any
 * instant at which the runtime was killed. `start` is the socket where INIT waits: it answers
 * exactly as long as the program has not begun. */
#pragma once

#include "container/lifecycle.h"

/* Make c->start_fd listen at the folder's `start`. */
int state_listen(struct container *c, struct error *why);

/* Knock at `start`: a connected socket, or -1 with errno (ECONNREFUSED: INIT does not wait there
 * any more; EAGAIN: it does, and has not answered others yet). */
int state_knock(const struct container *c);

/* Fill C from the folder of ID: spec, bundle, cgroup, init and init_pidfd (-1 when it has ended).
 */
int state_open(struct container *c, const struct runtime *runtime, const char *id,
               struct error *why);

/* After state_open failed on a damaged folder: take what can be read, and for the rest what create
   would have chosen. -1 only when nothing can be done. */
int state_salvage(struct container *c, const struct runtime *runtime, struct error *why);

/* Take the record anew: what its creator added to it, and whether INIT is there. */
int state_read_record(struct container *c, struct error *why);

/* The same of all that state_open reads. */
int state_reopen(struct container *c, struct error *why);

/* Hold the folder against other commands that change the container, waiting at most 10 s.
   ERROR_ABSENT when another one has deleted it meanwhile. */
int state_lock(struct container *c, struct error *why);

/* Asked from the kernel each time; c as state_open left it. */
enum status state_status(const struct container *c);
