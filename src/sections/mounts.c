// SPDX-License-Identifier: Apache-2.0
/* mounts and linux.mountLabel: the file systems of the container, in the listed order. */
#include "sections/mounts.h"
#include "base/text.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "sections/namespaces-wanted.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

bool mounts_are_given(const struct container *c)
{
    return c->spec->mounts.n > 0;
}

bool mounts_bind_dev(const struct oci_config *spec)
{
    bool is_bound = false;

    FOREACH (mount, spec->mounts) {
        struct mount_options options;
        char path[PATH_MAX];

        if (strlen(mount->destination) >= sizeof path)
            continue;
        path_simplify(mount->destination, path);
        mount_options_read(mount, &options);
        if (strcmp(path, "dev") == 0 && !options.is_remount)
            is_bound = options.is_bind;
    }
    return is_bound;
}

/* --- trees --- */

/* Add the flags asked for to those that are there. In a user namespace some of these are locked:
   what the kernel does not let go stays, what is asked for is added. */
static int change_tree(int tree, const struct mount_change *change, bool recursive)
{
    if (mount_change(tree, change->set, change->clear, recursive) == 0)
        return 0;
    if (errno != EPERM || change->clear == 0)
        return -1;
    return mount_change(tree, change->set & ~(uint64_t)MOUNT_ATTR__ATIME, 0, recursive);
}

/* All that a bind mount is, before anybody can see it. */
static int dress(const struct container *c, int tree, const struct mount_options *options,
                 struct error *why)
{
    if (change_tree(tree, &options->tree, true) < 0 || change_tree(tree, &options->top, false) < 0)
        return fail(why, errno, "set the mount's flags");
    /* Nobody asked: mounts of the host do not come in. */
    if (options->is_bind && options->n_propagations == 0 &&
        mounts_rootfs_propagation(c) != MS_SHARED && mounts_rootfs_propagation(c) != MS_SLAVE &&
        mount_propagate(tree, MS_PRIVATE, true) < 0)
        return fail(why, errno, "set the mount's propagation");
    return 0;
}

/* What the kernel does not let a user namespace mount anew, because it does not own the namespace
   shown or because parts of the host's are hidden: the host's own. Not where it would show
   processes or queues of the host to a container that has those namespaces of its own. */
static int clone_host_own(const struct container *c, const struct oci_mount *mount,
                          const struct mount_options *options, struct error *why)
{
    const uint64_t restrictions =
        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    static const struct {
        const char *type, *path;
        int shows; /* the type of namespace; -1: mostly what has none */
    } paths[] = { { "proc", "/proc", OCI_NAMESPACE_TYPE_PID },
                  { "sysfs", "/sys", -1 },
                  { "mqueue", "/dev/mqueue", OCI_NAMESPACE_TYPE_IPC } };

    autoclose int tree = -1;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (strcmp(mount->type, paths[i].type) != 0)
            continue;
        if (paths[i].shows >= 0 &&
            namespace_wanted(c->spec, (enum oci_namespace_type)paths[i].shows))
            return fail_hint(why,
                             "a user namespace gets a new %s only of a %s namespace of its own, "
                             "and where nothing covers parts of the host's %s",
                             mount->type, oci_namespace_type_names[paths[i].shows], paths[i].path);
        tree = mount_clone(AT_FDCWD, paths[i].path, true);
    }
    /* What restricts the mount asked for must hold for the host's mounts below, too: a read-only
       /sys with the host's cgroups writable is CVE-2023-25809. */
    if (tree < 0 || mount_change(tree, options->top.set & restrictions, 0, true) < 0)
        return -1;
    return take_fd(tree);
}

static int make_tree(struct container *c, const struct oci_mount *mount,
                     const struct mount_options *options, struct error *why)
{
    int tree;

    if (options->is_bind) {
        tree = mounts_clone_source(c, mount, options, why);
    } else {
        tree = mounts_make_new(c, mount, options, NULL, why);
        if (tree < 0 && why->number == EINVAL && mounts_in_user_namespace(c) &&
            strcmp(mount->type, "devpts") == 0) {
            container_warn(c, "devpts without gid=: the group is not mapped in the user namespace");
            return mounts_make_new(c, mount, options, "gid=", why);
        }
        if (tree >= 0 || why->number != EPERM || !mounts_in_user_namespace(c))
            return tree;
        tree = clone_host_own(c, mount, options, why);
        if (tree < 0)
            return -1;
    }
    if (tree >= 0 && dress(c, tree, options, why) < 0)
        close_fd(&tree);
    return tree;
}

/* --- the steps --- */

static int propagate(int tree, const struct mount_options *options, struct error *why)
{
    for (size_t i = 0; i < options->n_propagations; i++)
        if (mount_propagate(tree, options->propagations[i].type,
                            options->propagations[i].is_recursive) < 0)
            return fail(why, errno, "set the mount's propagation");
    return 0;
}

