// SPDX-License-Identifier: Apache-2.0
/* --no-pivot: the rootfs is moved over "/", and what was mounted below the old root goes. */
#include "base/io.h"
#include "base/own.h"
#include "kernel/missing.h"
#include "kernel/mount.h"
#include "kernel/proc.h"
#include "sections/mounts.h"

#include <fcntl.h>
#include <string.h>

enum { MOUNTINFO_MAX = 64 << 20 };

/* proc(5): octal, for space, tab, newline and backslash. In place. */
static void unescape(char *path)
{
    char *to = path;

    for (const char *at = path; *at; to++) {
        if (at[0] == '\\' && strspn(at + 1, "01234567") >= 3) {
            *to = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
            at += 4;
        } else {
            *to = *at++;
        }
    }
    *to = 0;
}

/* The mount point of a line of mountinfo, relative to "/": "" for the root itself. NULL: no such
 * line. */
static char *point_of(char *line)
{
    char *state = NULL, *field = strtok_r(line, " ", &state);

    for (int i = 0; field && i < 4; i++)
        field = strtok_r(NULL, " ", &state);
    if (field == NULL || *field != '/')
        return NULL;
    unescape(field);
    return field + 1;
}

/* Gone by now: what was on a mount that went before, and the rootfs. */
static bool is_gone(int top, const char *point, int *ret_fd)
{
    struct statx st;

    *ret_fd = openat(top, point, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (*ret_fd < 0)
        return errno == ENOENT || errno == ENOTDIR;
    return missing_statx(*ret_fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) == 0 &&
           !(st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* Detach what is mounted at POINT below the old root TOP. */
static int detach(int top, const char *point, struct error *why)
{
    autoclose int fd = -1;

    if (is_gone(top, point, &fd))
        return 0;
    /* Where linux.rootfsPropagation is shared the host's mounts are peers, which would go, too. */
    if (fd >= 0 && mount_propagate(fd, MS_PRIVATE, true) == 0 && mount_detach(fd) == 0)
        return 0;
    (void)fail(why, errno, "--no-pivot: unmount the host's /%s", point);
    if (why->number == EINVAL || why->number == EACCES)
        return fail_hint(why, "in a user namespace the host's mounts stay where they are: leave "
                              "--no-pivot out");
    return -1;
}

/* Whoever may mount in the container would get a procfs or a sysfs without our masks, as long as
   the host's is in its mount namespace (mount_namespaces(7), "Restrictions"). */
static int detach_all(int top, char *mounts, struct error *why)
{
    char *state = NULL;

    for (char *line = strtok_r(mounts, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
        const char *point = point_of(line);

        if (point && *point && detach(top, point, why) < 0)
            return -1;
    }
    return 0;
}

int root_overlay(struct container *c, struct error *why)
{
    autoclose int top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    autoclose int list = proc_open_file(c->proc_fd, "self/mountinfo", O_RDONLY);
    size_t length;
    autofree char *mounts =
        list < 0 ? NULL : io_read_fd(list, "mountinfo", MOUNTINFO_MAX, &length, why);

    if (top < 0 || list < 0)
        return fail(why, errno, "look at the host's mounts");
    if (mounts == NULL)
        return -1;
    if (mount_overlay_root(c->root_fd) < 0)
        return fail(why, errno, "move the rootfs to /");
    return detach_all(top, mounts, why);
}
