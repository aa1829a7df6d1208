// SPDX-License-Identifier: Apache-2.0
/* root and linux.rootfsPropagation: the rootfs becomes the root of the container's mount namespace.
 */
#include "kernel/missing.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "kernel/pidfd.h"
#include "sections/container.h"
#include "sections/masked-paths.h"
#include "sections/mounts.h"
#include "sections/namespaces-wanted.h"
#include "sections/program.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool has_mount_namespace(const struct oci_config *spec)
{
    return namespace_wanted(spec, OCI_NAMESPACE_TYPE_MOUNT) != NULL;
}

static bool has_user_namespace(const struct oci_config *spec)
{
    return namespace_wanted(spec, OCI_NAMESPACE_TYPE_USER) != NULL;
}

/* What goes over the rootfs itself could not be told from what others mounted there, and would
   stay. */
static void check_inherited_namespace(const struct oci_config *spec, struct problems *all)
{
    for (size_t i = 0; i < spec->mounts.n; i++) {
        char path[PATH_MAX];

        if (strlen(spec->mounts.at[i].destination) >= sizeof path)
            continue;
        path_simplify(spec->mounts.at[i].destination, path);
        if (*path == 0)
            refuse(all, at("mounts[%zu].destination", i),
                   "/ needs a mount namespace in linux.namespaces");
    }
}

/* A user namespace has no rights on the mount namespace of the host. */
static void check_no_mounts(const struct oci_config *spec, struct problems *all)
{
    if (spec->mounts.n > 0)
        refuse(all, "mounts", "needs a mount namespace in linux.namespaces");
    if (spec->root->readonly)
        refuse(all, "root.readonly", "needs a mount namespace in linux.namespaces");
    if (spec->linux && spec->linux->masked_paths.n > 0)
        refuse(all, "linux.maskedPaths", "needs a mount namespace in linux.namespaces");
    if (spec->linux && spec->linux->readonly_paths.n > 0)
        refuse(all, "linux.readonlyPaths", "needs a mount namespace in linux.namespaces");
    if (spec->linux && spec->linux->devices.n > 0)
        refuse(all, "linux.devices", "needs a mount namespace in linux.namespaces");
    if (spec->linux && spec->linux->rootfs_propagation && *spec->linux->rootfs_propagation)
        refuse(all, "linux.rootfsPropagation", "needs a mount namespace in linux.namespaces");
}

void root_check(const struct oci_config *spec, struct problems *all)
{
    struct mount_propagation propagation;

    if (spec->root == NULL) {
        refuse(all, "root", "is missing: a container on Linux needs a root filesystem");
        return;
    }
    if (*spec->root->path == 0)
        refuse(all, "root.path", "is empty");
    if (spec->linux && spec->linux->rootfs_propagation && *spec->linux->rootfs_propagation &&
        !mount_propagation_find(spec->linux->rootfs_propagation, &propagation))
        refuse(all, "linux.rootfsPropagation",
               "\"%s\" is none of shared, slave, private, unbindable",
               spec->linux->rootfs_propagation);
    if (!has_mount_namespace(spec) && has_user_namespace(spec))
        check_no_mounts(spec, all);
    else if (!has_mount_namespace(spec))
        check_inherited_namespace(spec, all);
}

/* Else INIT only changes its root: nothing is mounted. */
bool root_is_mounted(const struct container *c)
{
    return has_mount_namespace(c->spec) || !has_user_namespace(c->spec);
}

/* The mount namespace is the runtime's: what is mounted stays there until it is taken away. One
   that is joined by path belongs to others, who keep what was mounted in it. */
bool root_is_shared(const struct container *c)
{
    return root_is_mounted(c) && !has_mount_namespace(c->spec);
}

/* What linux.rootfsPropagation asks for; type 0: nothing. */
static struct mount_propagation wanted_propagation(const struct oci_config *spec)
{
    struct mount_propagation wanted = { 0 };

