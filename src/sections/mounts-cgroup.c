// SPDX-License-Identifier: Apache-2.0
/* Mounts of type cgroup: on v2 one cgroup2; on v1 and hybrid a tmpfs with a folder a hierarchy.
   Each shows the container's own cgroup as its root: through its cgroup namespace, or without one
   through a bind mount. */
#include "base/text.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "kernel/proc.h"
#include "sections/mounts.h"
#include "sections/namespaces-wanted.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CGROUP_ROOT "/sys/fs/cgroup"

static bool shows_own_root(const struct container *c)
{
    return namespace_wanted(c->spec, OCI_NAMESPACE_TYPE_CGROUP) != NULL;
}

static int mount_new(const char *type, const char *controllers, uint64_t attributes)
{
    autoclose int fs = mount_fs_open(type);
    char left[128], *state = NULL;

    if (fs < 0 || mount_fs_set(fs, "source", "cgroup") < 0)
        return -1;
    if (text_starts(controllers, "name=")) {
        if (mount_fs_set(fs, "none", NULL) < 0 || mount_fs_set(fs, "name", controllers + 5) < 0)
            return -1;
        return mount_fs_finish(fs, attributes);
    }
    (void)snprintf(left, sizeof left, "%s", controllers);
    for (char *one = strtok_r(left, ",", &state); one; one = strtok_r(NULL, ",", &state))
        if (mount_fs_set(fs, one, NULL) < 0)
            return -1;
    return mount_fs_finish(fs, attributes);
}

/* The container's cgroup in the hierarchy that the host has at FOLDER; FALLBACK: our own path in
 * it, when the runtime manages no cgroup. */
