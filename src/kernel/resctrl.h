// SPDX-License-Identifier: Apache-2.0
/* The resctrl file system (Linux 4.10): groups of processes with a share of the processor's caches
 * and memory bandwidth. A group is a folder; its monitoring groups are folders in its mon_groups.
 */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The root group, an O_PATH fd; -1 where resctrl is not mounted (at /sys/fs/resctrl). */
int resctrl_open(struct error *why);

/* The group PATH below ROOT, "" for the root group; an fd, or -1 with errno. */
int resctrl_open_group(int root, const char *path);

/* Make the group; one that is there already is an error. An fd. */
int resctrl_make_group(int root, const char *path, struct error *why);

/* What it shares out, a line a resource, on the heap; NULL on failure. */
char *resctrl_read_schemata(int group, struct error *why);

/* TEXT is one line or more, each with a newline. ROOT: where the kernel says what is wrong. */
int resctrl_write_schemata(int root, int group, const char *text, struct error *why);

/* Move a process there; what it forks later follows. */
int resctrl_add_task(int root, int group, pid_t pid, struct error *why);

/* Nobody is in it, and no monitoring group belongs to it. */
bool resctrl_is_unused(int group);

/* Its processes fall back to the group above. One that is gone is no error. */
int resctrl_remove_group(int root, const char *path, struct error *why);
