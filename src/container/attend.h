// SPDX-License-Identifier: Apache-2.0
/* The foreground of run and exec: signals, the terminal, the exit status. */
#pragma once

#include "container/readiness.h"
#include "sections/container.h"

#include <termios.h>

struct attendance {
    int signals; /* signalfd of all that can be caught; they are blocked */
    int console; /* our end of c->console_fd; -1 without a terminal of ours */
    int master;  /* the pseudo-terminal's; -1 before attend_terminal */
    int output;  /* stdout; -1 before */
    bool output_is_socket, output_blocks; /* where there is no room */
    bool is_raw;                          /* stdin was put in raw mode; SAVED is what it was */
    int end_pause_ms; /* stdin has ended: until the program is told once more; 0: it has not */
    bool is_behind;   /* stdin is a terminal with others in its foreground, who are left alone */
    struct termios saved;
};

/* Before init_spawn: block signals, adopt orphans, make the socket over which a terminal comes. */
int attend_begin(struct container *c, struct attendance *ret, struct error *why);

/* Once the container is created: receive its terminal, put ours in raw mode, or, in its background,
 * leave that to attend. Nothing to do without a terminal. */
int attend_terminal(const struct container *c, struct attendance *a, struct error *why);

/* Forward signals, bytes and READINESS until the program ends: its exit status, 128 + N when signal
 * N ended it. */
int attend(const struct container *c, struct attendance *a, struct readiness *readiness,
           struct error *why);

/* Give the caller its terminal back. On every way out. Signals stay blocked: what is still to be
 * deleted is, and the exit status is the program's, whatever comes now that it has ended. */
void attend_end(struct attendance *a);
