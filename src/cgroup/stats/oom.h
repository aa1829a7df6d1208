// SPDX-License-Identifier: Apache-2.0
/* Out of memory: how often the kernel killed a process of a container for lack of memory, and being
   told at once when it does. */
#pragma once

#include "cgroup/cgroup.h"

/* How many processes it has killed in the cgroup (on v2 also below it), since it was made. False
   when that is not known: no cgroup, no memory controller, v1 before Linux 4.13. */
bool oom_kills(const struct cgroup *cgroup, uint64_t *ret);

struct oom_watch {
    int fd;           /* poll for reading; -1: the kernel tells nothing here */
    int folder;       /* of the memory controller */
    bool is_v2;       /* inotify of memory.events, else an eventfd of memory.oom_control */
    uint64_t told;    /* kills that were told */
    uint64_t told_at; /* v1: the last time, of clock_ms; 0: never */
};

/* A container without a cgroup or a memory controller gets a watch with fd -1: nothing limits its
 * memory. */
int oom_watch_begin(const struct cgroup *cgroup, struct oom_watch *ret, struct error *why);

/* Whether it happened since the last call, or since the begin; waits a tenth of a second at most.
   What happens at once, such as the end of a whole group (memory.oom.group), is told once. Call it
   when FD is readable, and once more at the container's end, which may overtake the notice. */
bool oom_watch_take(struct oom_watch *watch);

void oom_watch_end(struct oom_watch *watch);
