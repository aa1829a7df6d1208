// SPDX-License-Identifier: Apache-2.0
/* `start` in the state folder: the socket where INIT waits. It answers exactly as long as the
 * program has not begun. */
#pragma once

#include "sections/container.h"

/* Make c->start_fd listen there. */
int start_socket_listen(struct container *c, struct error *why);

/* Knock: a connected socket, or -1 with errno (ECONNREFUSED: INIT does not wait there any more;
   EAGAIN: it does, and has not answered others yet, for so many seconds). */
int start_socket_knock(const struct container *c, unsigned patience);
