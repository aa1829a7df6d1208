// SPDX-License-Identifier: Apache-2.0
/* Standard input, output and error over a checkpoint: those that lead out of the container get the
 * restoring command's in their place. descriptors.json beside the images says which, as runc writes
 * it. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

enum { DESCRIPTORS = 3 };

/* What criu calls them: "pipe:[4711]"; "file[1a:2b]", a file that the container cannot reach; "" is
 * the container's own affair. */
struct descriptors {
    char at[DESCRIPTORS][64];
};

int descriptors_look(struct descriptors *ret, int proc_fd, pid_t pid, struct error *why);

/* FOLDER is that of the images. No file: all are "". */
int descriptors_write(const struct descriptors *all, int folder, struct error *why);
int descriptors_read(struct descriptors *ret, int folder, struct error *why);

/* A file of the host, which criu has to be told of. */
bool descriptors_is_file(const struct descriptors *all, unsigned i);

/* Led out, and is not the same as an earlier one, which then stands for both. */
bool descriptors_is_passed(const struct descriptors *all, unsigned i);
