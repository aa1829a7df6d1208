// SPDX-License-Identifier: Apache-2.0
/* The driver that lets systemd make the cgroup: a transient scope, in which zind-oci-systemd holds
   a place until INIT is in. If we die meanwhile, so does that program; systemd removes a scope that
   is empty. Where systemd has no hierarchy (cgroup v1), the same path is made as cgroupfs does. */
#include "cgroup/systemd/systemd.h"
#include "arena.h"
#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"
#include "cgroup/folder.h"
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { PATIENCE_MS = 500 };

/* --- choosing --- */

/* Of the hierarchies of v1, those that systemd makes and removes folders in. */
static bool is_systemds(const struct hierarchy *hierarchy)
{
    const uint32_t its = 1u << CONTROLLER_CPU | 1u << CONTROLLER_CPUACCT | 1u << CONTROLLER_MEMORY |
                         1u << CONTROLLER_BLKIO | 1u << CONTROLLER_DEVICES | 1u << CONTROLLER_PIDS |
                         1u << CONTROLLER_SYSTEMD | 1u << CONTROLLER_UNIFIED;

    return hierarchy->controllers & its;
}

/* Slices are systemd's to remove: it thinks that it has made them. */
static unsigned there_of_ours(const struct cgroup *cgroup, const struct hierarchy *hierarchy,
                              unsigned there)
{
    unsigned depth = folder_depth(cgroup->path);

    return is_systemds(hierarchy) && there + 1 < depth ? depth - 1 : there;
}

/* The hierarchy that tells who is in a unit. */
static const struct hierarchy *find_main(const struct mounted *mounted)
{
    return mounted_find_or_v2(mounted, CONTROLLER_SYSTEMD);
}

static void look_there(struct cgroup *cgroup, const struct mounted *mounted)
{
    const struct hierarchy *first = find_main(mounted);
    char root[MOUNTED_PATH_MAX];
    bool is_new = true;

    cgroup->there_before = UINT64_MAX;
    for (size_t i = 0; i < mounted->n; i++) {
        const struct hierarchy *at_hand = &mounted->at[i];
        unsigned there;

        if (!mounted_path(root, at_hand, ""))
            continue;
        there = folder_there(root, cgroup->path);
        if (at_hand == first)
            is_new = there < folder_depth(cgroup->path);
        cgroupfs_set_there(cgroup, at_hand, there_of_ours(cgroup, at_hand, there));
    }
    /* A unit that is there is somebody else's, whatever the other hierarchies lack. */
    cgroup->is_ours = is_new;
}

static int check(const struct cgroup *cgroup, const char *path, struct systemd_unit *unit,
                 struct error *why)
{
    autoproblems struct problems problems = { 0 };
    const char *problem = systemd_unit_name(unit, path, cgroup->id, systemd_is_for_user());

    if (problem)
        refuse(&problems, "linux.cgroupsPath", "\"%s\" %s", path ? path : cgroup->id, problem);
    systemd_annotations(NULL, cgroup->spec, &problems);
    if (problems_fail(&problems, why) == 0)
        return 0;
    if (problem)
        (void)fail_hint(why, "for example system.slice:my:web; or use --cgroup-manager cgroupfs");
    return fail_code(why, ERROR_SPEC);
}

static int systemd_choose(struct cgroup *ret, const char *path, const char *id, struct arena *arena,
                          struct error *why)
{
    struct systemd_unit *unit = arena_alloc(arena, sizeof *unit);
    struct mounted room;
    const struct mounted *mounted = mounted_of(ret, &room);
    char base[256];

    (void)id;
    if (!HAVE_SYSTEMD) {
        (void)fail(why, 0, "the systemd cgroup manager is not in this build");
        (void)fail_hint(why, "use --cgroup-manager cgroupfs, without --systemd-cgroup");
        return fail_code(why, ERROR_UNSUPPORTED);
    }
    ret->session = arena_alloc(arena, sizeof *ret->session);
    if (unit == NULL || ret->session == NULL)
        return fail(why, ENOMEM, "choose a unit");
    ret->session->socket = -1;
    ret->hierarchy = mounted->kind;
    if (check(ret, path, unit, why) < 0)
        return -1;
    systemd_unit_guess_base(base, sizeof base, systemd_is_for_user());
    ret->scope = unit->name;
    ret->path = arena_sprintf(arena, "%s%s", base, unit->path);
    if (ret->path == NULL)
        return fail(why, ENOMEM, "choose a unit");
    look_there(ret, mounted);
    return 0;
}

