// SPDX-License-Identifier: Apache-2.0
/* Limits of a container that runs: all of a change or nothing of it. */
#include "base/own.h"
#include "cgroup/cgroup.h"
#include "cgroup/limits/device-rules.h"
#include "cgroup/limits/journal.h"
#include "cgroup/limits/resources.h"
#include "cgroup/members.h"

#include <unistd.h>

/* A rehearsal writes nothing, and knows afterwards what stood in every file that is to be written.
 */
static int rehearse(struct writing *w, bool devices, const struct log *log, struct error *why)
{
    int rc = resources_rehearse(w, devices, why);

    w->log = log; /* or all warnings would be given twice */
    return rc;
}

/* With the rules in force known, those that change are written one by one. */
static struct cgroup with_rules(const struct cgroup *cgroup,
                                const struct oci_device_rule_list *held)
{
    struct cgroup known = *cgroup;

    known.devices_held = held;
    return known;
}

static void go_back(const struct cgroup *cgroup, const struct cgroup_change *change,
                    struct writing *w)
{
    struct cgroup known = with_rules(cgroup, &change->merged->devices);
    struct oci_resources devices = { .devices = change->held->devices };
    struct error unused;

    /* systemd has its own record of them. */
    if (cgroup->manager == CGROUP_SYSTEMD)
        (void)cgroup_limit(&known, change->held, change->devices, NULL, &unused);
    else if (change->devices)
        (void)cgroup_limit(&known, &devices, true, NULL, &unused);
    journal_restore(w->journal, w);
}

static int change_all(const struct cgroup *cgroup, const struct cgroup_change *change,
                      struct writing *w, struct error *why)
{
    struct cgroup known = with_rules(cgroup, &change->held->devices);
    int rc = cgroup_limit(&known, change->asked, change->devices, w->log, why);

    if (rc < 0)
        go_back(cgroup, change, w);
    return rc;
}

static bool has_caller(const struct cgroup *cgroup)
{
    autofree pid_t *pids = NULL;
    struct error unused;
    ssize_t n = cgroup_processes(cgroup, &pids, &unused);

    return members_have(pids, n, getpid());
}

bool cgroup_update_needs_freeze(const struct cgroup *cgroup, const struct cgroup_change *change)
{
    struct mounted room;

    if (!change->devices || cgroup->manager == CGROUP_DISABLED ||
        mounted_find(mounted_of(cgroup, &room), CONTROLLER_DEVICES) == NULL)
        return false;
    /* systemd denies or allows all before it writes its list. */
    if (cgroup->manager != CGROUP_SYSTEMD &&
        !device_rules_change_default(cgroup, &change->merged->devices))
        return false;
    return cgroup_is_frozen(cgroup) != 1 && !has_caller(cgroup);
}

int cgroup_update(const struct cgroup *cgroup, const struct cgroup_change *change,
                  const struct log *log, struct error *why)
{
    struct journal journal = { 0 };
    struct writing w;
    int rc;

    if (cgroup->manager == CGROUP_DISABLED)
        return cgroup_limit(cgroup, change->asked, change->devices, log, why);
    writing_begin(&w, cgroup, change->asked);
    w.journal = &journal;
    rc = rehearse(&w, change->devices, log, why);
    if (rc == 0)
        rc = change_all(cgroup, change, &w, why);
    writing_end(&w);
    journal_free(&journal);
    return rc;
}
