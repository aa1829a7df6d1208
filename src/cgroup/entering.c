// SPDX-License-Identifier: Apache-2.0
/* How processes get into a container's cgroup, and below it. */
#include "base/own.h"
#include "base/text.h"
#include "cgroup/driver.h"
#include "cgroup/folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* --- by themselves --- */

static int fail_open(struct error *why, int number, const char *path)
{
    (void)fail(why, number, "open cgroup %s", path);
    return fail_code(why, ERROR_CGROUP);
}

int entering_open(const struct cgroup *cgroup, struct cgroup_entrance *ret, struct error *why)
{
    char path[MOUNTED_PATH_MAX];
    struct mounted room;
    const struct mounted *mounted;

    _Static_assert(sizeof ret->at / sizeof *ret->at >= CONTROLLERS, "one for each hierarchy");
    mounted = mounted_of(cgroup, &room);
    if (cgroupfs_check_mounted(cgroup, mounted, why) < 0)
        return -1;
    for (size_t i = 0; i < mounted->n; i++) {
        const struct hierarchy *hierarchy = &mounted->at[i];

        if (hierarchy->is_v2)
            continue;
        if (!mounted_path(path, hierarchy, cgroup->path) ||
            strlen(path) + sizeof "/tasks" > sizeof path)
            return fail_open(why, ENAMETOOLONG, cgroup->path);
        /* Not cgroup.procs: whose writer is taken for a process of many threads, and waits. */
        memcpy(path + strlen(path), "/tasks", sizeof "/tasks");

        int fd = open(path, O_WRONLY | O_CLOEXEC);

        if (fd < 0 && cgroupfs_may_lack(hierarchy, errno))
            continue;
        if (fd < 0)
            return fail_open(why, errno, path);
        ret->at[ret->n].fd = fd;
        ret->at[ret->n++].controller = mounted_controller_name(hierarchy->slot, false);
    }
    return 0;
}

/* --- moved by others --- */

