// SPDX-License-Identifier: Apache-2.0
/* System calls that are younger than many a libseccomp. Since Linux 5.1 a new one has the same
 * number everywhere, but for what an architecture adds to all of its numbers. */
#include "sections/seccomp.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <string.h>

enum { FIRST = 424, X32_BIT = 0x40000000, MIPS_O32 = 4000, MIPS_N64 = 5000, MIPS_N32 = 6000 };

/* From FIRST on: include/uapi/asm-generic/unistd.h of Linux 7.0. */
static const char *const names[] = {
    "pidfd_send_signal",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "open_tree",
    "move_mount",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "pidfd_open",
    "clone3",
    "close_range",
    "openat2",
    "pidfd_getfd",
    "faccessat2",
    "process_madvise",
    "epoll_pwait2",
    "mount_setattr",
    "quotactl_fd",
    "landlock_create_ruleset",
    "landlock_add_rule",
    "landlock_restrict_self",
    "memfd_secret",
    "process_mrelease",
    "futex_waitv",
    "set_mempolicy_home_node",
    "cachestat",
    "fchmodat2",
    "map_shadow_stack",
    "futex_wake",
    "futex_wait",
    "futex_requeue",
    "statmount",
    "listmount",
    "lsm_get_self_attr",
    "lsm_set_self_attr",
    "lsm_list_modules",
    "mseal",
    "setxattrat",
    "getxattrat",
    "listxattrat",
    "removexattrat",
    "open_tree_attr",
    "file_getattr",
    "file_setattr",
    "listns",
    "rseq_slice_yield",
};

_Static_assert(sizeof names / sizeof *names == SECCOMP_NEWEST_MAX, "no room for one each");

int seccomp_newest_number(const char *name)
{
    for (int i = 0; i < SECCOMP_NEWEST_MAX; i++)
        if (strcmp(names[i], name) == 0)
            return FIRST + i;
    return -1;
}

int seccomp_newest_on(uint32_t token, int number)
{
    if (number < FIRST)
        return number;
    switch (token) {
    case SCMP_ARCH_X32:
        return number | X32_BIT;
    case SCMP_ARCH_MIPS:
    case SCMP_ARCH_MIPSEL:
        return number + MIPS_O32;
    case SCMP_ARCH_MIPS64:
    case SCMP_ARCH_MIPSEL64:
        return number + MIPS_N64;
    case SCMP_ARCH_MIPS64N32:
    case SCMP_ARCH_MIPSEL64N32:
        return number + MIPS_N32;
    default:
        return number;
    }
}
