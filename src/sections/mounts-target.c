// SPDX-License-Identifier: Apache-2.0
/* Where a mount of the container may go, and the folder or file that it goes to. */
#include "base/text.h"
#include "kernel/path.h"
#include "sections/mounts.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* Below /proc only what engines are known to replace there, or a part of a procfs: anything else
 * would deceive programs. */
static bool may_cover_proc(const char *below)
{
    static const char *const names[] = {
        "cpuinfo",
        "diskstats",
        "loadavg",
        "meminfo",
        "slabinfo",
        "stat",
        "swaps",
        "uptime",
        "sys/kernel/ns_last_pid",
        "pressure",
        "sys/crypto/fips_enabled",
        NULL,
    };

    for (size_t i = 0; names[i]; i++) {
        size_t n = strlen(names[i]);

        if (strncmp(below, names[i], n) == 0 && (below[n] == 0 || below[n] == '/'))
            return true;
    }
    return false;
}

/* Whether TARGET, whose path says otherwise, is in the container's /proc: by a link of the image.
 */
static bool is_in_proc(const struct container *c, int target)
{
    struct stat there, st;
    struct statfs fs;

    if (fstatfs(target, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
        return false;

    autoclose int proc = path_open(c->root_fd, "proc", O_PATH | O_DIRECTORY, 0);

    return proc >= 0 && fstat(proc, &there) == 0 && fstat(target, &st) == 0 &&
           there.st_dev == st.st_dev;
}

int mounts_guard_proc(const struct container *c, const char *path, int target, int tree,
                      struct error *why)
{
    struct statfs fs;

    if (strcmp(path, "proc") != 0 && !text_starts(path, "proc/"))
        return is_in_proc(c, target) ? fail(why, ELOOP, "/%s leads into /proc", path) : 0;
    if (fstatfs(tree, &fs) < 0)
        return fail(why, errno, "statfs of what goes to /%s", path);
    if (fs.f_type == PROC_SUPER_MAGIC)
        return 0;
    if (path[4] == '/' && may_cover_proc(path + 5))
        return 0;
    return fail(why, 0, "only a procfs may be mounted at /%s", path);
}

/* The folders whose content the runtime and every program trust by name must be folders of the
 * rootfs itself. */
static bool is_trusted(const char *path)
{
    return strcmp(path, "proc") == 0 || strcmp(path, "sys") == 0 || strcmp(path, "dev") == 0;
}

int mounts_open_target(const struct container *c, const char *path, int tree, struct error *why)
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
    return path_make(c->root_fd, path, tree < 0 || S_ISDIR(st.st_mode) ? PATH_FOLDER : PATH_FILE,
                     why);
}