/* The folder SUBPATH ("" or "/a/b") of the container's cgroup in one hierarchy. */
static int open_below(const struct cgroup *cgroup, const struct hierarchy *hierarchy,
                      const char *subpath)
{
    char whole[MOUNTED_PATH_MAX], path[MOUNTED_PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", cgroup->path, subpath);

    if (n < 0 || (size_t)n >= sizeof path || !mounted_path(whole, hierarchy, path))
        return errno = ENAMETOOLONG, -1;
    return open(whole, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int fail_enter(const struct cgroup *cgroup, const struct hierarchy *hierarchy, pid_t pid,
                      const char *subpath, struct error *why)
{
    int number = errno;
    char path[MOUNTED_PATH_MAX];

    (void)mounted_path(path, hierarchy, cgroup->path);
    (void)fail(why, number, "move process %d into cgroup %s%s%s", (int)pid, path,
               subpath[0] && subpath[0] != '/' ? "/" : "", subpath);
    if (number == EOPNOTSUPP)
        (void)fail_hint(why,
                        "its cgroup.type is \"domain invalid\": a cgroup above has processes and "
                        "hands cpu or pids on, so that it is threaded");
    else if (number == EBUSY)
        (void)fail_hint(why,
                        "a cgroup that hands controllers on takes no process: name one below it");
    else if (number == ENOSPC)
        (void)fail_hint(why,
                        "a new v1 cpuset is empty: write its cpuset.cpus and cpuset.mems first");
    else if (number == EACCES)
        (void)fail_hint(why, "who moves a process must own the cgroup above both its old place and "
                             "the new: call from a cgroup delegated to you");
    return fail_code(why, ERROR_CGROUP);
}

static int enter_in(const struct cgroup *cgroup, const struct hierarchy *hierarchy, const char *pid,
                    const char *preferred)
{
    autoclose int fd = open_below(cgroup, hierarchy, "");

    if (fd < 0)
        return -1;
    if (folder_write(fd, "cgroup.procs", pid) == 0)
        return 0;
    if (errno != EBUSY || !hierarchy->is_v2)
        return -1;
    /* v2 has no processes beside groups that are limited: an init system inside has moved all of
     * them further down. */
    autoclose int below = preferred[0] ? open_below(cgroup, hierarchy, preferred) : -1;

    if (below >= 0 && folder_write(below, "cgroup.procs", pid) == 0)
        return 0;
    return folder_enter_below(fd, pid);
}

int entering_enter(const struct cgroup *cgroup, pid_t pid, const char *preferred, struct error *why)
{
    struct mounted room;
    const struct mounted *mounted;
    char text[16];

    (void)snprintf(text, sizeof text, "%d", (int)pid);
    mounted = mounted_of(cgroup, &room);
    if (cgroupfs_check_mounted(cgroup, mounted, why) < 0)
        return -1;
    for (size_t i = 0; i < mounted->n; i++)
        if (enter_in(cgroup, &mounted->at[i], text, preferred) < 0 &&
            !cgroupfs_may_lack(&mounted->at[i], errno))
            return fail_enter(cgroup, &mounted->at[i], pid, "", why);
    return 0;
}

/* --- exec --cgroup --- */

static int refuse_place(struct error *why, const char *place, const char *problem)
{
    (void)fail(why, 0, "--cgroup %s: %s", place, problem);
    return fail_code(why, ERROR_USAGE);
}

/* PLACES sorted by hierarchy: paths by the index in struct mounted; NULL: nothing names it. */
struct places {
    const char *everywhere;
    const char *at[CONTROLLERS];
};

static int take_controllers(struct places *to, const struct mounted *mounted, const char *place,
                            const char *path, struct error *why)
{
    char list[256], *state = NULL;
    size_t length = strcspn(place, ":");
    uint32_t taken = 0; /* hierarchies: cpu and cpuacct may be one */

    if (mounted->kind == CGROUP_V2)
        return refuse_place(why, place, "cgroup v2 has one hierarchy: give the path alone");
    if (length >= sizeof list)
        return refuse_place(why, place, "the list of controllers is too long");
    memcpy(list, place, length);
    list[length] = 0;
    for (char *name = strtok_r(list, ",", &state); name; name = strtok_r(NULL, ",", &state)) {
        uint32_t bit = mounted_controllers(text_starts(name, "name=") ? name + 5 : name, ',');
        const struct hierarchy *hierarchy =
            bit ? mounted_find(mounted, (enum controller)__builtin_ctz(bit)) : NULL;

        if (hierarchy == NULL) {
            (void)fail(why, 0, "--cgroup %s: this host has no cgroup controller %s", place, name);
            return fail_code(why, ERROR_USAGE);
        }

        size_t i = (size_t)(hierarchy - mounted->at);

        if (to->at[i] && !(taken & 1u << i))
            return refuse_place(why, place, "a controller of this hierarchy has a place already");
        to->at[i] = path;
        taken |= 1u << i;
    }
    return 0;
}

static int take_place(struct places *to, const struct mounted *mounted, const char *place,
                      struct error *why)
{
    /* A colon after a slash is part of the path. */
    size_t list = strcspn(place, ":/");
    const char *path = place[list] == ':' ? place + list + 1 : place;

    if (text_climbs(path))
        return refuse_place(why, place, "must not climb with \"..\"");
    if (path != place && list > 0)
        return take_controllers(to, mounted, place, path, why);
    if (to->everywhere)
        return refuse_place(why, place, "there is a path for all controllers already");
    to->everywhere = path;
    return 0;
}

static int enter_place(const struct cgroup *cgroup, const struct hierarchy *hierarchy, pid_t pid,
                       const char *subpath, struct error *why)
{
    char text[16];
    autoclose int fd = open_below(cgroup, hierarchy, subpath);

    (void)snprintf(text, sizeof text, "%d", (int)pid);
    if (fd >= 0 && folder_write(fd, "cgroup.procs", text) == 0)
        return 0;
    return fail_enter(cgroup, hierarchy, pid, subpath, why);
}

int cgroup_enter_below(const struct cgroup *cgroup, pid_t pid, const char *const places[], size_t n,
                       struct error *why)
{
    struct places to = { 0 };
    struct mounted room;
    const struct mounted *mounted = mounted_of(cgroup, &room);

    if (cgroup->manager == CGROUP_DISABLED)
        return refuse_place(why, places[0], "this container has no cgroup");
    if (cgroupfs_check_mounted(cgroup, mounted, why) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (take_place(&to, mounted, places[i], why) < 0)
            return -1;
    for (size_t i = 0; i < mounted->n; i++) {
        const struct hierarchy *hierarchy = &mounted->at[i];
        const char *path = to.at[i] ? to.at[i] : to.everywhere ? to.everywhere : "";

        if (enter_place(cgroup, hierarchy, pid, path, why) == 0)
            continue;
        /* Where nothing is limited, the container's own will do. */
        if (!to.at[i] && cgroupfs_may_lack(hierarchy, why->number) &&
            enter_place(cgroup, hierarchy, pid, "", why) == 0)
            continue;
        if (!to.at[i] && !hierarchy->is_v2 && why->number == ENOENT)
            (void)fail_hint(why, "a cgroup of some controllers only: --cgroup CONTROLLER,…:PATH");
        return -1;
    }
    return 0;
}
