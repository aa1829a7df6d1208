// SPDX-License-Identifier: Apache-2.0
/* Bind mounts: their sources, opened on the host where INIT may not reach them, and their ids. */
#include "kernel/mount.h"
#include "sections/mounts.h"
#include "sections/namespaces-wanted.h"

#include <fcntl.h>

bool mounts_in_user_namespace(const struct container *c)
{
    return namespace_wanted(c->spec, OCI_NAMESPACE_TYPE_USER) != NULL;
}

bool mounts_need_host(const struct container *c)
{
    FOREACH (mount, c->spec->mounts) {
        struct mount_options options;

        mount_options_read(mount, &options);
        if (options.is_bind && !options.is_remount &&
            (options.is_idmapped || mounts_in_user_namespace(c)))
            return true;
    }
    return false;
}

uint64_t mounts_rootfs_propagation(const struct container *c)
{
    struct mount_propagation given = { 0 };

    if (c->spec->linux && c->spec->linux->rootfs_propagation)
        (void)mount_propagation_find(c->spec->linux->rootfs_propagation, &given);
    return given.type;
}

int mounts_clone_source(const struct container *c, const struct oci_mount *mount,
                        const struct mount_options *options, struct error *why)
{
    autoclose int from = -1;
    int tree;

    if (*mount->source != '/') {
        from = open(c->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (from < 0)
            return fail(why, errno, "open the bundle %s", c->bundle);
    }
    tree = mount_clone(from, mount->source, options->is_recursive);
    if (tree >= 0)
        return tree;
    (void)fail(why, errno, "bind %s", mount->source);
    if (why->number == EINVAL)
        (void)fail_hint(why, "the source may be unbindable, or parts of it locked: try rbind");
    return -1;
}

struct mounts *mounts_kept(struct container *c)
{
    size_t n = c->spec->mounts.n;
    struct mounts *mounts = c->mounts;

    if (mounts)
        return mounts;
    mounts = arena_alloc(c->arena, sizeof *mounts);
    int *fds = arena_alloc(c->arena, 2 * n * sizeof *fds);

    if (mounts == NULL || fds == NULL)
        return NULL;
    for (size_t i = 0; i < 2 * n; i++)
        fds[i] = -1;
    *mounts = (struct mounts){ .trees = fds, .late = fds + n };
    return c->mounts = mounts;
}

/* The user namespace whose mappings the mount gets: its own mappings, or else the container's. */
static int open_id_mappings(struct container *c, const struct oci_mount *mount, struct error *why)
{
    const struct oci_namespace *joined = namespace_wanted(c->spec, OCI_NAMESPACE_TYPE_USER);
    int fd;

    if (mount->uid_mappings.n > 0)
        return mounts_make_userns(c->proc_fd, &mount->uid_mappings, &mount->gid_mappings, why);
    if (namespace_is_new(c->spec, OCI_NAMESPACE_TYPE_USER))
        return mounts_make_userns(c->proc_fd, &c->spec->linux->uid_mappings,
                                  &c->spec->linux->gid_mappings, why);
    fd = open(joined->path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 ? fd : fail(why, errno, "open %s", joined->path);
}

static int idmap(struct container *c, const struct oci_mount *mount,
                 const struct mount_options *options, int tree, struct error *why)
{
    autoclose int userns = open_id_mappings(c, mount, why);

    if (userns < 0)
        return -1;
    if (mount_idmap(tree, userns, options->idmap_is_recursive) == 0)
        return 0;
    (void)fail(why, errno, "map the ids of %s", mount->source ? mount->source : mount->type);
    if (why->number == EINVAL)
        (void)fail_hint(why, "the file system of the source may not support idmapped mounts");
    return -1;
}

static int open_one(struct container *c, const struct oci_mount *mount,
                    const struct mount_options *options, struct error *why)
{
    autoclose int tree = mounts_clone_source(c, mount, options, why);

    /* Rootless: INIT, which has the rights of its user namespace, does it itself. */
    if (tree < 0 && why->number == EPERM && !options->is_idmapped)
        return -1;
    if (tree < 0 || (options->is_idmapped && idmap(c, mount, options, tree, why) < 0))
        return -2;
    /* As INIT's copy of all mounts would be (root_attach): no mount of the container reaches the
       host, unless that is what linux.rootfsPropagation asks for. */
    if (mounts_rootfs_propagation(c) != MS_SHARED && mount_propagate(tree, MS_SLAVE, true) < 0)
        return fail(why, errno, "set the mount's propagation"), -2;
    return take_fd(tree);
}

int mounts_open(struct container *c, struct error *why)
{
    struct mounts *mounts = mounts_kept(c);

    if (mounts == NULL)
        return fail(why, ENOMEM, "remember mounts");
    for (size_t i = 0; i < c->spec->mounts.n; i++) {
        const struct oci_mount *mount = &c->spec->mounts.at[i];
        struct mount_options options;

        mount_options_read(mount, &options);
        if (!options.is_bind || options.is_remount ||
            (!options.is_idmapped && !mounts_in_user_namespace(c)))
            continue;
        int tree = open_one(c, mount, &options, why);

        if (tree == -2)
            return fail_at(why, "mounts[%zu]", i);
        mounts->trees[i] = tree;
    }
    return 0;
}
