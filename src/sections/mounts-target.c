// SPDX-License-Identifier: Apache-2.0
/* Where a mount of the container may go, and the folder or file that it goes to. */
#include "base/own.h"
#include "base/text.h"
#include "kernel/fd.h"
#include "kernel/path.h"
#include "sections/mounts.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* Below /proc only what engines are known to replace there, or a part of a procfs: anything else
 * would deceive programs. TARGET is compared with where these names lead, for a path may be spelled
 * in many ways ("/proc/pressure/../sys"). */
static bool may_be_covered(const struct container *c, int target)
{
    static const char *const names[] = {
        "proc/cpuinfo",
        "proc/diskstats",
        "proc/loadavg",
        "proc/meminfo",
        "proc/slabinfo",
        "proc/stat",
        "proc/swaps",
        "proc/uptime",
        "proc/sys/kernel/ns_last_pid",
        "proc/pressure",
        "proc/pressure/cpu",
        "proc/pressure/io",
        "proc/pressure/irq",
        "proc/pressure/memory",
        "proc/sys/crypto/fips_enabled",
        NULL,
    };

    for (size_t i = 0; names[i]; i++) {
        autoclose int fd = path_open(c->root_fd, names[i], O_PATH, RESOLVE_NO_SYMLINKS);

        if (fd >= 0 && fd_is_same(fd, target))
            return true;
    }
    return false;
}

enum place { ELSEWHERE, PROC_ITSELF, IN_PROC };

/* Where TARGET is, whatever its path says: the image may have links, the path "..". */
static enum place place_of(const struct container *c, int target)
{
    autoclose int proc = path_open(c->root_fd, "proc", O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
    struct stat there, st;
    struct statfs fs;

    if (proc < 0)
        return ELSEWHERE;
    if (fd_is_same(proc, target))
        return PROC_ITSELF;
    return fstatfs(target, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC && fstat(proc, &there) == 0 &&
                   fstat(target, &st) == 0 && there.st_dev == st.st_dev
               ? IN_PROC
               : ELSEWHERE;
}

int mounts_guard_proc(const struct container *c, const char *path, int target, int tree,
                      struct error *why)
{
    enum place place = place_of(c, target);
    struct statfs fs;

    if (strcmp(path, "proc") != 0 && !text_starts(path, "proc/"))
        return place != ELSEWHERE ? fail(why, ELOOP, "/%s leads into /proc", path) : 0;
    if (place == ELSEWHERE && text_climbs(path))
        return 0;
    if (fstatfs(tree, &fs) < 0)
        return fail(why, errno, "statfs of what goes to /%s", path);
    if (fs.f_type == PROC_SUPER_MAGIC || may_be_covered(c, target))
        return 0;
    return fail(why, 0, "only a procfs may be mounted at /%s", path);
}

/* The folders whose content the runtime and every program trust by name must be folders of the
 * rootfs itself. */
static bool is_trusted(const char *path)
{
    return strcmp(path, "proc") == 0 || strcmp(path, "sys") == 0 || strcmp(path, "dev") == 0;
}

bool mounts_is_link(int tree)
{
    struct stat st;

    return fstat(tree, &st) == 0 && S_ISLNK(st.st_mode);
}

int mounts_copy_link(const struct container *c, const char *path, int tree, struct error *why)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    autofree char *front = strndup(path, slash ? (size_t)(slash - path) : 0);
    char target[PATH_MAX], now[PATH_MAX];
    autoclose int folder = -1;

    if (front == NULL)
        return fail(why, ENOMEM, "copy a link to /%s", path);
    if (is_trusted(path))
        return fail(why, 0, "/%s of the rootfs must be a folder, no link", path);
    folder = path_make(c->root_fd, front, PATH_FOLDER, why);
    if (folder < 0)
        return -1;
    if (path_read_link(tree, "", target, sizeof target) < 0)
        return fail(why, errno, "read the link that goes to /%s", path);
    if (symlinkat(target, folder, name) == 0)
        return 0;
    /* Of an earlier start. */
    if (errno == EEXIST && path_read_link(folder, name, now, sizeof now) >= 0 &&
        strcmp(now, target) == 0)
        return 0;
    return fail(why, errno, "copy a link to /%s", path);
}

int mounts_open_target(const struct container *c, const char *path, int tree, bool keeps_link,
                       struct error *why)
{
    struct stat st;
    int fd;

    if (tree >= 0 && fstat(tree, &st) < 0)
        return fail(why, errno, "stat what is to be mounted");
    if (is_trusted(path)) {
        fd = path_open(c->root_fd, path, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
        if (fd >= 0)
            return fd;
        if (errno == ELOOP || errno == ENOTDIR)
            return fail(why, errno, "/%s of the rootfs is not a folder but a link or a file", path);
    }
    if (keeps_link) {
        fd = path_open(c->root_fd, path, O_PATH | O_NOFOLLOW, 0);
        if (fd >= 0)
            return fd;
    }
    return path_make(c->root_fd, path, tree < 0 || S_ISDIR(st.st_mode) ? PATH_FOLDER : PATH_FILE,
                     why);
}
