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
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* One a mount: what is kept from one step to the next; -1: nothing. */
struct mounts {
    int *trees; /* opened by RUNTIME */
    int *late;  /* to be made read-only by mounts_seal */
};

bool mounts_are_given(const struct container *c)
{
    return c->spec->mounts.n > 0;
}

static bool in_user_namespace(const struct container *c)
{
    return namespace_wanted(c->spec, OCI_NAMESPACE_TYPE_USER) != NULL;
}

bool mounts_need_host(const struct container *c)
{
    FOREACH (mount, c->spec->mounts) {
        struct mount_options options;

        mount_options_read(mount, &options);
        if (options.is_bind && !options.is_remount && (options.is_idmapped || in_user_namespace(c)))
            return true;
    }
    return false;
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
        if (strcmp(path, "dev") == 0)
            is_bound = options.is_bind;
    }
    return is_bound;
}

/* --- new file systems --- */

static int set_option(int fs, const char *option)
{
    const char *equals = strchr(option, '=');
    char key[256];

    if (equals == NULL)
        return mount_fs_set(fs, option, NULL);
    if ((size_t)(equals - option) >= sizeof key) {
        errno = EINVAL;
        return -1;
    }
    memcpy(key, option, (size_t)(equals - option));
    key[equals - option] = 0;
    return mount_fs_set(fs, key, equals + 1);
}

/* What a file system is asked for; SKIP: an option to leave out, by its beginning. */
static int set_options(int fs, const struct oci_mount *mount, const char *skip, struct error *why)
{
    char complaint[200];

    for (size_t i = 0; i < mount->options.n; i++) {
        const char *option = mount->options.at[i];

        if (mount_option_for(option) == MOUNT_OPTION_FOR_US || (skip && text_starts(option, skip)))
            continue;
        if (set_option(fs, option) == 0)
            continue;
        int number = errno;

        mount_fs_complaint(fs, complaint, sizeof complaint);
        return fail(why, number, "option \"%s\" of %s%s%s", option, mount->type,
                    *complaint ? ": " : "", complaint);
    }
    return 0;
}

/* Kernel file systems have one super block for many mounts, and later mounts go into a tmpfs: for
 * these "ro" is of the mount alone. */
