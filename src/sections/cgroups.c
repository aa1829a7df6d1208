// SPDX-License-Identifier: Apache-2.0
/* linux.cgroupsPath, linux.resources: the container's cgroup, from its making to its removal. */
#include "sections/container.h"

#include "base/text.h"
#include "kernel/proc.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

/* --- what config.json says --- */

void cgroups_check(const struct oci_config *spec, struct problems *all)
{
    /* What depends on the host's hierarchy is refused by cgroups_make, before it makes anything. */
    cgroup_check(spec, CGROUP_NONE, all);
}

static const struct oci_resources *resources_of(const struct container *c)
{
    return c->spec->linux ? c->spec->linux->resources : NULL;
}

/* Also when disabled: then the steps have nothing to do, and say so where that is an error. */
bool cgroups_are_used(const struct container *c)
{
    (void)c;
    return true;
}

/* One below it, for exec, is not INIT's own: RUNTIME finds it. */
bool cgroups_have_entrance(const struct container *c)
{
    bool is_below = c->verb == VERB_EXEC && c->options.exec_cgroup && c->options.exec_cgroup[0];

    return c->cgroup.manager != CGROUP_DISABLED && !is_below &&
           (c->cgroup.hierarchy == CGROUP_V1 || c->cgroup.hierarchy == CGROUP_HYBRID);
}

/* From INIT's birth on. */
bool cgroups_are_joined(const struct container *c)
{
    return cgroups_have_entrance(c) &&
           (c->cgroup.hierarchy == CGROUP_V1 || c->cgroup_is_birthplace);
}

bool cgroups_are_entered(const struct container *c)
{
    return !cgroups_are_joined(c);
}

/* Device rules hold for every container. */
bool cgroups_have_limits(const struct container *c)
{
    (void)c;
    return true;
}

bool cgroups_namespace_is_new(const struct container *c)
{
    return container_has_new(c, CLONE_NEWCGROUP);
}

/* --- making and removing --- */

/* Without permission to make cgroups (no root, nothing delegated, a read-only mount) a container
   that asks for no limit runs in its creator's cgroup. The state record, saved later, says so. */
static int do_without(struct container *c, struct error *why)
{
    bool is_denied = why->number == EROFS || why->number == EACCES || why->number == EPERM;
    bool is_absent = why->number == ENOENT && c->cgroup.hierarchy == CGROUP_NONE;

    if (!is_denied && !is_absent)
        return -1;
    if (cgroup_has_limits(resources_of(c)))
        return fail_hint(why, "a container without linux.resources needs no cgroup");
    if (is_absent || geteuid() != 0 || why->number != EROFS) {
        log_debug(c->log, "no cgroup for %s: %s", c->id, why->text);
        c->cgroup.manager = CGROUP_DISABLED;
        c->cgroup.path = c->cgroup.scope = "";
        c->cgroup.is_ours = false;
        return 0;
    }
    return fail_hint(why, "mount /sys/fs/cgroup writable, or use --cgroup-manager disabled");
}

int cgroups_make(struct container *c, struct error *why)
{
    struct problems problems = { 0 };

    cgroup_check(c->spec, c->cgroup.hierarchy, &problems);
    if (problems_fail(&problems, why) < 0)
        return fail_code(why, ERROR_UNSUPPORTED);
    return cgroup_make(&c->cgroup, why) < 0 ? do_without(c, why) : 0;
}

int cgroups_remove(struct container *c, struct error *why)
{
    /* Those whom nobody else kills: processes that left the container's pid namespace, or never had
       one. A cgroup that was there before is the container's alone once INIT was let in; until then
       whoever is in it has nothing to do with us. */
    if ((c->cgroup.is_ours || c->init > 0) && cgroup_kill(&c->cgroup, why) < 0)
        return -1;
    return cgroup_remove(&c->cgroup, why);
}

void cgroups_explain(const struct container *c, struct explain *to)
{
    static const char *const kinds[] = {
        [CGROUP_NONE] = "no cgroup file system",
        [CGROUP_V1] = "cgroup v1",
        [CGROUP_HYBRID] = "cgroup v1 with a v2 hierarchy",
        [CGROUP_V2] = "cgroup v2",
    };

    if (c->cgroup.manager == CGROUP_DISABLED)
        explain(to, "none: cgroups are disabled");
    else
        explain(to, "%s on %s; %s", c->cgroup.path, kinds[c->cgroup.hierarchy],
                c->cgroup.hierarchy == CGROUP_V2
                    ? "INIT is born in it, or written to cgroup.procs"
                    : "INIT is written to tasks or cgroup.procs of each hierarchy");
}

/* --- entering --- */

int cgroups_open(struct container *c, struct error *why)
{
    return cgroup_open_entrance(&c->cgroup, &c->cgroup_entrance, why);
}

int cgroups_join(struct container *c, struct error *why)
{
    if (cgroup_pass_entrance(&c->cgroup_entrance, why) < 0)
        return -1;
    cgroup_close_entrance(&c->cgroup_entrance);
    return 0;
}

/* Whether INIT is there already: on v2 it is born there (CLONE_INTO_CGROUP), and moving it once
   more would cost an RCU grace period. */
static bool is_in(const struct container *c)
{
    char path[64], text[4096 + 64];
    size_t length = strlen(c->cgroup.path);

    (void)snprintf(path, sizeof path, "%d/cgroup", (int)c->init);
    return proc_read(c->proc_fd, path, text, sizeof text) > 0 && strncmp(text, "0::", 3) == 0 &&
           strncmp(text + 3, c->cgroup.path, length) == 0 && text[3 + length] == '\n';
}

int cgroups_enter(struct container *c, struct error *why)
{
    const char *below = c->verb == VERB_EXEC ? c->options.exec_cgroup : NULL;

    if (below && text_climbs(below)) {
        (void)fail(why, 0, "enter cgroup %s: must not climb with \"..\"", below);
        return fail_code(why, ERROR_USAGE);
    }
    if (c->cgroup.hierarchy == CGROUP_V2 && !(below && below[0]) && is_in(c))
        return 0;
    return cgroup_enter(&c->cgroup, c->init, below ? below : "", why);
}

int cgroups_unshare(struct container *c, struct error *why)
{
    (void)c;
    if (unshare(CLONE_NEWCGROUP) < 0)
        return fail(why, errno, "make a new cgroup namespace");
    return 0;
}

/* --- limits --- */

int cgroups_limit(struct container *c, struct error *why)
{
    return cgroup_limit(&c->cgroup, resources_of(c), true, c->log, why);
}

static void print_setting(void *context, const char *file, const char *value)
{
    explain(context, "%s = %s", file, value);
}

void cgroups_limits_explain(const struct container *c, struct explain *to)
{
    cgroup_explain(&c->cgroup, resources_of(c), print_setting, to);
}
