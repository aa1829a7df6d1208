// SPDX-License-Identifier: Apache-2.0
/* One cgroup in one hierarchy is a folder: making it, what lives in it and below, removing it.
   Below it the container may have made any names to any depth: walks are fd by fd, and keep one fd
   whatever the depth. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Number of parts of a path: 2 of "/a/b". */
unsigned folder_depth(const char *path);

/* How many leading parts of PATH, below the folder ROOT, are there. */
unsigned folder_there(const char *root, const char *path);

/* Make ROOT + PATH with the folders before it. *RET_THERE: how many leading parts were there. 0 or
   -1 with errno; what was made before a failure is removed. */
int folder_make(const char *root, const char *path, unsigned *ret_there);

/* Remove ROOT + PATH, all below it, and those folders before it that are empty and not among the
   first THERE. While processes are leaving: again, until DEADLINE (clock_ms()). Not there: done.
   0 or -1 with errno. */
int folder_remove(const char *root, const char *path, unsigned there, uint64_t deadline);

/* Pids in the cgroup FD and below, added to a list on the heap. 0 or -1 with errno. */
struct pids {
    pid_t *at;
    size_t n, room;
};
int folder_pids(int fd, struct pids *to);

/* Enter PID into FD's first sub-cgroup that takes it. 0 or -1 with errno. */
int folder_enter_below(int fd, const char *pid);

/* Read a short file of FD, NUL-terminated, trailing newline cut: its length or -1 with errno. */
ssize_t folder_read(int fd, const char *file, char *out, size_t room);

/* One write(2). 0 or -1 with errno. */
int folder_write(int fd, const char *file, const char *value);
