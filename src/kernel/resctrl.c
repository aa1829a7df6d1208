// SPDX-License-Identifier: Apache-2.0
/* The resctrl file system: its groups, what they may use, who is in them. */
#include "kernel/resctrl.h"
#include "base/io.h"
#include "base/own.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifndef RDTGROUP_SUPER_MAGIC
#define RDTGROUP_SUPER_MAGIC 0x7655821
#endif

enum { SCHEMATA_MAX = 64 * 1024, STATUS_MAX = 256 };

/* A build for fault injection takes the folder ZIND_RESCTRL for the file system; in there files
   appear when they are written, not when their group is made. */
#ifdef ENABLE_FAULTS
static const char *imitation(void)
{
    return getenv("ZIND_RESCTRL");
}
#else
static const char *imitation(void)
{
    return NULL;
}
#endif

int resctrl_open(struct error *why)
{
    const char *path = imitation() ? imitation() : "/sys/fs/resctrl";
    autoclose int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct statfs fs;

    if (fd >= 0 && fstatfs(fd, &fs) == 0 && (imitation() || fs.f_type == RDTGROUP_SUPER_MAGIC))
        return take_fd(fd);
    (void)fail(why, 0, "resctrl is not mounted at /sys/fs/resctrl");
    (void)fail_hint(why, "mount -t resctrl resctrl /sys/fs/resctrl, where the processor and the "
                         "kernel have it");
    return fail_code(why, ERROR_UNSUPPORTED);
}

int resctrl_open_group(int root, const char *path)
{
    return openat(root, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* What the kernel found wrong with the last thing it was told; "" when it does not say. */
static void read_status(int root, char out[STATUS_MAX])
{
    autoclose int fd = openat(root, "info/last_cmd_status", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, out, STATUS_MAX - 1) : 0;

    out[n > 0 ? n : 0] = 0;
    out[strcspn(out, "\n")] = 0;
    if (strcmp(out, "ok") == 0)
        *out = 0;
}

static int fail_told(struct error *why, int number, int root, const char *what)
{
    char status[STATUS_MAX];

    read_status(root, status);
    return fail(why, number, "%s%s%s", what, *status ? ": " : "", status);
}

/* "web/mon_groups/web": the kernel makes the one in the middle. */
static void imitate_monitors(int root, const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[NAME_MAX * 2];

    if (slash == NULL)
        return;
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    (void)mkdirat(root, folder, 0755);
}

int resctrl_make_group(int root, const char *path, struct error *why)
{
    int group;

    if (imitation())
        imitate_monitors(root, path);
    if (mkdirat(root, path, 0755) < 0) {
        int number = errno;
        char what[320];

        (void)snprintf(what, sizeof what, "make the resctrl group %s", path);
        (void)fail_told(why, number, root, what);
        if (number == ENOSPC)
            (void)fail_hint(why, "the processor has no class of service left");
        return -1;
    }
    group = resctrl_open_group(root, path);
    return group >= 0 ? group : fail(why, errno, "open the resctrl group %s", path);
}

char *resctrl_read_schemata(int group, struct error *why)
{
    autoclose int fd = openat(group, "schemata", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    size_t length;

    if (fd < 0)
        return fail(why, errno, "open the schemata of the resctrl group"), NULL;
    return io_read_fd(fd, "schemata", SCHEMATA_MAX, &length, why);
}

/* One write(2) a command. */
static int write_file(int group, const char *name, const char *text)
{
    int create = imitation() ? O_CREAT | O_APPEND : 0;
    autoclose int fd = openat(group, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | create, 0644);
    size_t length = strlen(text);

    if (fd < 0)
        return -1;
    return write(fd, text, length) == (ssize_t)length ? 0 : -1;
}

int resctrl_write_schemata(int root, int group, const char *text, struct error *why)
{
    if (write_file(group, "schemata", text) == 0)
        return 0;
    return fail_told(why, errno, root, "write the schemata of the resctrl group");
}

int resctrl_add_task(int root, int group, pid_t pid, struct error *why)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%d\n", (int)pid);
    if (write_file(group, "tasks", text) == 0)
        return 0;
    return fail_told(why, errno, root, "move the process into the resctrl group");
}

bool resctrl_is_unused(int group)
{
    autoclose int tasks = openat(group, "tasks", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat monitors;
    char byte;

    if (tasks >= 0 && read(tasks, &byte, 1) != 0)
        return false;
    /* A link for itself, one from above, and one from each folder in it. */
    return fstatat(group, "mon_groups", &monitors, AT_SYMLINK_NOFOLLOW) < 0 ||
           monitors.st_nlink <= 2;
}

int resctrl_remove_group(int root, const char *path, struct error *why)
{
    if (imitation()) {
        autoclose int group = resctrl_open_group(root, path);

        (void)unlinkat(group, "tasks", 0);
        (void)unlinkat(group, "schemata", 0);
        (void)unlinkat(group, "mon_groups", AT_REMOVEDIR);
    }
    if (unlinkat(root, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return 0;
    return fail(why, errno, "remove the resctrl group %s", path);
}
