// SPDX-License-Identifier: Apache-2.0
/* What is opened on the host: sources of bind mounts that INIT may not reach, and idmapped mounts.
 */
#include "kernel/mount.h"
#include "sections/mount-mappings.h"
#include "sections/mounts.h"
#include "sections/namespaces-wanted.h"

#include <fcntl.h>

bool mounts_in_user_namespace(const struct container *c)
{
    return namespace_wanted(c->spec, OCI_NAMESPACE_TYPE_USER) != NULL;
}

/* Mapping the ids of a file system takes rights over it, and the mapping may not be the one that
   the file system has already: so it is the host's, as a bind mount's source is. */
static bool needs_host(const struct container *c, const struct oci_mount *mount)
{
    struct mount_options options;

    mount_options_read(mount, &options);
    return !options.is_remount &&
           (options.is_idmapped || (options.is_bind && mounts_in_user_namespace(c)));
}

bool mounts_need_host(const struct container *c)
{
    FOREACH (mount, c->spec->mounts)
        if (needs_host(c, mount))
            return true;
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
    if (options->copies_link || options->keeps_source_link) {
        autoclose int source = openat(from, mount->source, O_PATH | O_NOFOLLOW | O_CLOEXEC);

        tree = source < 0 ? -1 : mount_clone(source, "", options->is_recursive);
    } else {
        tree = mount_clone(from, mount->source, options->is_recursive);
    }
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

static int open_named(const struct container *c, const char *text, struct error *why)
{
    struct mount_mappings mappings;
    const char *problem = mount_mappings_read(c->spec, text, &mappings);
    const struct oci_id_mapping_list uids = { mappings.uids.n, mappings.uids.at };
    const struct oci_id_mapping_list gids = { mappings.gids.n, mappings.gids.at };

    return problem ? fail(why, 0, "idmap=%s %s", text, problem)
                   : mounts_make_userns(c->proc_fd, &uids, &gids, why);
}

/* The user namespace whose mappings the mount gets: its own mappings, or else the container's. */
static int open_id_mappings(struct container *c, const struct oci_mount *mount,
                            const struct mount_options *options, struct error *why)
{
    const struct oci_namespace *joined = namespace_wanted(c->spec, OCI_NAMESPACE_TYPE_USER);
    int fd;

    if (options->idmap)
        return open_named(c, options->idmap, why);
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
    autoclose int userns = open_id_mappings(c, mount, options, why);

    if (userns < 0)
        return -1;
    if (mount_idmap(tree, userns, options->idmap_is_recursive) == 0)
        return 0;
    (void)fail(why, errno, "map the ids of %s",
               options->is_bind && mount->source ? mount->source : mount->type);
    if (why->number == EINVAL)
        (void)fail_hint(why, "%s may not support idmapped mounts in this kernel",
                        options->is_bind ? "the file system of the source" : mount->type);
    return -1;
}

/* A file system that INIT makes shows the ids as INIT's user namespace maps them. */
static bool is_mapped_anyway(const struct container *c, const struct oci_mount *mount,
                             const struct mount_options *options)
{
    return !options->is_bind && mount->uid_mappings.n == 0 && !options->idmap &&
           mounts_in_user_namespace(c);
}

static int open_one(struct container *c, const struct oci_mount *mount,
                    const struct mount_options *options, struct error *why)
{
    autoclose int tree = options->is_bind ? mounts_clone_source(c, mount, options, why)
                                          : mounts_make_new(c, mount, options, NULL, why);

    /* Rootless: INIT, which has the rights of its user namespace, does it itself (mounts_reach). */
    if (tree < 0 && why->number == EPERM &&
        (!options->is_idmapped || is_mapped_anyway(c, mount, options)))
        return -1;
    if (tree < 0 || (options->is_idmapped && idmap(c, mount, options, tree, why) < 0))
        return -2;
    /* As INIT's copy of all mounts would be (root_attach): no mount of the container reaches the
       host, unless that is what linux.rootfsPropagation asks for. */
    if (options->is_bind && mounts_rootfs_propagation(c) != MS_SHARED &&
        mount_propagate(tree, MS_SLAVE, true) < 0)
        return fail(why, errno, "set the mount's propagation"), -2;
    return take_fd(tree);
}

/* All of the host, for an INIT that is in the container already. */
static bool is_of_host(const struct container *c, const struct oci_mount *mount)
{
    struct mount_options options;

    (void)c;
    mount_options_read(mount, &options);
    return options.is_bind || options.is_idmapped;
}

static int open_where(struct container *c,
                      bool (*is_wanted)(const struct container *, const struct oci_mount *),
                      struct error *why)
{
    struct mounts *mounts = mounts_kept(c);

    if (mounts == NULL)
        return fail(why, ENOMEM, "remember mounts");
    for (size_t i = 0; i < c->spec->mounts.n; i++) {
        const struct oci_mount *mount = &c->spec->mounts.at[i];
        struct mount_options options;

        if (!is_wanted(c, mount))
            continue;
        mount_options_read(mount, &options);

        int tree = open_one(c, mount, &options, why);

        if (tree == -2)
            return fail_at(why, "mounts[%zu]", i);
        mounts->trees[i] = tree;
    }
    return 0;
}

int mounts_open(struct container *c, struct error *why)
{
    return open_where(c, needs_host, why);
}

/* Those that RUNTIME was not allowed to copy. What fails is tried again in its turn: the
   container's root, whom the caller gave the source to, may reach what the caller does not. */
int mounts_reach(struct container *c, struct error *why)
{
    struct mounts *mounts = mounts_kept(c);

    if (mounts == NULL)
        return fail(why, ENOMEM, "remember mounts");
    for (size_t i = 0; i < c->spec->mounts.n; i++) {
        const struct oci_mount *mount = &c->spec->mounts.at[i];
        struct mount_options options;
        struct error unused;

        mount_options_read(mount, &options);
        if (mounts->trees[i] >= 0 || !options.is_bind || !needs_host(c, mount))
            continue;
        mounts->trees[i] = open_one(c, mount, &options, &unused);
    }
    return 0;
}

int mounts_open_late(struct container *c, struct error *why)
{
    if (open_where(c, is_of_host, why) < 0)
        return -1;
    for (size_t i = 0; i < c->spec->mounts.n; i++)
        if (is_of_host(c, &c->spec->mounts.at[i]) && ((struct mounts *)c->mounts)->trees[i] < 0)
            return fail_at(why, "mounts[%zu]", i);
    return 0;
}
