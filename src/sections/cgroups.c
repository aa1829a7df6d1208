// SPDX-License-Identifier: Apache-2.0
/* linux.cgroupsPath, linux.resources: the container's cgroup, from its making to its removal. */
#include "sections/container.h"

#include "base/text.h"
#include "kernel/clone.h"
#include "kernel/path.h"
#include "kernel/proc.h"
#include "kernel/userns.h"
#include "sections/namespaces-wanted.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

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

/* One below it, for exec, is not INIT's own: RUNTIME finds it. A restored INIT is not ours to tell.
 */
bool cgroups_have_entrance(const struct container *c)
{
    bool is_below = c->verb == VERB_EXEC && c->options.exec_cgroups.n > 0;

    return c->verb != VERB_RESTORE && c->cgroup.manager != CGROUP_DISABLED && !is_below &&
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
        return cgroup_fail_denied(&c->cgroup, resources_of(c), why);
    if (userns_caller_is_root())
        log_warning(c->log, "no cgroup for %s, and no device rules: %s: %s", c->id, why->text,
                    strerror(why->number));
    else
        log_debug(c->log, "no cgroup for %s: %s", c->id, why->text);
    c->cgroup.manager = CGROUP_DISABLED;
    c->cgroup.path = c->cgroup.scope = "";
    c->cgroup.is_ours = false;
    return 0;
}

int cgroups_make(struct container *c, struct error *why)
{
    autoproblems struct problems problems = { 0 };

    cgroup_check(c->spec, c->cgroup.hierarchy, &problems);
    if (problems_fail(&problems, why) < 0)
        return fail_code(why, ERROR_UNSUPPORTED);
    return cgroup_make(&c->cgroup, why) < 0 ? do_without(c, why) : 0;
}

/* What users of the container own only they can remove, or the root of a user namespace with their
   ids: the container's is gone with INIT, so one like it is made. */
