// SPDX-License-Identifier: Apache-2.0
/* The driver that makes cgroups itself, as folders in every hierarchy. */
#include "arena.h"
#include "base/clock.h"
#include "base/own.h"
#include "cgroup/delegation.h"
#include "cgroup/driver.h"
#include "cgroup/folder.h"
#include "cgroup/members.h"
#include "cgroup/limits/resources.h"
#include "kernel/path.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { DEADLINE_MS = 10000, THERE_MAX = 15 };

/* --- which folders are ours --- */

static unsigned there_of(const struct cgroup *cgroup, const struct hierarchy *hierarchy)
{
    return cgroup->there_before >> 4 * hierarchy->slot & THERE_MAX;
}

void cgroupfs_set_there(struct cgroup *cgroup, const struct hierarchy *hierarchy, unsigned there)
{
    unsigned shift = 4 * hierarchy->slot, kept = there < THERE_MAX ? there : THERE_MAX;

    cgroup->there_before &= ~((uint64_t)THERE_MAX << shift);
    cgroup->there_before |= (uint64_t)kept << shift;
    cgroup->is_ours |= there < folder_depth(cgroup->path);
}

static int fail_cgroup(struct error *why, int number, const char *what, const char *path)
{
    (void)fail(why, number, "%s cgroup %s", what, path);
    return fail_code(why, ERROR_CGROUP);
}

/* Which it was is known of those whose folders the record counts; with a path of 15 parts and more,
 * not of those that may all have been there before. */
static bool is_mounted(const struct cgroup *cgroup, const struct mounted *mounted,
                       enum controller slot)
{
    if (cgroup->is_guessed || there_of(cgroup, &(struct hierarchy){ .slot = slot }) == THERE_MAX)
        return true;
    if (slot == CONTROLLER_UNIFIED &&
        (cgroup->hierarchy == CGROUP_V2) != (mounted->kind == CGROUP_V2))
        return false;
    for (size_t i = 0; i < mounted->n; i++)
        if (mounted->at[i].slot == slot)
            return true;
    return false;
}

int cgroupfs_check_mounted(const struct cgroup *cgroup, const struct mounted *mounted,
                           struct error *why)
{
    if (mounted->number)
        return fail_cgroup(why, mounted->number, "look at the hierarchies of", cgroup->path);
    for (enum controller slot = 0; slot < CONTROLLERS; slot++)
        if (!is_mounted(cgroup, mounted, slot) && mounted_exists(slot)) {
            (void)fail_cgroup(why, ENOENT, "reach the", mounted_controller_name(slot, false));
            (void)fail_hint(why,
                            "the container is in %s of that hierarchy, which is not mounted "
                            "at " MOUNTED_AT " in this mount namespace",
                            cgroup->path);
            return -1;
        }
    return 0;
}

/* Without these a container is counted and limited all the same. */
bool cgroupfs_may_lack(const struct hierarchy *hierarchy, int number)
{
    bool is_extra = hierarchy->slot == CONTROLLER_SYSTEMD ||
                    (hierarchy->slot == CONTROLLER_UNIFIED && hierarchy->name[0]);

    return is_extra && (number == EROFS || number == EACCES || number == EPERM || number == ENOENT);
}

/* --- choosing --- */

static int cgroupfs_choose(struct cgroup *ret, const char *path, const char *id,
                           struct arena *arena, struct error *why)
{
    struct mounted room;
    const struct mounted *mounted;
    char root[MOUNTED_PATH_MAX];
    char *chosen;

    mounted = mounted_of(ret, &room);
    ret->hierarchy = mounted->kind;
    if (path) {
        chosen = arena_sprintf(arena, "/%s", path);
        if (chosen)
            path_simplify(path, chosen + 1);
    } else {
        bool is_delegated = mounted->kind == CGROUP_V2 && delegation_find(root, sizeof root);

        chosen = arena_sprintf(arena, "%s/zind-oci-%s", is_delegated ? root : "", id);
    }
    if (chosen == NULL)
        return fail(why, ENOMEM, "choose a cgroup");
    ret->path = chosen;
    ret->there_before = UINT64_MAX;
    for (size_t i = 0; i < mounted->n; i++)
        if (mounted_path(root, &mounted->at[i], ""))
            cgroupfs_set_there(ret, &mounted->at[i], folder_there(root, ret->path));
    return 0;
}