    if (spec->linux && spec->linux->rootfs_propagation)
        (void)mount_propagation_find(spec->linux->rootfs_propagation, &wanted);
    return wanted;
}

void root_explain(const struct container *c, struct explain *to)
{
    const char *path = c->spec->root->path;

    explain(to, "rootfs %s%s%s%s", *path == '/' ? "" : c->bundle, *path == '/' ? "" : "/", path,
            c->spec->root->readonly ? ", read-only" : "");
    if (wanted_propagation(c->spec).type)
        explain(to, "propagation %s", c->spec->linux->rootfs_propagation);
    if (root_is_shared(c))
        explain(to, "mounted over itself in the runtime's own mount namespace, until delete");
    else if (has_mount_namespace(c->spec) && !namespace_is_new(c->spec, OCI_NAMESPACE_TYPE_MOUNT))
        explain(to, "mounted over itself in the joined mount namespace, until that ends");
}

/* The name the kernel has for an open folder: absolute, without links. */
static const char *find_path(struct container *c, int fd, struct error *why)
{
    char name[32], path[PATH_MAX];
    const char *kept;

    (void)snprintf(name, sizeof name, "self/fd/%d", fd);
    if (path_read_link(c->proc_fd, name, path, sizeof path) < 0)
        return fail(why, errno, "find the path of the rootfs"), NULL;
    kept = arena_strdup(c->arena, path);
    return kept ? kept : (fail(why, ENOMEM, "find the path of the rootfs"), NULL);
}

/* A detached copy of the mount of FOLDER, from that folder on. */
static int clone_root(struct container *c, int folder, struct error *why)
{
    uint64_t wanted = wanted_propagation(c->spec).type;

    c->root_tree = mount_clone(folder, "", true);
    if (c->root_tree < 0)
        return fail(why, errno, "clone the mount of the rootfs");
    if (mount_propagate(c->root_tree,
                        wanted == MS_SLAVE || wanted == MS_SHARED ? MS_SLAVE : MS_PRIVATE,
                        true) < 0)
        return fail(why, errno, "set the propagation of the rootfs");
    return 0;
}

/* In an inherited mount namespace: two mounts, whose ids tell delete what is ours. The mount that
   holds the rootfs may be shared with others, and how is not ours to change: what is mounted on it
   shows up in its peers, and goes from there only if nothing was on it at that time. So first goes
   the rootfs alone; made private, it takes the rest. */
static int clone_for_shared(struct container *c, struct error *why)
{
    if (strcmp(c->root_path, "/") == 0)
        return fail(why, EBUSY, "mount over the host's root; use a mount namespace");
    if (clone_root(c, c->root_fd, why) < 0) {
        if (why->number == EPERM)
            (void)fail_hint(why, "without the right to mount, use a user and a mount namespace");
        return -1;
    }
    c->root_base = mount_clone(c->root_fd, "", false);
    if (c->root_base < 0 || mount_propagate(c->root_base, MS_PRIVATE, false) < 0)
        return fail(why, errno, "clone the mount of the rootfs");
    if (mount_id(c->root_base, &c->root_mounts[0]) < 0 ||
        mount_id(c->root_tree, &c->root_mounts[1]) < 0)
        return fail(why, errno, "find the id of a mount");
    return 0;
}

/* exec joins the mount namespace and is in its root then. In one that is not the container's alone,
   the container's root is another folder, known to its INIT only. */