static int remove_from_inside(const struct container *c)
{
    struct clone_request request = { .flags = CLONE_NEWUSER, .cgroup_fd = -1 };
    struct container inside = *c;
    struct error unused;
    int pair[2], status;
    char byte;
    autoclose int proc = proc_open(&unused);

    if (proc < 0 || pipe2(pair, O_CLOEXEC) < 0)
        return -1;

    autoclose int reader = pair[0], writer = pair[1];

    inside.proc_fd = proc;
    inside.init = clone_process(&request);
    if (inside.init == 0) {
        close_fd(&writer);
        _exit(read(reader, &byte, 1) != 0 || cgroup_remove(&c->cgroup, &unused) < 0);
    }
    if (inside.init < 0)
        return -1;
    if (id_mappings_write(&inside, &unused) < 0)
        (void)kill(inside.init, SIGKILL);
    close_fd(&writer);
    while (waitpid(inside.init, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status == 0 ? 0 : -1;
}

static int kill_and_remove(const struct container *c, struct error *why)
{
    /* Those whom nobody else kills: processes that left the container's pid namespace, or never had
       one. A cgroup that was there before is the container's alone once INIT was let in; until then
       whoever is in it has nothing to do with us. */
    if ((c->cgroup.is_ours || c->init > 0) && cgroup_kill(&c->cgroup, why) < 0)
        return -1;
    return cgroup_remove(&c->cgroup, why);
}

int cgroups_remove(struct container *c, struct error *why)
{
    int result = kill_and_remove(c, why);

    /* exec may have been letting one more in, hierarchy by hierarchy (v1), when the others were
     * killed. */
    if (result < 0 && why->number == EBUSY)
        result = kill_and_remove(c, why);
    if (result == 0)
        return 0;
    return why->number == EACCES && c->spec && namespace_is_new(c->spec, OCI_NAMESPACE_TYPE_USER) &&
                   remove_from_inside(c) == 0
               ? 0
               : -1;
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
    if (c->cgroup.scope[0])
        explain(to, "systemd starts unit %s", c->cgroup.scope);
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

/* Where process PID is in the v2 hierarchy, from the container's cgroup on: "" in it, "/a" below
   it; false: elsewhere, or not known. */
static bool find_below(const struct container *c, pid_t pid, char *ret, size_t room)
{
    char file[64], text[8192];
    size_t length = strlen(c->cgroup.path);
    const char *path;

    (void)snprintf(file, sizeof file, "%d/cgroup", (int)pid);
    if (proc_read(c->proc_fd, file, text, sizeof text) < 0)
        return false;
    path = cgroup_v2_path(text);
    if (path == NULL || strncmp(path, c->cgroup.path, length) != 0 ||
        (path[length] && path[length] != '/'))
        return false;
    (void)snprintf(ret, room, "%s", path + length);
    return true;
}

/* The container's own INIT, of which exec has but a pidfd. */
static pid_t target_of(const struct container *c)
{
    char file[64], text[512];
    const char *pid;

    (void)snprintf(file, sizeof file, "self/fdinfo/%d", c->target_pidfd);
    if (proc_read(c->proc_fd, file, text, sizeof text) < 0 || !(pid = strstr(text, "\nPid:")))
        return 0;
    return (pid_t)strtol(pid + 5, NULL, 10);
}

int cgroups_enter(struct container *c, struct error *why)
{
    char preferred[4096] = "";

    if (c->verb == VERB_EXEC && c->options.exec_cgroups.n)
        return cgroup_enter_below(&c->cgroup, c->init, c->options.exec_cgroups.at,
                                  c->options.exec_cgroups.n, why);
    if (c->cgroup.hierarchy == CGROUP_V2) {
        /* It is born there (CLONE_INTO_CGROUP), and moving it once more would cost an RCU grace
           period. */
        if (find_below(c, c->init, preferred, sizeof preferred) && !preferred[0])
            return 0;
        preferred[0] = 0;
        if (c->verb == VERB_EXEC)
            (void)find_below(c, target_of(c), preferred, sizeof preferred);
    }
    return cgroup_enter(&c->cgroup, c->init, preferred, why);
}

int cgroups_unshare(struct container *c, struct error *why)
{
    (void)c;
    if (unshare(CLONE_NEWCGROUP) < 0)
        return fail(why, errno, "make a new cgroup namespace");
    return 0;
}

/* --- ownership --- */

static bool is_cgroup_folder(const char *destination)
{
    char path[PATH_MAX];

    if (strlen(destination) >= sizeof path)
        return false;
    path_simplify(destination, path);
    return strcmp(path, "sys/fs/cgroup") == 0;
}

/* The spec's conditions (config-linux.md, "Cgroup ownership"). */
bool cgroups_are_delegated(const struct container *c)
{
    if (c->cgroup.hierarchy != CGROUP_V2 || c->cgroup.manager == CGROUP_DISABLED ||
        !cgroups_namespace_is_new(c))
        return false;
    FOREACH (mount, c->spec->mounts) {
        bool is_writable = mount->type && text_starts(mount->type, "cgroup") &&
                           is_cgroup_folder(mount->destination);

        FOREACH (option, mount->options)
            is_writable &= strcmp(*option, "ro") != 0 && strcmp(*option, "rro") != 0;
        if (is_writable)
            return true;
    }
    return false;
}

/* Whom the container calls UID, in our user namespace. */
static int map_user(const struct container *c, uint32_t uid, uid_t *ret, struct error *why)
{
    char path[32], text[16384], *line, *state = NULL;
    unsigned inside, outside, count;

    (void)snprintf(path, sizeof path, "%d/uid_map", (int)c->init);
    if (proc_read(c->proc_fd, path, text, sizeof text) < 0)
        return fail(why, errno, "read the user mappings of process %d", (int)c->init);
    for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
        if (sscanf(line, "%u %u %u", &inside, &outside, &count) == 3 && uid >= inside &&
            uid - inside < count) {
            *ret = outside + (uid - inside);
            return 0;
        }
    (void)fail(why, 0, "user %u is not mapped: nobody can own the cgroup", uid);
    return fail_at(why, "process.user.uid");
}

/* A caller that is not root may not give files away, but the root of the container's user namespace
   may, to those of the namespace. */
static int delegate_from_inside(const struct container *c, uid_t uid)
{
    struct error unused;
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(setns(c->init_pidfd, CLONE_NEWUSER) < 0 ||
              cgroup_delegate(&c->cgroup, uid, &unused) < 0);
    while (pid > 0 && waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return pid > 0 && status == 0 ? 0 : -1;
}

int cgroups_delegate(struct container *c, struct error *why)
{
    uint32_t uid = c->process ? user_of(c->process)->uid : 0;
    uid_t owner = uid;

    if ((c->new_namespaces | c->joined_namespaces) & CLONE_NEWUSER &&
        map_user(c, uid, &owner, why) < 0)
        return -1;
    /* What we made is ours already. */
    if (owner == geteuid() && c->cgroup.is_ours)
        return 0;
    if (cgroup_delegate(&c->cgroup, owner, why) == 0)
        return 0;
    return why->number == EPERM && delegate_from_inside(c, uid) == 0 ? 0 : -1;
}

void cgroups_delegate_explain(const struct container *c, struct explain *to)
{
    explain(to, "%s and what is in " CGROUP_DELEGATE_LIST " become those of user %u",
            c->cgroup.path, c->process ? user_of(c->process)->uid : 0);
}

/* --- limits --- */

/* restore: criu works in the container's cgroup, and needs processes of its own there. Without a
   cgroup a limit is refused, and that before criu is at work. */
bool cgroups_limit_pids_is_late(const struct container *c)
{
    return resources_of(c) && resources_of(c)->pids && c->cgroup.manager != CGROUP_DISABLED;
}

int cgroups_limit(struct container *c, struct error *why)
{
    struct oci_resources others;
    const struct oci_resources *resources = resources_of(c);

    if (c->verb == VERB_RESTORE && cgroups_limit_pids_is_late(c)) {
        others = *resources;
        others.pids = NULL;
        resources = &others;
    }
    return cgroup_limit(&c->cgroup, resources, true, c->log, why);
}

int cgroups_limit_pids(struct container *c, struct error *why)
{
    const struct oci_resources pids = { .pids = resources_of(c)->pids };

    return cgroup_limit(&c->cgroup, &pids, false, c->log, why);
}

static void print_setting(void *context, const char *file, const char *value)
{
    explain(context, "%s = %s", file, value);
}

void cgroups_limits_explain(const struct container *c, struct explain *to)
{
    cgroup_explain(&c->cgroup, resources_of(c), print_setting, to);
}
