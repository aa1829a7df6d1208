// SPDX-License-Identifier: Apache-2.0
/* File descriptors: passing them, and closing all others. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <sys/types.h>

/* Send LENGTH bytes and one fd in one message; 0 or -1 with errno. FD -1: no fd. */
int fd_send(int socket, const void *data, size_t length, int fd);

/* Receive one message; *RET_FD is the fd that came along (O_CLOEXEC) or -1. Bytes received, 0 at
   end of file, -1 with errno. Every fd beyond the first is closed. */
ssize_t fd_receive(int socket, void *data, size_t room, int *ret_fd);

/* The address of the unix socket at PATH. A path too long for one is reached through an fd of it,
 *RET_FILE, which must live as long as the address is used; else -1. 0, or -1 with errno. */
struct sockaddr_un;
int fd_name_unix(struct sockaddr_un *ret, const char *path, int *ret_file);

/* Connect to the unix stream socket at PATH (of any length). */
int fd_connect_unix(const char *path, struct error *why);

/* Fds from FIRST on get close-on-exec: nothing of the host goes into the program. */
int fd_cloexec_from(unsigned first, struct error *why);

/* Make sure that 0, 1 and 2 are open: closed ones become /dev/null. Called first in main. */
int fd_fill_standard(struct error *why);

/* Whether both are the same file, whatever names they were opened by. */
bool fd_is_same(int one, int other);

/* Of the N fds from FIRST on, those that are not open get something that execve closes: none of
   ours may come to lie there. Nothing where the last of them is not open: then N is wrong. */
void fd_fill_holes(unsigned first, unsigned n);

/* Wait until FD is readable (or hung up). 1, 0 on timeout, -1 with errno. TIMEOUT_MS -1: for ever.
 */
/* Close all fds from FIRST on but those of KEPT, which gets sorted; -1 in it stands for none. */
int fd_close_others(unsigned first, int *kept, size_t n, struct error *why);

int fd_wait_readable(int fd, int timeout_ms);