static int bind_own(const struct container *c, const char *folder, const char *fallback,
                    uint64_t attributes)
{
    const char *own = c->cgroup.path && *c->cgroup.path ? c->cgroup.path : fallback;
    char path[PATH_MAX];
    int tree;

    if (snprintf(path, sizeof path, CGROUP_ROOT "/%s%s", folder, own) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    tree = mount_clone(AT_FDCWD, path, false);
    if (tree >= 0 && (mount_change(tree, attributes, 0, false) < 0 ||
                      mount_propagate(tree, MS_PRIVATE, false) < 0)) {
        own_close(&tree);
        return -1;
    }
    return tree;
}

/* Where the host has the hierarchy: under all its names, or under the first. */
static void find_folder(const char *controllers, char *ret, size_t room)
{
    char path[PATH_MAX];

    if (text_starts(controllers, "name="))
        controllers += 5;
    (void)snprintf(ret, room, "%s", controllers);
    (void)snprintf(path, sizeof path, CGROUP_ROOT "/%s", ret);
    if (access(path, F_OK) < 0)
        ret[strcspn(ret, ",")] = 0;
}

/* cpu -> cpu,cpuacct and so on: what programs look for where controllers share a hierarchy. */
static int link_controllers(int folder, const char *controllers, struct error *why)
{
    char left[128], *state = NULL;

    (void)snprintf(left, sizeof left, "%s", controllers);
    for (char *one = strtok_r(left, ",", &state); one; one = strtok_r(NULL, ",", &state))
        if (symlinkat(controllers, folder, one) < 0 && errno != EEXIST)
            return fail(why, errno, "link %s to %s", one, controllers);
    return 0;
}

struct hierarchy {
    const char *controllers; /* "cpu,cpuacct", "name=systemd", "" for cgroup2 */
    const char *path;        /* ours in it */
};

static int attach_hierarchy(const struct container *c, int folder,
                            const struct hierarchy *hierarchy, uint64_t attributes,
                            struct error *why)
{
    bool is_unified = *hierarchy->controllers == 0;
    const char *name = is_unified                                     ? "unified"
                       : text_starts(hierarchy->controllers, "name=") ? hierarchy->controllers + 5
                                                                      : hierarchy->controllers;
    char host[128];
    autoclose int tree = -1, target = -1;

    find_folder(is_unified ? "unified" : hierarchy->controllers, host, sizeof host);
    tree = shows_own_root(c)
               ? mount_new(is_unified ? "cgroup2" : "cgroup", hierarchy->controllers, attributes)
               : bind_own(c, host, hierarchy->path, attributes);
    /* A hierarchy that the host does not show (unified in a v1 view), or where the container has no
     * cgroup. */
    if (tree < 0 && (errno == ENOENT || errno == EBUSY))
        return 0;
    if (tree < 0 && errno == EPERM && shows_own_root(c))
        tree = bind_own(c, host, hierarchy->path, attributes);
    if (tree < 0)
        return fail(why, errno, "mount the cgroup hierarchy %s", name);
    if (mkdirat(folder, name, 0755) < 0 && errno != EEXIST)
        return fail(why, errno, "make a folder for the cgroup hierarchy %s", name);
    target = path_open(folder, name, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
    if (target < 0 || mount_attach(tree, target) < 0)
        return fail(why, errno, "mount the cgroup hierarchy %s", name);
    return strchr(name, ',') ? link_controllers(folder, name, why) : 0;
}

/* A line of /proc/self/cgroup a hierarchy: "4:cpu,cpuacct:/path". */
static int attach_hierarchies(const struct container *c, int folder, uint64_t attributes,
                              struct error *why)
{
    char text[8192], *line, *state = NULL;

    if (proc_read(c->proc_fd, "self/cgroup", text, sizeof text) < 0)
        return fail(why, errno, "read /proc/self/cgroup");
    for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;

        if (path == NULL)
            continue;
        *path++ = 0;
        controllers++;
        if (*controllers == 0 && c->cgroup.hierarchy != CGROUP_HYBRID)
            continue;

        const struct hierarchy hierarchy = { controllers, path };

        if (attach_hierarchy(c, folder, &hierarchy, attributes, why) < 0)
            return -1;
    }
    return 0;
}

static int attach_v1(const struct container *c, const struct mount_options *options, int target,
                     struct error *why)
{
    uint64_t attributes = options->top.set | options->tree.set;
    autoclose int fs = mount_fs_open("tmpfs");
    autoclose int folder = -1;

    if (fs < 0 || mount_fs_set(fs, "mode", "0755") < 0 || mount_fs_set(fs, "source", "tmpfs") < 0)
        return fail(why, errno, "mount a tmpfs for cgroups");
    folder = mount_fs_finish(fs, attributes & ~(uint64_t)MOUNT_ATTR_RDONLY);
    if (folder < 0 || mount_attach(folder, target) < 0)
        return fail(why, errno, "mount a tmpfs for cgroups");
    if (attach_hierarchies(c, folder, attributes, why) < 0)
        return -1;
    if (mount_change(folder, attributes & MOUNT_ATTR_RDONLY, 0, false) < 0)
        return fail(why, errno, "make the cgroup mounts read-only");
    return 0;
}

static int attach_v2(const struct container *c, const struct mount_options *options, int target,
                     struct error *why)
{
    uint64_t attributes = options->top.set | options->tree.set;
    autoclose int tree = -1;

    if (shows_own_root(c))
        tree = mount_new("cgroup2", "", attributes);
    /* Rootless in a cgroup namespace of the host, or none: what the host shows. */
    if (tree < 0 && (!shows_own_root(c) || errno == EPERM || errno == EBUSY))
        tree = bind_own(c, "", "", attributes);
    if (tree < 0 || mount_attach(tree, target) < 0)
        return fail(why, errno, "mount cgroup2");
    return 0;
}

int mounts_attach_cgroup(struct container *c, const struct mount_options *options, int target,
                         struct error *why)
{
    switch (c->cgroup.hierarchy) {
    case CGROUP_V2:
        return attach_v2(c, options, target, why);
    case CGROUP_V1:
    case CGROUP_HYBRID:
        return attach_v1(c, options, target, why);
    case CGROUP_NONE:
        break;
    }
    return fail(why, 0, "mount cgroup: the host has no cgroup file system");
}