/* --- making --- */

/* A session for one call; make's own lasts until the limits are set. */
static int single_call(const char *unit, enum systemd_verb verb, pid_t pid, struct error *why)
{
    struct cgroup_session session;
    struct systemd_answer answer;
    int rc;

    if (systemd_call_open(&session, why) < 0)
        return -1;
    rc = systemd_call(&session, verb, unit, pid, NULL, &answer, why);
    systemd_call_close(&session);
    return rc;
}

static int start(struct cgroup *cgroup, struct error *why)
{
    const struct oci_linux *linux_ = cgroup->spec ? cgroup->spec->linux : NULL;
    autoproblems struct problems problems = { 0 };
    struct systemd_words words = { 0 };
    struct systemd_answer answer;
    struct systemd_unit unit;
    int rc;

    (void)systemd_unit_name(&unit, linux_ ? linux_->cgroups_path : NULL, cgroup->id,
                            systemd_is_for_user());
    systemd_properties_begin(&words, &unit, cgroup->id, cgroup->hierarchy == CGROUP_V2);
    systemd_annotations(&words, cgroup->spec, &problems);
    rc = systemd_call_open(cgroup->session, why);
    if (rc == 0)
        rc = systemd_call(cgroup->session, SYSTEMD_START, unit.name, 0, &words, &answer, why);
    systemd_words_free(&words);
    if (rc < 0) {
        systemd_call_close(cgroup->session);
        return -1;
    }
    if (answer.path[0] && strcmp(answer.path, cgroup->path) != 0) {
        memcpy(cgroup->session->path, answer.path, sizeof answer.path);
        cgroup->path = cgroup->session->path;
    }
    return 0;
}

static int fail_folder(struct error *why, int number, const char *what, const char *path)
{
    /* Whether one does without is not asked: systemd was. */
    (void)fail(why, 0, "%s cgroup %s: %s", what, path, strerror(number));
    return fail_code(why, ERROR_CGROUP);
}

static int make_in(struct cgroup *cgroup, const struct hierarchy *hierarchy, struct error *why)
{
    char root[MOUNTED_PATH_MAX], whole[MOUNTED_PATH_MAX];
    unsigned there = 0;

    if (!mounted_path(root, hierarchy, "") || !mounted_path(whole, hierarchy, cgroup->path))
        return fail_folder(why, ENAMETOOLONG, "make", cgroup->path);
    if (folder_make(root, cgroup->path, &there) < 0) {
        if (cgroupfs_may_lack(hierarchy, errno))
            return 0;
        (void)fail_folder(why, errno, "make", whole);
        return systemd_is_for_user()
                   ? fail_hint(why,
                               "cgroup v1 cannot be given to ordinary users: use cgroup v2, or "
                               "--cgroup-manager disabled")
                   : -1;
    }
    /* The unit was not active: what systemd has made just now is ours. */
    if (is_systemds(hierarchy) && there == folder_depth(cgroup->path))
        there--;
    cgroupfs_set_there(cgroup, hierarchy, there_of_ours(cgroup, hierarchy, there));
    if (hierarchy->controllers & 1u << CONTROLLER_CPUSET && v1_seed_cpuset(root, cgroup->path) < 0)
        return fail_folder(why, errno, "give cpus and memory nodes to", whole);
    return 0;
}

static int systemd_remove(const struct cgroup *cgroup, struct error *why);

static int systemd_make(struct cgroup *cgroup, struct error *why)
{
    struct mounted room;
    const struct mounted *mounted = mounted_of(cgroup, &room);

    if (start(cgroup, why) < 0)
        return -1;
    cgroup->is_ours = true;
    cgroup->there_before = UINT64_MAX;
    for (size_t i = 0; i < mounted->n; i++)
        if (make_in(cgroup, &mounted->at[i], why) < 0) {
            struct error second;

            (void)systemd_remove(cgroup, &second);
            return -1;
        }
    return 0;
}

