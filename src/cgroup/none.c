// SPDX-License-Identifier: Apache-2.0
/* The driver that makes no cgroup: the container stays in its creator's. */
#include "cgroup/driver.h"
#include "cgroup/limits/resources.h"

static int none_choose(struct cgroup *ret, const char *path, const char *id, struct arena *arena,
                       struct error *why)
{
    (void)path, (void)id, (void)arena, (void)why;
    ret->hierarchy = cgroup_detect(); /* cgroup mounts show the creator's */
    ret->path = ret->scope = "";
    return 0;
}

static int none_make(struct cgroup *cgroup, struct error *why)
{
    (void)cgroup, (void)why;
    return 0;
}

static int none_open_birthplace(const struct cgroup *cgroup)
{
    (void)cgroup;
    return -1;
}

static int none_open_entrance(const struct cgroup *cgroup, struct cgroup_entrance *ret,
                              struct error *why)
{
    (void)cgroup, (void)ret, (void)why;
    return 0;
}

static int none_enter(const struct cgroup *cgroup, pid_t pid, const char *preferred,
                      struct error *why)
{
    (void)cgroup, (void)pid, (void)preferred, (void)why;
    return 0;
}

static int none_limit(const struct cgroup *cgroup, const struct oci_resources *resources,
                      bool devices, const struct log *log, struct error *why)
{
    const struct limit *first = limit_first_asked(resources);

    (void)cgroup, (void)devices, (void)log;
    if (first == NULL)
        return 0;
    (void)fail(why, 0, "cannot be set: this container has no cgroup");
    (void)fail_at(why, "linux.resources.%s", first->field);
    (void)fail_hint(why, "leave the limits out, or use --cgroup-manager cgroupfs");
    return fail_code(why, ERROR_CGROUP);
}

static int none_freeze(const struct cgroup *cgroup, bool frozen, struct error *why)
{
    (void)cgroup;
    (void)fail(why, 0, "%s: this container has no cgroup", frozen ? "pause" : "resume");
    return fail_code(why, ERROR_CGROUP);
}

static int none_is_frozen(const struct cgroup *cgroup)
{
    (void)cgroup;
    return false;
}

static ssize_t none_processes(const struct cgroup *cgroup, pid_t **ret, struct error *why)
{
    (void)cgroup, (void)why;
    *ret = NULL;
    return 0;
}

static int none_kill(const struct cgroup *cgroup, struct error *why)
{
    (void)cgroup, (void)why;
    return 0;
}

const struct cgroup_driver none_driver = {
    .name = "disabled",
    .choose = none_choose,
    .make = none_make,
    .open_birthplace = none_open_birthplace,
    .open_entrance = none_open_entrance,
    .enter = none_enter,
    .limit = none_limit,
    .freeze = none_freeze,
    .is_frozen = none_is_frozen,
    .processes = none_processes,
    .kill = none_kill,
    .remove = none_kill,
};
