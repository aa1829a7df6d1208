// SPDX-License-Identifier: Apache-2.0
/* Signals to all processes of a cgroup, and never to a stranger who got the pid of one. */
#pragma once

#include "cgroup/cgroup.h"

/* Send SIGNAL to all in it and below but ourselves, holding them still meanwhile, unless they are
   paused already or we are among them: so none is missed that another one forks. Those that end
   before it arrives are no error. */
int members_signal(const struct cgroup *cgroup, int signal, struct error *why);

/* The same without holding them still. */
int members_send(const struct cgroup *cgroup, int signal, struct error *why);

/* Whether PID is one of the N at PIDS. */
bool members_have(const pid_t *pids, ssize_t n, pid_t pid);
