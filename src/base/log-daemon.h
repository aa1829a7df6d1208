// SPDX-License-Identifier: Apache-2.0
/* The daemons that a log can go to. */
#pragma once

#include "base/log.h"

/* A socket to the daemon of TARGET. */
int log_daemon_open(enum log_target target, struct error *why);

/* One MESSAGE without control characters, of syslog's SEVERITY, under NAME, that has none either.
 */
void log_daemon_send(int fd, enum log_target target, const char *name, int severity,
                     const char *message);
