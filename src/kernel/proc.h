// SPDX-License-Identifier: Apache-2.0
/* The one procfs handle: verified to be procfs at its root, never a path string after that.
   What is opened below it may not leave the mount, follow magic links or land on another file
   system. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/* An O_PATH fd of /proc, or -1. */
int proc_open(struct error *why);

/* For INIT of exec, born without the handle: one of its own pid namespace, where it has none yet.
   Of a new procfs, or where that is denied of the container's, with the same checks. */
int proc_open_late(int *proc_fd, struct error *why);

/* Open PATH ("self/attr/exec", "sys/net/ipv4/ip_forward") below PROC_FD. An fd or -1 with errno. */
int proc_open_file(int proc_fd, const char *path, int flags);

/* Open again what the O_PATH descriptor FD stands for, whatever its name leads to by now. An fd or
   -1 with errno. */
int proc_reopen(int proc_fd, int fd, int flags);

/* One write(2) of TEXT. */
int proc_write(int proc_fd, const char *path, const char *text, struct error *why);

/* Read at most ROOM - 1 bytes and end them with NUL; their number or -1 with errno. */
ssize_t proc_read(int proc_fd, const char *path, char *out, size_t room);
