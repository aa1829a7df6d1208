// SPDX-License-Identifier: Apache-2.0
/* System calls that not every C library has a wrapper for (glibc has some of them since 2.28
 * or 2.36, musl later or never); no struct or constant is stated twice: the kernel's own headers
 * have them. <sys/mount.h> is included nowhere, since it and <linux/mount.h> state the same twice.
 */
#pragma once

#include <linux/mount.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* musl states it in <sys/stat.h> since 1.2.5, glibc includes the kernel's. */
#ifndef STATX_TYPE
#include <linux/stat.h>
#endif

/* umount2(2): not in the kernel's headers. */
#ifndef MNT_DETACH
#define MNT_DETACH      2
#define UMOUNT_NOFOLLOW 8
#endif

static inline int missing_pivot_root(const char *new_root, const char *put_old)
{
    return (int)syscall(SYS_pivot_root, new_root, put_old);
}

/* Linux 4.11. */
static inline int missing_statx(int dirfd, const char *path, int flags, unsigned mask,
                                struct statx *ret)
{
    return (int)syscall(SYS_statx, dirfd, path, flags, mask, ret);
}