static int open_root_of_init(struct container *c, struct error *why)
{
    char path[32];

    if (namespace_is_new(c->spec, OCI_NAMESPACE_TYPE_MOUNT))
        return 0;
    (void)snprintf(path, sizeof path, "%d/root", (int)c->init);
    c->root_fd = openat(c->proc_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (c->root_fd < 0)
        return fail(why, errno, "open the container's root");
    /* It is the right one if its process is still there, not another one with its number. */
    if (pidfd_signal(c->target_pidfd, 0) < 0)
        return fail(why, errno, "open the container's root");
    return 0;
}

int root_open(struct container *c, struct error *why)
{
    autoclose int bundle = -1;

    if (c->verb == VERB_EXEC)
        return open_root_of_init(c, why);
    bundle = open(c->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (bundle < 0)
        return fail(why, errno, "open the bundle %s", c->bundle);
    c->root_fd = openat(bundle, c->spec->root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (c->root_fd < 0) {
        (void)fail(why, errno, "open the rootfs %s", c->spec->root->path);
        (void)fail_hint(why, "root.path must be a folder; it is relative to the bundle %s",
                        c->bundle);
        return fail_at(why, "root.path");
    }
    c->root_path = find_path(c, c->root_fd, why);
    if (c->root_path == NULL)
        return -1;
    if (root_is_shared(c))
        return clone_for_shared(c, why);
    if (!root_is_mounted(c) || !has_user_namespace(c->spec))
        return 0;
    /* INIT may not reach the rootfs: it gets a copy that it only has to attach. Without the right
       to make it (rootless), INIT makes its own (root_reach). */
    return clone_root(c, c->root_fd, why) < 0 && why->number != EPERM ? -1 : 0;
}

/* The folder of the rootfs, in INIT's mount namespace. "/" where INIT may not go there: hooks then
   do not find the container's mounts below the path of the rootfs, but that takes a bundle closed
   to the container's root. */
static int open_place(struct container *c, struct error *why)
{
    autoclose int fd = open(c->root_path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat here, there;

    if (fd < 0 && errno == EACCES && c->root_tree >= 0)
        fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    else if (fd >= 0 && (fstat(fd, &here) < 0 || fstat(c->root_fd, &there) < 0))
        return fail(why, errno, "stat %s", c->root_path);
    else if (fd >= 0 && (here.st_dev != there.st_dev || here.st_ino != there.st_ino))
        return fail(why, 0, "%s was replaced by another folder meanwhile", c->root_path);
    return fd >= 0 ? take_fd(fd) : fail(why, errno, "open %s", c->root_path);
}

/* Mounts on a shared mount show up in its peers on the host, and pivot_root refuses them: the one
   that holds PLACE is made private. It is found by climbing, as nothing says where a mount begins.
 */
static int make_holder_private(int place, struct error *why)
{
    autoclose int fd = openat(place, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct statx st;

    for (;;) {
        if (fd < 0 || missing_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) < 0)
            return fail(why, errno, "find the mount that holds the rootfs");
        if (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) /* Linux 5.8 */
            break;

        int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

        close_fd(&fd);
        fd = up;
    }
    if (mount_propagate(fd, MS_PRIVATE, false) < 0)
        return fail(why, errno, "make the mount that holds the rootfs private");
    return 0;
}

/* Nothing that INIT mounts or unmounts may reach the host. The other way round stays possible: a
   slave volume wants the host's mounts. Only where linux.rootfsPropagation is shared, volumes may
   be the host's peers. A namespace that was joined is not ours to change: only the one mount that
   we mount on. */
static int leave_peers(struct container *c, int place, struct error *why)
{
    autoclose int top = -1;

    if (wanted_propagation(c->spec).type == MS_SHARED ||
        !namespace_is_new(c->spec, OCI_NAMESPACE_TYPE_MOUNT))
        return make_holder_private(place, why);
    top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (top < 0 || mount_propagate(top, MS_SLAVE, true) < 0)
        return fail(why, errno, "stop mounts from reaching the host");
    return 0;
}

/* Where the rootfs goes: its own place, or in an inherited namespace our private mount there. */
static int open_base(struct container *c, struct error *why)
{
    autoclose int place = c->root_place >= 0 ? take_fd(c->root_place) : open_place(c, why);

    if (place < 0)
        return -1;
    if (!root_is_shared(c))
        return leave_peers(c, place, why) < 0 ? -1 : take_fd(place);
    if (mount_attach(c->root_base, place) < 0 ||
        mount_propagate(c->root_base, MS_PRIVATE, false) < 0)
        return fail(why, errno, "mount the rootfs at %s", c->root_path);
    return take_fd(c->root_base);
}

bool root_is_reached(const struct container *c)
{
    return root_is_mounted(c) && has_user_namespace(c->spec);
}

/* As the caller, to whom alone the folders above may be open. */
int root_reach(struct container *c, struct error *why)
{
    c->root_place = open_place(c, why);
    if (c->root_place < 0)
        return -1;
    return c->root_tree < 0 ? clone_root(c, c->root_place, why) : 0;
}

int root_attach(struct container *c, struct error *why)
{
    autoclose int place = open_base(c, why);

    if (place < 0)
        return -1;
    if (c->root_tree < 0 && clone_root(c, place, why) < 0)
        return -1;
    if (namespace_is_new(c->spec, OCI_NAMESPACE_TYPE_MOUNT) &&
        masked_paths_prepare(c, place, why) < 0)
        return -1;
    if (mount_attach(c->root_tree, place) < 0)
        return fail(why, errno, "mount the rootfs at %s", c->root_path);
    close_fd(&c->root_fd);
    c->root_fd = take_fd(c->root_tree);
    return 0;
}

/* Only what is on top at the path can be reached, and it is ours only if its id is. */
static bool is_ours(const struct container *c, int fd)
{
    uint64_t id;

    return mount_id(fd, &id) == 0 && (id == c->root_mounts[0] || id == c->root_mounts[1]);
}

int root_detach(struct container *c, struct error *why)
{
    if (c->root_mounts[0] == 0 || c->root_path == NULL)
        return 0;
    for (;;) {
        autoclose int fd = open(c->root_path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
            return 0;
        if (fd < 0)
            return fail(why, errno, "open %s", c->root_path);
        if (!is_ours(c, fd))
            return 0;
        if (mount_detach(fd) < 0)
            return fail(why, errno, "unmount %s", c->root_path);
    }
}

int root_pivot(struct container *c, struct error *why)
{
    /* Nothing more is mounted: delete may go ahead. */
    close_fd(&c->lock_fd);
    /* Others live in this mount namespace: its root stays. */
    if (!namespace_is_new(c->spec, OCI_NAMESPACE_TYPE_MOUNT))
        return mount_chroot(c->root_fd) < 0 ? fail(why, errno, "enter the rootfs") : 0;
    if (c->options.no_pivot)
        return root_overlay(c, why);
    if (mount_pivot(c->root_fd, wanted_propagation(c->spec).type == MS_SHARED) == 0)
        return 0;
    (void)fail(why, errno, "pivot_root");
    if (why->number == EINVAL)
        (void)fail_hint(why, "--no-pivot works where the host's root is a ramfs");
    return -1;
}

int root_seal(struct container *c, struct error *why)
{
    struct mount_propagation wanted = wanted_propagation(c->spec);

    if (mounts_seal(c, why) < 0)
        return -1;
    if (c->spec->root->readonly && c->process)
        cwd_prepare(c);
    /* Adds to the flags that are there: locked ones stay. */
    if (c->spec->root->readonly && mount_change(c->root_fd, MOUNT_ATTR_RDONLY, 0, false) < 0)
        return fail(why, errno, "make the rootfs read-only"), fail_at(why, "root.readonly");
    /* The mount of the rootfs alone, in the r… forms too: what lies below got what its own options
       ask for, and a volume that is shared on purpose must stay so. */
    if (wanted.type && mount_propagate(c->root_fd, wanted.type, false) < 0)
        return fail(why, errno, "set the propagation of the rootfs"),
               fail_at(why, "linux.rootfsPropagation");
    return 0;
}

int root_enter(struct container *c, struct error *why)
{
    /* setns went to the root of the mount namespace, its topmost mount. A container that shares its
       mount namespace has a root of its own: root_open found it. */
    if (c->root_fd >= 0)
        return mount_chroot(c->root_fd) < 0 ? fail(why, errno, "enter the rootfs") : 0;
    c->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return c->root_fd < 0 ? fail(why, errno, "open the rootfs") : 0;
}
