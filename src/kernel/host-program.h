// SPDX-License-Identifier: Apache-2.0
/* A process of ours that is to become a program of the host: a hook, zind-oci-systemd, newuidmap.
 */
#pragma once

#include <sys/types.h>

/* In that process, which has no other thread, before execve: it ends when RUNNER, who made it, does
   (not where execve gives it more rights); it is a session and a group of its own, so that what the
   terminal sends is not for it, and all that it starts can be killed at once; its signals are at
   their defaults; its fds are STDIO, 0 to 2, and at execve nothing else. No fd of STDIO is 0, 1 or
   2, but in its own place. 0, or -1 with errno (ESRCH: RUNNER is gone). */
int host_program_settle(pid_t runner, const int stdio[3]);