void cgroup_claim(struct cgroup *cgroup)
{
    unsigned depth = folder_depth(cgroup->path);

    for (enum controller slot = 0; depth > 0 && slot < CONTROLLERS; slot++)
        cgroupfs_set_there(cgroup, &(struct hierarchy){ .slot = slot }, depth - 1);
    cgroup->is_guessed = true;
}

/* --- making --- */

int cgroupfs_open(const struct cgroup *cgroup, const struct hierarchy *hierarchy)
{
    char path[MOUNTED_PATH_MAX];

    if (!mounted_path(path, hierarchy, cgroup->path))
        return errno = ENAMETOOLONG, -1;
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* One that was there before must have nobody in it, must not be frozen, for INIT would never wake
   up in it, nor belong to the threads of the one above. */
static int refuse_used(const char *path, const struct hierarchy *hierarchy, struct error *why)
{
    autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct pids pids = { 0 };
    const char *problem = NULL;
    char type[32];

    if (fd < 0 || folder_pids(fd, &pids) < 0)
        return fail_cgroup(why, errno, "look into", path);
    free(pids.at);
    if (pids.n > 0)
        problem = "has processes in it";
    else if (hierarchy->is_v2 ? v2_is_frozen(fd) == 1
                              : hierarchy->slot == CONTROLLER_FREEZER && v1_is_frozen(fd) == 1)
        problem = "is frozen";
    else if (hierarchy->is_v2 && folder_read(fd, "cgroup.type", type, sizeof type) > 0 &&
             strcmp(type, "threaded") == 0)
        problem = "is threaded: its processes could be neither listed nor killed";
    if (problem == NULL)
        return 0;
    (void)fail(why, EBUSY, "use cgroup %s: it was there before and %s", path, problem);
    (void)fail_at(why, "linux.cgroupsPath");
    (void)fail_hint(why, "delete the container that uses it, or choose another cgroupsPath");
    return fail_code(why, ERROR_CGROUP);
}

static int make_in(struct cgroup *cgroup, const struct hierarchy *hierarchy, struct error *why)
{
    char root[MOUNTED_PATH_MAX], whole[MOUNTED_PATH_MAX];
    unsigned there = 0;

    if (!mounted_path(root, hierarchy, "") || !mounted_path(whole, hierarchy, cgroup->path))
        return fail_cgroup(why, ENAMETOOLONG, "make", cgroup->path);
    if (folder_make(root, cgroup->path, &there) < 0)
        return cgroupfs_may_lack(hierarchy, errno) ? 0 : fail_cgroup(why, errno, "make", whole);
    cgroupfs_set_there(cgroup, hierarchy, there);
    if (there == folder_depth(cgroup->path) && refuse_used(whole, hierarchy, why) < 0)
        return -1;
    if (hierarchy->controllers & 1u << CONTROLLER_CPUSET && v1_seed_cpuset(root, cgroup->path) < 0)
        return fail_cgroup(why, errno, "give cpus and memory nodes to", whole);
    if (hierarchy->is_v2 && hierarchy->name[0] == 0)
        /* All that there are, for statistics and for what makes cgroups inside; limits ask again,
           and then it matters. */
        (void)v2_enable(root, cgroup->path, UINT32_MAX);
    return 0;
}

static int cgroupfs_remove(const struct cgroup *cgroup, struct error *why);

static int cgroupfs_make(struct cgroup *cgroup, struct error *why)
{
    struct mounted room;
    const struct mounted *mounted;

    mounted = mounted_of(cgroup, &room);
    cgroup->hierarchy = mounted->kind;
    cgroup->is_ours = false;
    cgroup->there_before = UINT64_MAX;
    if (mounted->n == 0)
        return fail_cgroup(why, ENOENT, "no cgroup file system is at " MOUNTED_AT ": make",
                           cgroup->path);
    for (size_t i = 0; i < mounted->n; i++)
        if (make_in(cgroup, &mounted->at[i], why) < 0) {
            struct error second;

            (void)cgroupfs_remove(cgroup, &second);
            return -1;
        }
    return 0;
}

static int cgroupfs_open_birthplace(const struct cgroup *cgroup)
{
    char path[MOUNTED_PATH_MAX];
    struct hierarchy unified = { .is_v2 = true };

    if (cgroup->hierarchy == CGROUP_HYBRID)
        memcpy(unified.name, "unified", sizeof "unified");
    else if (cgroup->hierarchy != CGROUP_V2)
        return -1;
    if (!mounted_path(path, &unified, cgroup->path))
        return -1;
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* --- freezing, listing, killing --- */

/* The folder where processes are frozen, and by which interface. */
static int open_freezer(const struct cgroup *cgroup, bool *ret_is_v2)
{
    struct mounted room;
    const struct mounted *mounted = mounted_of(cgroup, &room);
    const struct hierarchy *hierarchy = mounted_find_or_v2(mounted, CONTROLLER_FREEZER);

    if (hierarchy == NULL)
        return errno = mounted->number ? mounted->number : ENOTSUP, -1;
    *ret_is_v2 = hierarchy->is_v2;
    return cgroupfs_open(cgroup, hierarchy);
}

int cgroupfs_freeze_until(const struct cgroup *cgroup, bool frozen, uint64_t deadline)
{
    bool is_v2 = false;
    autoclose int fd = open_freezer(cgroup, &is_v2);

    if (fd < 0)
        return -1;
    return is_v2 ? v2_freeze(fd, frozen, deadline) : v1_freeze(fd, frozen, deadline);
}

static int cgroupfs_freeze(const struct cgroup *cgroup, bool frozen, struct error *why)
{
    if (cgroupfs_freeze_until(cgroup, frozen, clock_ms() + DEADLINE_MS) < 0)
        return fail_cgroup(why, errno, frozen ? "freeze" : "thaw", cgroup->path);
    return 0;
}

static int cgroupfs_is_frozen(const struct cgroup *cgroup)
{
    bool is_v2 = false;
    autoclose int fd = open_freezer(cgroup, &is_v2);

    if (fd < 0)
        return error_is_shortage(errno) ? -1 : 0;
    return is_v2 ? v2_is_frozen(fd) : v1_is_frozen(fd);
}

/* The freezer's first: whom it lists it can hold still. */
static int open_members(const struct cgroup *cgroup)
{
    static const enum controller order[] = {
        CONTROLLER_FREEZER, CONTROLLER_PIDS, CONTROLLER_DEVICES,
        CONTROLLER_MEMORY,  CONTROLLER_CPU,  CONTROLLER_UNIFIED,
    };
    struct mounted room;
    const struct mounted *mounted;

    mounted = mounted_of(cgroup, &room);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        const struct hierarchy *hierarchy = mounted_find(mounted, order[i]);
        int fd = hierarchy ? cgroupfs_open(cgroup, hierarchy) : -1;

        if (fd >= 0 || (hierarchy && errno != ENOENT))
            return fd;
    }
    errno = ENOENT;
    /* There were hierarchies when it was made: here nobody can tell who is in it. */
    if (mounted->n == 0 && cgroup->hierarchy != CGROUP_NONE)
        errno = mounted->number ? mounted->number : ENOTSUP;
    return -1;
}

static ssize_t cgroupfs_processes(const struct cgroup *cgroup, pid_t **ret, struct error *why)
{
    struct pids pids = { 0 };
    autoclose int fd = open_members(cgroup);

    *ret = NULL;
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0 || folder_pids(fd, &pids) < 0) {
        int number = errno;

        free(pids.at);
        /* systemd removes a scope that is empty, at any time. */
        if (number == ENOENT || number == ENODEV)
            return 0;
        (void)fail_cgroup(why, number, "list the processes of", cgroup->path);
        return number == ENOTSUP ? fail_hint(why, "no cgroup file system is at " MOUNTED_AT
                                                  " in this mount namespace")
                                 : -1;
    }
    *ret = pids.at;
    return (ssize_t)pids.n;
}