/* --- entering --- */

static int systemd_open_birthplace(const struct cgroup *cgroup)
{
    return cgroupfs_driver.open_birthplace(cgroup);
}

static int systemd_open_entrance(const struct cgroup *cgroup, struct cgroup_entrance *ret,
                                 struct error *why)
{
    return cgroupfs_driver.open_entrance(cgroup, ret, why);
}

/* Between two parts of the tree only who may write to what is above both can move a process: for
   an ordinary user systemd does. */
static int systemd_enter(const struct cgroup *cgroup, pid_t pid, const char *preferred,
                         struct error *why)
{
    struct error second;

    if (cgroupfs_driver.enter(cgroup, pid, preferred, why) == 0)
        return 0;
    if ((why->number != EACCES && why->number != EPERM) || !cgroup->scope[0])
        return -1;
    if (single_call(cgroup->scope, SYSTEMD_ATTACH, pid, &second) == 0)
        return 0;
    *why = second;
    return -1;
}

void cgroup_forget_session(struct cgroup *cgroup)
{
    if (cgroup->session == NULL)
        return;
    close_fd(&cgroup->session->socket);
    cgroup->session->pid = -1;
}

/* --- freezing, listing, killing --- */

static int systemd_freeze(const struct cgroup *cgroup, bool frozen, struct error *why)
{
    return cgroupfs_driver.freeze(cgroup, frozen, why);
}

static int systemd_is_frozen(const struct cgroup *cgroup)
{
    return cgroupfs_driver.is_frozen(cgroup);
}

static ssize_t systemd_processes(const struct cgroup *cgroup, pid_t **ret, struct error *why)
{
    return cgroupfs_driver.processes(cgroup, ret, why);
}

static int systemd_kill(const struct cgroup *cgroup, struct error *why)
{
    if (cgroup->session)
        systemd_call_close(cgroup->session);
    return cgroupfs_driver.kill(cgroup, why);
}

/* --- removing --- */

/* A scope without a cgroup is over, and CollectMode has it forgotten. */
static bool is_there(const struct cgroup *cgroup)
{
    struct mounted room;
    const struct mounted *mounted = mounted_of(cgroup, &room);
    const struct hierarchy *main_one = find_main(mounted);
    autoclose int fd = main_one ? cgroupfs_open(cgroup, main_one) : -1;

    return main_one == NULL || fd >= 0 || errno != ENOENT;
}

/* It may be there all the same, out of our reach: a folder that is taken from it before it has seen
   that it is empty stays a unit. */
static void await_systemd(const struct cgroup *cgroup)
{
    uint64_t deadline = clock_ms() + PATIENCE_MS;
    unsigned step = 1;

    while (is_there(cgroup) && clock_pause(&step, &deadline))
        ;
}

static int systemd_remove(const struct cgroup *cgroup, struct error *why)
{
    struct error second;
    int rc = 0;

    if (cgroup->session)
        systemd_call_close(cgroup->session);
    if (!cgroup->is_ours)
        return 0;
    if (cgroup->scope[0] && is_there(cgroup))
        rc = single_call(cgroup->scope, SYSTEMD_STOP, 0, why);
    if (rc < 0)
        await_systemd(cgroup);
    if (cgroupfs_driver.remove(cgroup, rc < 0 ? &second : why) < 0)
        return -1;
    /* Without systemd there is no unit either, and the folders are gone. */
    return rc < 0 && is_there(cgroup) ? -1 : 0;
}

const struct cgroup_driver systemd_driver = {
    .name = "systemd",
    .choose = systemd_choose,
    .make = systemd_make,
    .open_birthplace = systemd_open_birthplace,
    .open_entrance = systemd_open_entrance,
    .enter = systemd_enter,
    .limit = systemd_limit,
    .freeze = systemd_freeze,
    .is_frozen = systemd_is_frozen,
    .processes = systemd_processes,
    .kill = systemd_kill,
    .remove = systemd_remove,
};
