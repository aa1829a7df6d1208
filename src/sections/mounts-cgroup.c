// SPDX-License-Identifier: Apache-2.0
/* Mounts of type cgroup: on v2 one cgroup2; on v1 and hybrid a tmpfs with a folder a hierarchy.
   Each shows the container's own cgroup as its root: through its cgroup namespace, or without one
   through a bind mount. */
#include "base/text.h"
#include "cgroup/mounted.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "kernel/proc.h"
#include "sections/mounts.h"
#include "sections/namespaces-wanted.h"

#include <fcntl.h>
#include <limits.h>
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

/* The hierarchy as the host shows it, or NULL. What it does not show the container has no cgroup
   in: a mount of it would show the host's root. */
static const struct hierarchy *find_shown(const struct mounted *mounted, const char *controllers)
{
    bool is_named = text_starts(controllers, "name=");
    uint32_t bits = mounted_controllers(is_named ? controllers + 5 : controllers, ',');

    if (*controllers == 0)
        return mounted_find(mounted, CONTROLLER_UNIFIED);
    if (is_named)
        bits &= 1u << CONTROLLER_SYSTEMD;
    return bits ? mounted_find(mounted, (enum controller)__builtin_ctz(bits)) : NULL;
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

/* Of /proc/self/cgroup. */
struct line {
    const char *controllers; /* "cpu,cpuacct", "name=systemd", "" for cgroup2 */
    const char *path;        /* ours in it */
};

static int attach_hierarchy(const struct container *c, int folder, const struct line *line,
                            uint64_t attributes, struct error *why)
{
    bool is_unified = *line->controllers == 0;
    const char *name = is_unified                                ? "unified"
                       : text_starts(line->controllers, "name=") ? line->controllers + 5
                                                                 : line->controllers;
    struct mounted room;
    const struct hierarchy *host = find_shown(mounted_of(&c->cgroup, &room), line->controllers);
    autoclose int tree = -1, target = -1;

    if (host == NULL)
        return 0;
    tree = shows_own_root(c)
               ? mount_new(is_unified ? "cgroup2" : "cgroup", line->controllers, attributes)
               : bind_own(c, host->name, line->path, attributes);
    /* Where the container has no cgroup. */
    if (tree < 0 && (errno == ENOENT || errno == EBUSY))
        return 0;
    if (tree < 0 && errno == EPERM && shows_own_root(c))
        tree = bind_own(c, host->name, line->path, attributes);
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

        const struct line one = { controllers, path };

        if (attach_hierarchy(c, folder, &one, attributes, why) < 0)
            return -1;
    }
    return 0;
}

static int attach_v1(const struct container *c, const struct mount_options *options, int target,
                     struct error *why)
{
    uint64_t attributes = options->top.set;
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

/* The container's own; without one ours, where it stays. Behind a cgroup namespace that is "/", and
   what then shows, all of the host's, is not the container's to write to (CVE-2023-25809). */
static int bind_v2(const struct container *c, uint64_t attributes)
{
    char text[8192];
    const char *own = NULL;

    if (proc_read(c->proc_fd, "self/cgroup", text, sizeof text) > 0)
        own = cgroup_v2_path(text);
    if (*c->cgroup.path || (own && own[1]))
        return bind_own(c, "", own, attributes);
    return bind_own(c, "", "", attributes | MOUNT_ATTR_RDONLY);
}

static int attach_v2(const struct container *c, const struct mount_options *options, int target,
                     struct error *why)
{
    uint64_t attributes = options->top.set;
    autoclose int tree = -1;

    if (shows_own_root(c))
        tree = mount_new("cgroup2", "", attributes);
    /* In a user namespace that does not own the cgroup namespace, or no cgroup namespace. */
    if (tree < 0 && (!shows_own_root(c) || errno == EPERM || errno == EBUSY))
        tree = bind_v2(c, attributes);
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