/* Linux 5.14 and v2; in hybrid the processes are in the v2 hierarchy too. */
static bool kill_at_once(const struct cgroup *cgroup)
{
    struct mounted room;
    const struct mounted *mounted;
    const struct hierarchy *unified;

    mounted = mounted_of(cgroup, &room);
    unified = mounted_find(mounted, CONTROLLER_UNIFIED);

    autoclose int fd = unified ? cgroupfs_open(cgroup, unified) : -1;

    return fd >= 0 && v2_kill(fd);
}

static int cgroupfs_kill(const struct cgroup *cgroup, struct error *why)
{
    uint64_t deadline = clock_ms() + DEADLINE_MS;
    unsigned step = 1;

    for (bool is_first = true;; is_first = false) {
        autofree pid_t *pids = NULL;
        ssize_t n = cgroupfs_processes(cgroup, &pids, why);

        if (n <= 0)
            return (int)n;
        if (!is_first && !clock_pause(&step, &deadline))
            return fail_cgroup(why, ETIMEDOUT, "kill all processes of", cgroup->path);
        if (kill_at_once(cgroup)) {
            /* v1 wakes nobody up to die */
            (void)cgroupfs_freeze_until(cgroup, false, deadline);
            continue;
        }
        /* Held still they cannot fork faster than we kill; with us among them nobody would thaw. */
        if (!members_have(pids, n, getpid()))
            (void)cgroupfs_freeze_until(cgroup, true, clock_ms() + 200);
        (void)members_send(cgroup, SIGKILL, why);
        (void)cgroupfs_freeze_until(cgroup, false, deadline);
    }
}

