// SPDX-License-Identifier: Apache-2.0
/* A runtime that is called in a chroot: the container's mount namespace must have no other root. */
#include "kernel/mount.h"
#include "sections/container.h"
#include "sections/namespaces-wanted.h"

/* The kernel makes no user namespace in a chroot. */
bool chroot_is_possible(const struct container *c)
{
    return namespace_is_new(c->spec, OCI_NAMESPACE_TYPE_MOUNT) &&
           !namespace_is_new(c->spec, OCI_NAMESPACE_TYPE_USER);
}

/* exec, and any program of the container that may, joins the namespace at its root: were that the
   host's, outside of our chroot, they would be out of the container. Without CAP_SYS_CHROOT nobody
   in the container can join, for it has no more than we. */
int chroot_leave(struct container *c, struct error *why)
{
    (void)c;
    if (mount_claim_root() < 0 && errno != EPERM)
        return fail(why, errno, "make the chroot the root of the container's mount namespace");
    return 0;
}
