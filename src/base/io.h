// SPDX-License-Identifier: Apache-2.0
/* Reading and writing whole files, and pairs of them, relative to folder fds. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <sys/types.h>

/* The whole of a regular file of at most MAX bytes, NUL-terminated, on the heap; NULL on failure.
   Anything but a regular file is refused (a fifo or an endless device never blocks us). */
char *io_read_file(int dirfd, const char *path, size_t max, size_t *ret_length, struct error *why);

/* The same from an open fd of any kind (a pipe for `--resources -`). */
char *io_read_fd(int fd, const char *name, size_t max, size_t *ret_length, struct error *why);

/* A file that no reader looks at before another one is there; on failure there is none. */
int io_write_new(int dirfd, const char *name, const char *text, size_t length, mode_t mode,
                 struct error *why);

/* Replace DIRFD/NAME so that a reader sees the old or the new text, never a part: temp file +
   rename. The name must hold no slash. Not fsync'ed: state lives on a tmpfs. */
int io_write_atomic(int dirfd, const char *name, const char *text, size_t length, mode_t mode,
                    struct error *why);

/* The same in two halves: all that takes time, and what readers see. */
int io_prepare(int dirfd, const char *name, const char *text, size_t length, mode_t mode,
               struct error *why);
int io_replace(int dirfd, const char *name, struct error *why);
/* Instead of the second half: what was prepared is gone. */
void io_discard(int dirfd, const char *name);

/* All of it, over interruptions and short writes; 0 or -1 with errno. Where FD does not block, a
   reader has ten seconds to make room. */
int io_write_all(int fd, const void *data, size_t length);
