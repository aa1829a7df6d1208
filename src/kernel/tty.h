// SPDX-License-Identifier: Apache-2.0
/* Terminals: pairs of a devpts, window sizes, raw mode. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <termios.h>

enum { TTY_NAME_ROOM = 24 };

/* A new pair of the devpts whose root DEVPTS is, unlocked, both O_CLOEXEC; neither becomes the
   controlling terminal. NAME is the slave's: "/dev/pts/0". No path of the container is looked up.
 */
int tty_open_pair(int devpts, int *ret_master, int *ret_slave, char name[TTY_NAME_ROOM],
                  struct error *why);

/* Rows and columns; 0 or -1 with errno. */
int tty_set_size(int fd, unsigned short height, unsigned short width);

/* The window size of FROM becomes that of TO; 0 or -1 with errno. */
int tty_copy_size(int from, int to);

/* FD is our controlling terminal, and others are in its foreground: how it works and what is typed
   is theirs. */
bool tty_is_of_others(int fd);

/* Bytes go through as they are, no echo, no signals from keys; SAVED is what tty_restore wants. 0
   or -1 with errno: ENOTTY when FD is no terminal. */
int tty_make_raw(int fd, struct termios *saved);
int tty_restore(int fd, const struct termios *saved);