/* --- removing --- */

static int cgroupfs_remove(const struct cgroup *cgroup, struct error *why)
{
    uint64_t deadline = clock_ms() + DEADLINE_MS;
    unsigned depth = folder_depth(cgroup->path);
    struct mounted room;
    const struct mounted *mounted;
    int rc = 0;

    if (!cgroup->is_ours || depth == 0)
        return 0;
    mounted = mounted_of(cgroup, &room);
    rc = cgroupfs_check_mounted(cgroup, mounted, why);
    for (size_t i = 0; i < mounted->n; i++) {
        const struct hierarchy *hierarchy = &mounted->at[i];
        unsigned there = there_of(cgroup, hierarchy);
        char root[MOUNTED_PATH_MAX];

        /* Too deep to have been counted: only the last folder is surely ours. */
        if (there == THERE_MAX && depth > THERE_MAX)
            there = depth - 1;
        if (there >= depth || !mounted_path(root, hierarchy, ""))
            continue;
        if (folder_remove(root, cgroup->path, there, deadline) < 0 &&
            !cgroupfs_may_lack(hierarchy, errno) && rc == 0) {
            (void)fail(why, errno, "remove cgroup %s%s", root, cgroup->path);
            rc = fail_code(why, ERROR_CGROUP);
        }
    }
    return rc;
}

const struct cgroup_driver cgroupfs_driver = {
    .name = "cgroupfs",
    .choose = cgroupfs_choose,
    .make = cgroupfs_make,
    .open_birthplace = cgroupfs_open_birthplace,
    .open_entrance = entering_open,
    .enter = entering_enter,
    .limit = resources_limit,
    .freeze = cgroupfs_freeze,
    .is_frozen = cgroupfs_is_frozen,
    .processes = cgroupfs_processes,
    .kill = cgroupfs_kill,
    .remove = cgroupfs_remove,
};
