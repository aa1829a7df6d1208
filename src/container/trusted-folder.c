// SPDX-License-Identifier: Apache-2.0
/* Folders whose contents we obey. */
#include "container/trusted-folder.h"

#include <sys/stat.h>
#include <unistd.h>

int trusted_folder_check(int fd, const char *what, const char *path, struct error *why)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return fail(why, errno, "stat %s %s", what, path);
    if (st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH)))
        return 0;
    (void)fail(why, 0, "%s %s is not to be trusted: user %u, mode %03o", what, path, st.st_uid,
               st.st_mode & 07777);
    return fail_hint(why, "it must belong to the caller, user %u, and be writable to nobody else",
                     geteuid());
}
