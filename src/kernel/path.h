// SPDX-License-Identifier: Apache-2.0
/* Paths inside a root: resolved by the kernel as if the root were "/", never as strings by us.
 *
 * ".." stops at the root, absolute links start at it, links of procfs (/proc/PID/fd/N and the like)
 * are refused. There is no weaker fallback: openat2(2) is there since Linux 5.6. */
#pragma once

#include "base/error.h"

#include <linux/openat2.h>
#include <stdint.h>
#include <sys/types.h>

/* openat2(2), which is called nowhere else: it says EAGAIN when something was renamed or mounted
 * anywhere on the host while it walked over "..", and is asked again. An fd, or -1 with errno. */
int path_open_how(int from, const char *path, const struct open_how *how);

/* Open PATH below ROOT with FLAGS (O_CLOEXEC is added). RESOLVE adds RESOLVE_… flags, such as
 * RESOLVE_NO_SYMLINKS. An fd, or -1 with errno. */
int path_open(int root, const char *path, uint64_t flags, uint64_t resolve);

/* Open the file PATH of the host, absolute, for appending; what is not there is made with MODE. No
   part of it may be a link (ELOOP): whoever may write to a folder on the way could lead us
   elsewhere. Never waits, not for the reader of a fifo either (ENXIO). An fd, or -1 with errno. */
int path_append(const char *path, mode_t mode);

enum path_kind { PATH_FOLDER, PATH_FILE };

/* An O_PATH fd of PATH below ROOT. What is missing is made one component at a time: folders with
   0755, and at the end a folder or an empty file. The missing target of a link is made inside the
   root. What is there already is opened as it is, whatever kind it has. */
int path_make(int root, const char *path, enum path_kind kind, struct error *why);

/* The target of the link NAME ("" : of the O_PATH fd itself), NUL-terminated; its length, or -1
 * with errno (ENAMETOOLONG: does not fit). */
ssize_t path_read_link(int dirfd, const char *name, char *out, size_t room);

/* "//a/./b/" -> "a/b": no empty or "." component, no slash at either end; "" is the root. ".." is
   kept. OUT has room for all of PATH. */
void path_simplify(const char *path, char *out);
