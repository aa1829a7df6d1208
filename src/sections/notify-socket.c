// SPDX-License-Identifier: Apache-2.0
/* The socket at which the program tells that it is ready (sd_notify(3)): its folder, shown to the
 * container. */
#include "sections/notify-socket.h"
#include "kernel/mount.h"
#include "sections/mounts.h"

#include <fcntl.h>
#include <sys/stat.h>

static const char folder_inside[] = "run/notify";

static bool has_own(const struct oci_process *process)
{
    FOREACH (entry, process->env)
        if (strncmp(*entry, "NOTIFY_SOCKET=", strlen("NOTIFY_SOCKET=")) == 0)
            return true;
    return false;
}

/* An engine that puts it into config.json has its own way to the host's socket. */
bool notify_socket_is_wanted(const struct container *c)
{
    return c->verb == VERB_CREATE && c->options.notify_socket && c->process &&
           !has_own(c->process) && root_is_mounted(c);
}

/* The container finds the socket in there, and can change nothing. */
static int seal(int tree, struct error *why)
{
    const uint64_t flags =
        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

    if (mount_change(tree, flags, 0, false) < 0 || mount_propagate(tree, MS_PRIVATE, false) < 0)
        return fail(why, errno, "seal the folder of the notify socket");
    return 0;
}

int notify_socket_make(struct container *c, struct error *why)
{
    /* The state folder is closed to others; in this one the program's user must find the socket. */
    if (mkdirat(c->state_fd, NOTIFY_SOCKET_FOLDER, 0700) < 0 ||
        fchmodat(c->state_fd, NOTIFY_SOCKET_FOLDER, 0755, 0) < 0)
        return fail(why, errno, "make the folder of the notify socket");
    c->notify_tree = mount_clone(c->state_fd, NOTIFY_SOCKET_FOLDER, false);
    /* Rootless: INIT, which has the rights of its user namespace, does it itself. */
    if (c->notify_tree < 0 && errno == EPERM)
        return 0;
    if (c->notify_tree < 0)
        return fail(why, errno, "clone the mount of the notify socket");
    return seal(c->notify_tree, why);
}

static int clone_by_path(const struct container *c, struct error *why)
{
    const char *path = arena_sprintf(c->arena, "%s/%s/%s", c->root, c->id, NOTIFY_SOCKET_FOLDER);
    autoclose int tree = path ? mount_clone(AT_FDCWD, path, false) : -1;

    if (tree < 0)
        return fail(why, path ? errno : ENOMEM, "clone the mount of the notify socket");
    return seal(tree, why) < 0 ? -1 : take_fd(tree);
}

int notify_socket_attach(struct container *c, struct error *why)
{
    autoclose int tree = c->notify_tree >= 0 ? take_fd(c->notify_tree) : clone_by_path(c, why);
    autoclose int target = tree < 0 ? -1 : mounts_open_target(c, folder_inside, tree, false, why);

    if (target < 0)
        return -1;
    if (mount_attach(tree, target) < 0)
        return fail(why, errno, "mount at /%s", folder_inside);
    return 0;
}

void notify_socket_explain(const struct container *c, struct explain *to)
{
    explain(to, "readiness goes from " NOTIFY_SOCKET_INSIDE " to %s", c->options.notify_socket);
}
