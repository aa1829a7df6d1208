// SPDX-License-Identifier: Apache-2.0
/* The one procfs handle. */
#include "kernel/proc.h"
#include "base/own.h"
#include "kernel/mount.h"
#include "kernel/path.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

enum { PROC_ROOT_INODE = 1 };

int proc_open(struct error *why)
{
    autoclose int fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct statfs fs;
    struct stat st;

    if (fd < 0)
        return fail(why, errno, "open /proc");
    if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
        return fail(why, errno, "stat /proc");
    if (fs.f_type != PROC_SUPER_MAGIC || st.st_ino != PROC_ROOT_INODE)
        return fail(why, 0, "/proc is not the root of a procfs");
    return take_fd(fd);
}

int proc_open_late(int *proc_fd, struct error *why)
{
    autoclose int fs = -1;

    if (*proc_fd >= 0)
        return 0;
    /* Processes only, none of the kernel's files: Linux 5.8. */
    fs = mount_fs_open("proc");
    if (fs >= 0 && mount_fs_set(fs, "subset", "pid") == 0)
        *proc_fd = mount_fs_finish(fs, 0);
    if (*proc_fd < 0)
        *proc_fd = proc_open(why);
    return *proc_fd < 0 ? -1 : 0;
}

int proc_open_file(int proc_fd, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY)),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
    };

    return path_open_how(proc_fd, path, &how);
}

int proc_reopen(int proc_fd, int fd, int flags)
{
    char path[32];

    (void)snprintf(path, sizeof path, "self/fd/%d", fd);
    return openat(proc_fd, path, flags | O_CLOEXEC | O_NOCTTY);
}

int proc_write(int proc_fd, const char *path, const char *text, struct error *why)
{
    autoclose int fd = proc_open_file(proc_fd, path, O_WRONLY);
    ssize_t n;

    if (fd < 0)
        return fail(why, errno, "open /proc/%s", path);
    do
        n = write(fd, text, strlen(text));
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return fail(why, errno, "write \"%s\" to /proc/%s", text, path);
    return 0;
}

ssize_t proc_read(int proc_fd, const char *path, char *out, size_t room)
{
    autoclose int fd = proc_open_file(proc_fd, path, O_RDONLY);
    size_t used = 0;

    if (fd < 0)
        return -1;
    while (used < room - 1) {
        ssize_t n = read(fd, out + used, room - 1 - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        used += (size_t)n;
    }
    out[used] = 0;
    return (ssize_t)used;
}
