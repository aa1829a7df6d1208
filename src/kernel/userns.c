// SPDX-License-Identifier: Apache-2.0
/* User namespaces (user_namespaces(7)). */
#include "kernel/userns.h"

#include <sys/stat.h>
#include <unistd.h>

/* Fixed since Linux 3.8, in the UAPI (linux/nsfs.h: USER_NS_INIT_INO) since 6.18. */
enum { INITIAL = 0xEFFFFFFD };

bool userns_is_initial(void)
{
    struct stat st;

    return stat("/proc/self/ns/user", &st) < 0 || st.st_ino == (ino_t)(unsigned)INITIAL;
}

bool userns_caller_is_root(void)
{
    return geteuid() == 0 && userns_is_initial();
}
