// SPDX-License-Identifier: Apache-2.0
/* --no-pivot: the rootfs is moved over "/", and what was mounted below the old root goes. */
#include "base/own.h"
#include "kernel/missing.h"
#include "kernel/mount.h"
#include "kernel/submounts.h"
#include "sections/mounts.h"

#include <fcntl.h>
#include <string.h>

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

/* Detach what is mounted at POINT ("/proc") below the old root, to which CONTEXT points. */
static int detach(void *context, const char *point, struct error *why)
{
    const int *top = context;
    autoclose int fd = -1;

    if (is_gone(*top, point + 1, &fd))
        return 0;
    /* Where linux.rootfsPropagation is shared the host's mounts are peers, which would go, too. */
    if (fd >= 0 && mount_propagate(fd, MS_PRIVATE, true) == 0 && mount_detach(fd) == 0)
        return 0;
    (void)fail(why, errno, "--no-pivot: unmount the host's %s", point);
    if (why->number == EINVAL || why->number == EACCES)
        return fail_hint(why, "in a user namespace the host's mounts stay where they are: leave "
                              "--no-pivot out");
    return -1;
}

/* Whoever may mount in the container would get a procfs or a sysfs without our masks, as long as
   the host's is in its mount namespace (mount_namespaces(7), "Restrictions"). The list has the
   container's own mounts, too, which are not below the old root. */
int root_overlay(struct container *c, struct error *why)
{
    autoclose int top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (top < 0 || mount_attach(c->root_fd, top) < 0)
        return fail(why, errno, "move the rootfs to /");
    if (submounts_each(c->proc_fd, "self/mountinfo", "/", detach, &top, why) < 0)
        return -1;
    return mount_chroot(c->root_fd) < 0 ? fail(why, errno, "enter the rootfs") : 0;
}
