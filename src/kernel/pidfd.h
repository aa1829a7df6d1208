// SPDX-License-Identifier: Apache-2.0
/* A process is a pidfd; a pid and its start time find it again later, a recycled pid never does. */
#pragma once

#include "base/error.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Start time in clock ticks since boot, field 22 of /proc/PID/stat; 0 with errno: ESRCH when there
   is no such process, or one that /proc hides from us. */
uint64_t pidfd_start_time(pid_t pid);

/* A pidfd of PID if it still is the process that started at START_TIME; else -1 with errno ESRCH,
   or with another where that cannot be told: EACCES if there is one that /proc hides from us. */
int pidfd_find(pid_t pid, uint64_t start_time);

/* A pidfd of whoever has PID now, or -1 with errno, ESRCH when that is no process. Who it is must
   be found out afterwards. */
int pidfd_open_now(pid_t pid);

/* 0, or -1 with errno. */
int pidfd_signal(int pidfd, int signal);

/* Wait for the end of a process. 1, 0 on timeout, -1 with errno. */
int pidfd_wait_end(int pidfd, int timeout_ms);
