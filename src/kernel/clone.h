// SPDX-License-Identifier: Apache-2.0
/* clone3(2): new processes, born where they belong. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct clone_request {
    uint64_t flags; /* CLONE_NEW…, CLONE_PARENT, CLONE_FILES … */
    int cgroup_fd;  /* folder of a cgroup v2 to be born in (CLONE_INTO_CGROUP, Linux 5.7); -1: none
                     */
    int *ret_pidfd; /* receives a pidfd; NULL: none wanted */
};

/* Like fork: 0 in the child, its pid in the parent, -1 with errno. The child's death sends SIGCHLD.
 */
pid_t clone_process(const struct clone_request *request);

/* A thread that shares all with its maker, errno too, and runs on the STACK given until RUN
 * returns. 0, or -1 with errno. */
int clone_thread(int (*run)(void *), void *with, void *stack, size_t size);
