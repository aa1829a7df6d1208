// SPDX-License-Identifier: Apache-2.0
/* System calls that glibc 2.36 has no wrapper for; no struct or constant is stated twice. */
#pragma once

#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 5.6. */
static inline int missing_openat2(int dirfd, const char *path, const struct open_how *how)
{
    return (int)syscall(SYS_openat2, dirfd, path, how, sizeof *how);
}

static inline int missing_pivot_root(const char *new_root, const char *put_old)
{
    return (int)syscall(SYS_pivot_root, new_root, put_old);
}
