// SPDX-License-Identifier: Apache-2.0
/* What a container uses, and may use, in the terms of runc's events: asked from the kernel's files,
   on cgroup v1, hybrid and v2.

   Units: bytes; processor time in nanoseconds, wherever the kernel counts in microseconds or ticks;
   psi in percent and, for total, microseconds. A limit that is not set is what v1 or (UINT64_MAX)
   v2 makes of it, but 0 for pids. On v2 swap is memory and swap together, as v1 has it. What the
   kernel has no file for is absent, never 0. */
#pragma once

#include "cgroup/mounted.h"

#include <stdbool.h>

/* Whether there is anything to ask: -1 for a container without a cgroup. */
int stats_check(const struct cgroup *cgroup, struct error *why);

/* All in ARENA; NULL when the container has no cgroup, or it is gone. */
const struct oci_stats *stats_read(const struct cgroup *cgroup, struct arena *arena,
                                   struct error *why);

/* The cgroup's folder in the hierarchy that has a controller; FD -1: none has it. */
struct stats_folder {
    int fd;
    bool is_v2;
};

/* The same from these folders, by controller. NULL when memory runs out. */
const struct oci_stats *stats_gather(const struct stats_folder folders[CONTROLLERS],
                                     struct arena *arena);