static bool is_of_kernel(const char *type)
{
    static const char *const types[] = { "proc",   "sysfs",  "tmpfs",   "devpts",
                                         "mqueue", "cgroup", "cgroup2", NULL };

    for (size_t i = 0; types[i]; i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

/* These take no label from us: they have their own rules. */
static bool takes_label(const char *type)
{
    return strcmp(type, "proc") != 0 && strcmp(type, "sysfs") != 0 && strcmp(type, "mqueue") != 0;
}

static int make_new(const struct container *c, const struct oci_mount *mount,
                    const struct mount_options *options, const char *skip, struct error *why)
{
    autoclose int fs = mount_fs_open(mount->type);
    const char *label = c->spec->linux ? c->spec->linux->mount_label : NULL;
    uint64_t attributes = options->top.set | options->tree.set;
    char complaint[200];
    int tree, number;

    if (fs < 0)
        return fail(why, errno, "mount %s%s", mount->type,
                    errno == ENODEV ? ": the kernel does not have this file system" : "");
    if (mount->source && *mount->source && mount_fs_set(fs, "source", mount->source) < 0)
        return fail(why, errno, "source %s of %s", mount->source, mount->type);
    if (set_options(fs, mount, skip, why) < 0)
        return -1;
    if (label && *label && takes_label(mount->type) && mount_fs_set(fs, "context", label) < 0)
        return fail(why, errno, "label %s with %s", mount->type, label),
               fail_at(why, "linux.mountLabel");
    if ((attributes & MOUNT_ATTR_RDONLY) && !is_of_kernel(mount->type))
        (void)mount_fs_set(fs, "ro", NULL);
    if (strcmp(mount->type, "tmpfs") == 0)
        attributes &= ~(uint64_t)MOUNT_ATTR_RDONLY;
    tree = mount_fs_finish(fs, attributes);
    if (tree >= 0)
        return tree;
    number = errno;
    mount_fs_complaint(fs, complaint, sizeof complaint);
    return fail(why, number, "mount %s%s%s", mount->type, *complaint ? ": " : "", complaint);
}

/* --- bind mounts --- */

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

static uint64_t rootfs_propagation(const struct container *c)
{
    struct mount_propagation given = { 0 };

    if (c->spec->linux && c->spec->linux->rootfs_propagation)
        (void)mount_propagation_find(c->spec->linux->rootfs_propagation, &given);
    return given.type;
}

/* All that a bind mount is, before anybody can see it. */
static int dress(const struct container *c, int tree, const struct mount_options *options,
                 struct error *why)
{
    if (change_tree(tree, &options->tree, true) < 0 || change_tree(tree, &options->top, false) < 0)
        return fail(why, errno, "set the mount's flags");
    /* Nobody asked: mounts of the host do not come in. */
    if (options->is_bind && options->n_propagations == 0 && rootfs_propagation(c) != MS_SHARED &&
        rootfs_propagation(c) != MS_SLAVE && mount_propagate(tree, MS_PRIVATE, true) < 0)
        return fail(why, errno, "set the mount's propagation");
    return 0;
}

/* Of the source in our mount namespace. */
static int clone_source(const struct container *c, const struct oci_mount *mount,
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

/* What the kernel does not let a user namespace mount anew, because it does not own the namespace
   shown or because parts of the host's are hidden: the host's own. */
static int clone_host_own(const struct oci_mount *mount)
{
    static const struct {
        const char *type, *path;
    } paths[] = { { "proc", "/proc" }, { "sysfs", "/sys" }, { "mqueue", "/dev/mqueue" } };

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (strcmp(mount->type, paths[i].type) == 0)
            return mount_clone(AT_FDCWD, paths[i].path, true);
    errno = EPERM;
    return -1;
}

static int make_tree(struct container *c, const struct oci_mount *mount,
                     const struct mount_options *options, struct error *why)
{
    int tree;

    if (options->is_bind) {
        tree = clone_source(c, mount, options, why);
    } else {
        tree = make_new(c, mount, options, NULL, why);
        if (tree < 0 && why->number == EINVAL && in_user_namespace(c) &&
            strcmp(mount->type, "devpts") == 0) {
            container_warn(c, "devpts without gid=: the group is not mapped in the user namespace");
            return make_new(c, mount, options, "gid=", why);
        }
        if (tree >= 0 || why->number != EPERM || !in_user_namespace(c))
            return tree;
        tree = clone_host_own(mount);
        if (tree < 0)
            return -1;
    }
    if (tree >= 0 && dress(c, tree, options, why) < 0)
        close_fd(&tree);
    return tree;
}

/* --- where to --- */

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

static int guard_proc(const char *path, int tree, struct error *why)
{
    struct statfs fs;

    if (strcmp(path, "proc") != 0 && !text_starts(path, "proc/"))
        return 0;
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

static int open_target(const struct container *c, const char *path, int tree, struct error *why)
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

/* --- the steps --- */

static struct mounts *mounts_of(struct container *c)
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
    *mounts = (struct mounts){ fds, fds + n };
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
    autoclose int tree = clone_source(c, mount, options, why);

    /* Rootless: INIT, which has the rights of its user namespace, does it itself. */
    if (tree < 0 && why->number == EPERM && !options->is_idmapped)
        return -1;
    if (tree < 0 || (options->is_idmapped && idmap(c, mount, options, tree, why) < 0))
        return -2;
    /* As INIT's copy of all mounts would be (root_attach): no mount of the container reaches the
       host, unless that is what linux.rootfsPropagation asks for. */
    if (rootfs_propagation(c) != MS_SHARED && mount_propagate(tree, MS_SLAVE, true) < 0)
        return fail(why, errno, "set the mount's propagation"), -2;
    return take_fd(tree);
}

int mounts_open(struct container *c, struct error *why)
{
    struct mounts *mounts = mounts_of(c);

    if (mounts == NULL)
        return fail(why, ENOMEM, "remember mounts");
    for (size_t i = 0; i < c->spec->mounts.n; i++) {
        const struct oci_mount *mount = &c->spec->mounts.at[i];
        struct mount_options options;

        mount_options_read(mount, &options);
        if (!options.is_bind || options.is_remount ||
            (!options.is_idmapped && !in_user_namespace(c)))
            continue;
        int tree = open_one(c, mount, &options, why);

        if (tree == -2)
            return fail_at(why, "mounts[%zu]", i);
        mounts->trees[i] = tree;
    }
    return 0;
}

/* Change what is mounted at the destination already. */
static int remount(struct container *c, const struct oci_mount *mount,
                   const struct mount_options *options, const char *path, struct error *why)
{
    autoclose int target = path_open(c->root_fd, path, O_PATH, 0);
    bool has_data = false;

    if (target < 0)
        return fail(why, errno, "open %s in the rootfs", mount->destination);
    FOREACH (option, mount->options)
        has_data |= mount_option_for(*option) != MOUNT_OPTION_FOR_US;
    if (has_data && !options->is_bind) {
        autoclose int fs = mount_fs_pick(target);

        if (fs < 0)
            return fail(why, errno, "remount %s", mount->destination);
        if (set_options(fs, mount, NULL, why) < 0)
            return -1;
        if (mount_fs_reconfigure(fs) < 0)
            return fail(why, errno, "remount %s", mount->destination);
    }
    if (change_tree(target, &options->tree, true) < 0 ||
        change_tree(target, &options->top, false) < 0)
        return fail(why, errno, "remount %s", mount->destination);
    return 0;
}

static int propagate(int tree, const struct mount_options *options, struct error *why)
{
    for (size_t i = 0; i < options->n_propagations; i++)
        if (mount_propagate(tree, options->propagations[i].type,
                            options->propagations[i].is_recursive) < 0)
            return fail(why, errno, "set the mount's propagation");
    return 0;
}

static bool is_cgroup(const struct oci_mount *mount, const struct mount_options *options)
{
    return !options->is_bind && mount->type && strcmp(mount->type, "cgroup") == 0;
}

/* A tmpfs stays writable until the last mount and device is in it. */
static bool is_sealed_late(const struct oci_mount *mount, const struct mount_options *options)
{
    return !options->is_bind && strcmp(mount->type, "tmpfs") == 0 &&
           ((options->top.set | options->tree.set) & MOUNT_ATTR_RDONLY);
}

static bool has_option(const struct oci_mount *mount, const char *beginning)
{
    FOREACH (option, mount->options)
        if (text_starts(*option, beginning))
            return true;
    return false;
}

static int attach(struct container *c, const struct oci_mount *mount,
                  const struct mount_options *options, const char *path, int tree,
                  struct error *why)
{
    autoclose int target = open_target(c, path, tree, why);

    if (target < 0 || guard_proc(path, tree, why) < 0)
        return -1;
    if (options->copies_up && mounts_copy_up(target, tree, !has_option(mount, "mode="), why) < 0)
        return -1;
    if (mount_attach(tree, target) < 0)
        return fail(why, errno, "mount at %s", mount->destination);
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
        return remount(c, mount, &options, path, why);
    if (is_cgroup(mount, &options)) {
        autoclose int target = open_target(c, path, -1, why);

        return target < 0 ? -1 : mounts_attach_cgroup(c, &options, target, why);
    }
    if (tree >= 0) {
        if (dress(c, tree, &options, why) < 0)
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
    if (mounts_of(c) == NULL)
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
