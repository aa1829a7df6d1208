// SPDX-License-Identifier: Apache-2.0
/* Passing on that the program is ready (sd_notify(3)), from the container's socket to the host's,
 * which NOTIFY_SOCKET of our environment names. Nothing else is passed on, whatever a container
 * sends. */
#pragma once

#include "sections/container.h"

struct readiness {
    int socket;      /* the container's; -1: nothing is expected */
    unsigned n_read; /* messages so far */
};

/* Before the program starts. Nothing to do unless both `create` and we were given a NOTIFY_SOCKET.
 */
int readiness_listen(const struct container *c, struct readiness *ret, struct error *why);

/* Take what has come. The socket is closed once the host has been told, or is never going to be.
   IS_MAIN: the program takes our place as the main process of the service. */
void readiness_hear(const struct container *c, struct readiness *readiness, bool is_main);

/* Until the program is ready or has ended, and the service manager has seen it. */
void readiness_wait(const struct container *c, struct readiness *readiness);
