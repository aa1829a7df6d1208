// SPDX-License-Identifier: Apache-2.0
/* SIGTERM, SIGINT and SIGHUP, by which a person or an engine ends a command: to be heard at a
 * moment at which what was begun can be undone. */
#pragma once

#include "base/error.h"

#include <signal.h>

/* Block them from here on. A signalfd of them, or -1; RET_BEFORE: the mask as it was. */
int end_signals_open(sigset_t *ret_before, struct error *why);

/* Wait until FD is readable, or hung up: 0. -1 once one of SIGNALS came, and WHY says which.
   SIGNALS -1: for FD only. */
int end_signals_wait(int fd, int signals, struct error *why);

/* One of them came on SIGNALS, which is readable: -1, and WHY says which. */
int end_signals_fail(int signals, struct error *why);