/* A tmpfs stays writable until the last mount and device is in it. */
static bool is_sealed_by_remount(int target, const struct mount_options *options)
{
    struct statfs fs;

    return (options->top.set & MOUNT_ATTR_RDONLY) && !(options->tree.set & MOUNT_ATTR_RDONLY) &&
           fstatfs(target, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

/* What was to be made read-only at the end stays writable. */
static void forget_seal(const struct container *c, int target)
{
    struct mounts *mounts = c->mounts;
    uint64_t id, other;

    if (mount_id(target, &id) < 0)
        return;
    for (size_t i = 0; i < c->spec->mounts.n; i++)
        if (mounts->late[i] >= 0 && mount_id(mounts->late[i], &other) == 0 && other == id)
            close_fd(&mounts->late[i]);
}

static int reconfigure(int target, const struct oci_mount *mount, struct error *why)
{
    autoclose int fs = mount_fs_pick(target);

    if (fs < 0)
        return fail(why, errno, "remount %s", mount->destination);
    if (mounts_set_options(fs, mount, NULL, why) < 0)
        return -1;
    if (mount_fs_reconfigure(fs) < 0)
        return fail(why, errno, "remount %s", mount->destination);
    return 0;
}

/* Change what is mounted at the destination of mount I already. */
static int remount(struct container *c, size_t i, struct mount_options *options, const char *path,
                   struct error *why)
{
    const struct oci_mount *mount = &c->spec->mounts.at[i];
    autoclose int target = path_open(c->root_fd, path, O_PATH, 0);
    bool has_data = false, is_late;

    if (target < 0)
        return fail(why, errno, "open %s in the rootfs", mount->destination);
    FOREACH (option, mount->options)
        has_data |= mount_option_for(*option) != MOUNT_OPTION_FOR_US;
    if (has_data && !options->is_bind && reconfigure(target, mount, why) < 0)
        return -1;
    is_late = is_sealed_by_remount(target, options);
    if (is_late)
        options->top.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
    else if (options->top.clear & MOUNT_ATTR_RDONLY)
        forget_seal(c, target);
    if (change_tree(target, &options->tree, true) < 0 ||
        change_tree(target, &options->top, false) < 0)
        return fail(why, errno, "remount %s", mount->destination);
    if (propagate(target, options, why) < 0)
        return -1;
    if (is_late)
        ((struct mounts *)c->mounts)->late[i] = take_fd(target);
    return 0;
}

static bool is_cgroup(const struct oci_mount *mount, const struct mount_options *options)
{
    return !options->is_bind && mount->type && strcmp(mount->type, "cgroup") == 0;
}

static bool is_tmpfs(const struct oci_mount *mount, const struct mount_options *options)
{
    return !options->is_bind && strcmp(mount->type, "tmpfs") == 0;
}

/* A tmpfs stays writable until the last mount and device is in it. */
static bool is_sealed_late(const struct oci_mount *mount, const struct mount_options *options)
{
    return is_tmpfs(mount, options) && (options->top.set & MOUNT_ATTR_RDONLY);
}

static bool has_option(const struct oci_mount *mount, const char *beginning)
{
    FOREACH (option, mount->options)
        if (text_starts(*option, beginning))
            return true;
    return false;
}

/* What a tmpfs has of the folder that it covers, as with other runtimes: the mode, and with
   tmpcopyup the rest. A folder that was made for it (IS_NEW) has nothing to give. */
static int inherit(const struct container *c, const struct oci_mount *mount,
                   const struct mount_options *options, bool is_new, int target, int tree,
                   struct error *why)
{
    bool has_mode = has_option(mount, "mode=");
    bool has_owner = has_option(mount, "uid=") || has_option(mount, "gid=");

    if (is_new)
        return 0;
    if (options->copies_up &&
        mounts_copy_up(c->proc_fd, target, tree, !has_mode && !has_owner, why) < 0)
        return -1;
    return has_mode ? 0 : mounts_copy_mode(target, tree, why);
}

static bool is_missing(const struct container *c, const char *path)
{
    autoclose int fd = path_open(c->root_fd, path, O_PATH, 0);

    return fd < 0;
}

static int attach(struct container *c, const struct oci_mount *mount,
                  const struct mount_options *options, const char *path, int tree,
                  struct error *why)
{
    bool inherits = is_tmpfs(mount, options) && (options->copies_up || !has_option(mount, "mode="));
    bool is_new = inherits && is_missing(c, path);
    autoclose int target = -1;

    if (options->copies_link && mounts_is_link(tree))
        return mounts_copy_link(c, path, tree, why);
    target = mounts_open_target(c, path, tree, options->keeps_destination_link, why);
    if (target < 0 || mounts_guard_proc(c, path, target, tree, why) < 0 ||
        (inherits && inherit(c, mount, options, is_new, target, tree, why) < 0))
        return -1;
    if (mount_attach(tree, target) < 0) {
        (void)fail(why, errno, "mount at %s", mount->destination);
        if (why->number == ENOTDIR)
            (void)fail_hint(why, "a directory is mounted on a directory, a file on a file: compare "
                                 "the source with what the rootfs has there");
        return -1;
    }
    if (propagate(tree, options, why) < 0)
        return -1;
    if (*path)
        return 0;
    /* What is mounted at / is the rootfs from now on. */
    int root = fcntl(tree, F_DUPFD_CLOEXEC, 3);

    if (root < 0)
        return fail(why, errno, "keep the new rootfs");
    close_fd(&c->root_fd);
    c->root_fd = root;
    return 0;
}

static int attach_one(struct container *c, size_t i, struct error *why)
{
    const struct oci_mount *mount = &c->spec->mounts.at[i];
    struct mounts *mounts = c->mounts;
    autoclose int tree = take_fd(mounts->trees[i]);
    struct mount_options options;
    char path[PATH_MAX];

    if (strlen(mount->destination) >= sizeof path)
        return fail(why, ENAMETOOLONG, "mount at %s", mount->destination);
    path_simplify(mount->destination, path);
    mount_options_read(mount, &options);
    if (options.is_remount)
        return remount(c, i, &options, path, why);
    if (is_cgroup(mount, &options)) {
        autoclose int target = mounts_open_target(c, path, -1, false, why);

        return target < 0 ? -1 : mounts_attach_cgroup(c, &options, target, why);
    }
    if (tree >= 0) {
        /* A new file system has its flags since it was made. */
        if (options.is_bind && dress(c, tree, &options, why) < 0)
            return -1;
    } else {
        tree = make_tree(c, mount, &options, why);
    }
    if (tree < 0 || attach(c, mount, &options, path, tree, why) < 0)
        return -1;
    if (is_sealed_late(mount, &options))
        mounts->late[i] = take_fd(tree);
    return 0;
}

int mounts_attach_late(struct container *c, size_t i, int *ret_tree, struct error *why)
{
    const struct oci_mount *mount = &c->spec->mounts.at[i];
    struct mounts *mounts = c->mounts;
    autoclose int tree = take_fd(mounts->trees[i]);
    struct mount_options options;
    char path[PATH_MAX];

    path_simplify(mount->destination, path);
    mount_options_read(mount, &options);
    if (tree < 0)
        tree = make_tree(c, mount, &options, why);
    else if (options.is_bind && dress(c, tree, &options, why) < 0)
        return -1;
    if (tree < 0 || attach(c, mount, &options, path, tree, why) < 0)
        return -1;
    *ret_tree = take_fd(tree);
    if (is_sealed_late(mount, &options) && mount_change(*ret_tree, MOUNT_ATTR_RDONLY, 0, false) < 0)
        return fail(why, errno, "make %s read-only", mount->destination);
    return 0;
}

/* What shows the container's cgroup, and what is to be charged to it. */
static bool needs_cgroup(const struct oci_mount *mount)
{
    struct mount_options options;

    mount_options_read(mount, &options);
    return options.copies_up ||
           (!options.is_bind && mount->type && text_starts(mount->type, "cgroup"));
}

/* The first that INIT makes when it is in its cgroup. */
static size_t rest_of(const struct container *c)
{
    size_t i = 0;

    while (i < c->spec->mounts.n && !needs_cgroup(&c->spec->mounts.at[i]))
        i++;
    return i;
}

bool mounts_need_cgroup(const struct container *c)
{
    return rest_of(c) < c->spec->mounts.n;
}

static int attach_some(struct container *c, size_t begin, size_t end, struct error *why)
{
    for (size_t i = begin; i < end; i++)
        if (attach_one(c, i, why) < 0)
            return fail_in(why, "%s", c->spec->mounts.at[i].destination),
                   fail_at(why, "mounts[%zu]", i);
    return 0;
}

int mounts_attach(struct container *c, struct error *why)
{
    if (mounts_kept(c) == NULL)
        return fail(why, ENOMEM, "remember mounts");
    return attach_some(c, 0, rest_of(c), why);
}

int mounts_attach_rest(struct container *c, struct error *why)
{
    return attach_some(c, rest_of(c), c->spec->mounts.n, why);
}

int mounts_seal(struct container *c, struct error *why)
{
    struct mounts *mounts = c->mounts;

    for (size_t i = 0; mounts && i < c->spec->mounts.n; i++) {
        if (mounts->late[i] < 0)
            continue;
        if (mount_change(mounts->late[i], MOUNT_ATTR_RDONLY, 0, false) < 0)
            return fail(why, errno, "make %s read-only", c->spec->mounts.at[i].destination),
                   fail_at(why, "mounts[%zu]", i);
        close_fd(&mounts->late[i]);
    }
    return 0;
}
