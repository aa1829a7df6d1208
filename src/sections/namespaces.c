// SPDX-License-Identifier: Apache-2.0
/* linux.namespaces and linux.timeOffsets: which are made, which are joined, and in what order. */
#include "sections/namespaces.h"
#include "base/io.h"
#include "kernel/proc.h"
#include "sections/namespaces-wanted.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

enum { NAMESPACE_TYPES = 8, NANOSECONDS_MAX = 999999999 };

static const struct namespace_type {
    uint64_t flag;
    const char *file; /* in /proc/PID/ns */
} types[NAMESPACE_TYPES] = {
    [OCI_NAMESPACE_TYPE_PID] = { CLONE_NEWPID, "pid" },
    [OCI_NAMESPACE_TYPE_NETWORK] = { CLONE_NEWNET, "net" },
    [OCI_NAMESPACE_TYPE_MOUNT] = { CLONE_NEWNS, "mnt" },
    [OCI_NAMESPACE_TYPE_IPC] = { CLONE_NEWIPC, "ipc" },
    [OCI_NAMESPACE_TYPE_UTS] = { CLONE_NEWUTS, "uts" },
    [OCI_NAMESPACE_TYPE_USER] = { CLONE_NEWUSER, "user" },
    [OCI_NAMESPACE_TYPE_CGROUP] = { CLONE_NEWCGROUP, "cgroup" },
    [OCI_NAMESPACE_TYPE_TIME] = { CLONE_NEWTIME, "time" },
};

static void check_time_offsets(const struct oci_linux *linux_, bool has_new_time,
                               struct problems *all)
{
    if (linux_->time_offsets.n > 0 && !has_new_time)
        refuse(all, "linux.timeOffsets", "needs a time namespace of its own (type time, no path)");
    for (size_t i = 0; i < linux_->time_offsets.n; i++) {
        const char *clock = linux_->time_offsets.key[i];
        const struct oci_time_offset *offset = &linux_->time_offsets.at[i];

        if (strcmp(clock, "monotonic") != 0 && strcmp(clock, "boottime") != 0)
            refuse(all, at("linux.timeOffsets[\"%s\"]", clock),
                   "no such clock; monotonic or boottime");
        if (offset->nanosecs > NANOSECONDS_MAX)
            refuse(all, at("linux.timeOffsets[\"%s\"].nanosecs", clock), "%u is not below a second",
                   offset->nanosecs);
    }
}

void namespaces_check(const struct oci_config *spec, struct problems *all)
{
    uint64_t seen = 0;
    bool has_new_time = false;

    if (spec->linux == NULL)
        return;
    for (size_t i = 0; i < spec->linux->namespaces.n; i++) {
        const struct oci_namespace *ns = &spec->linux->namespaces.at[i];

        if (seen & types[ns->type].flag)
            refuse(all, at("linux.namespaces[%zu].type", i), "%s is given twice",
                   oci_namespace_type_names[ns->type]);
        seen |= types[ns->type].flag;
        if (namespace_is_joined(ns) && ns->path[0] != '/')
            refuse(all, at("linux.namespaces[%zu].path", i), "\"%s\" is not an absolute path",
                   ns->path);
        has_new_time |= ns->type == OCI_NAMESPACE_TYPE_TIME && !namespace_is_joined(ns);
    }
    check_time_offsets(spec->linux, has_new_time, all);
}

void namespaces_choose(struct container *c)
{
    if (c->spec->linux == NULL)
        return;
    FOREACH (ns, c->spec->linux->namespaces) {
        /* exec joins all that the container has, new or joined at create. */
        if (namespace_is_joined(ns) || c->verb == VERB_EXEC)
            c->joined_namespaces |= types[ns->type].flag;
        else
            c->new_namespaces |= types[ns->type].flag;
    }
}

static int open_by_path(const struct oci_namespace *ns, struct error *why)
{
    autoclose int fd = open(ns->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0)
        return fail(why, errno, "open the namespace %s", ns->path);

    /* NS_GET_NSTYPE: Linux 4.11. A file that is not a namespace answers ENOTTY. */
    int type = ioctl(fd, NS_GET_NSTYPE);

    if (type < 0)
        return fail(why, 0, "%s is not a namespace", ns->path);
    if ((uint64_t)type != types[ns->type].flag) {
        (void)fail(why, 0, "%s is not a namespace of type %s", ns->path,
                   oci_namespace_type_names[ns->type]);
        return fail_code(why, ERROR_SPEC);
    }
    return take_fd(fd);
}

int namespaces_open(struct container *c, struct error *why)
{
    if (c->verb == VERB_EXEC || c->spec->linux == NULL)
        return 0;
    for (size_t i = 0; i < c->spec->linux->namespaces.n; i++) {
        const struct oci_namespace *ns = &c->spec->linux->namespaces.at[i];

        if (!namespace_is_joined(ns))
            continue;
        c->namespace_fds[ns->type] = open_by_path(ns, why);
        if (c->namespace_fds[ns->type] < 0)
            return fail_at(why, "linux.namespaces[%zu].path", i);
    }
    return 0;
}

static int join(const struct container *c, enum oci_namespace_type type, struct error *why)
{
    if (c->namespace_fds[type] < 0 || setns(c->namespace_fds[type], (int)types[type].flag) == 0)
        return 0;
    return fail(why, errno, "join the %s namespace", oci_namespace_type_names[type]);
}

/* Those that need the caller's own rights come before the user namespace, which takes them away;
   those that the user namespace owns can be joined only after it. So each is tried before, and
   again after where that was refused. The pid namespace comes last: from then on its processes
   could reach our children. */
int namespaces_join(const struct container *c, struct error *why)
{
    bool is_refused[NAMESPACE_TYPES] = { false };

    for (int type = 0; type < NAMESPACE_TYPES; type++) {
        if (type == OCI_NAMESPACE_TYPE_USER || type == OCI_NAMESPACE_TYPE_PID)
            continue;
        if (join(c, (enum oci_namespace_type)type, why) == 0)
            continue;
        if (why->number != EPERM || c->namespace_fds[OCI_NAMESPACE_TYPE_USER] < 0)
            return -1;
        is_refused[type] = true;
    }
    if (join(c, OCI_NAMESPACE_TYPE_USER, why) < 0)
        return -1;
    for (int type = 0; type < NAMESPACE_TYPES; type++)
        if (is_refused[type] && join(c, (enum oci_namespace_type)type, why) < 0)
            return -1;
    return join(c, OCI_NAMESPACE_TYPE_PID, why);
}

/* Those that c->joined_namespaces names, of the thread TID of INIT. */
static int open_of_thread(struct container *c, const char *tid)
{
    char path[64];

    for (int type = 0; type < NAMESPACE_TYPES; type++) {
        if (!(c->joined_namespaces & types[type].flag))
            continue;
        (void)snprintf(path, sizeof path, "%d/task/%.16s/ns/%s", (int)c->init, tid,
                       types[type].file);
        /* A magic link, followed on purpose. */
        c->namespace_fds[type] = openat(c->proc_fd, path, O_RDONLY | O_CLOEXEC);
        if (c->namespace_fds[type] < 0)
            return -1;
    }
    return 0;
}

static void close_all(struct container *c)
{
    for (int type = 0; type < NAMESPACE_TYPES; type++)
        close_fd(&c->namespace_fds[type]);
}

int namespaces_join_threads(struct container *c, struct error *why)
{
    char path[32];
    const struct dirent *entry;
    bool is_open = false;
    DIR *threads;

    (void)snprintf(path, sizeof path, "%d/task", (int)c->init);

    autoclose int fd = openat(c->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    threads = fd < 0 ? NULL : fdopendir(fd);
    if (threads == NULL)
        return fail(why, errno, "list the threads of process %d", (int)c->init);
    (void)take_fd(fd);
    while (!is_open && (entry = readdir(threads))) {
        /* The first one, which has ended, has none any more. */
        is_open = entry->d_name[0] != '.' && open_of_thread(c, entry->d_name) == 0;
        if (!is_open)
            close_all(c);
    }
    (void)closedir(threads);
    return is_open ? namespaces_join(c, why)
                   : fail(why, ESRCH, "find a thread of process %d", (int)c->init);
}

/* --- who was made by others --- */

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int namespaces_is_ours(const struct container *c, enum oci_namespace_type type, struct error *why)
{
    int joined = c->namespace_fds[type];
    char path[32];
    struct stat its, ours;

    if (joined < 0)
        return 0;
    (void)snprintf(path, sizeof path, "self/ns/%s", types[type].file);
    if (fstat(joined, &its) < 0 || fstatat(c->proc_fd, path, &ours, 0) < 0)
        return fail(why, errno, "compare the %s namespace with ours",
                    oci_namespace_type_names[type]);
    return is_same(&its, &ours);
}

static int verify_one(const struct container *c, const struct oci_namespace *ns, pid_t pid,
                      struct error *why)
{
    const char *name = oci_namespace_type_names[ns->type];
    bool is_joined = namespace_is_joined(ns);
    char its_path[32], our_path[32];
    struct stat its, other;

    (void)snprintf(its_path, sizeof its_path, "%d/ns/%s", (int)pid, types[ns->type].file);
    (void)snprintf(our_path, sizeof our_path, "self/ns/%s", types[ns->type].file);
    if (fstatat(c->proc_fd, its_path, &its, 0) < 0 ||
        (is_joined ? fstat(c->namespace_fds[ns->type], &other)
                   : fstatat(c->proc_fd, our_path, &other, 0)) < 0)
        return fail(why, errno, "look at the %s namespace of process %d", name, (int)pid);
    if (is_same(&its, &other) == is_joined)
        return 0;
    /* It is part of the cgroups that criu was told to leave alone; what it hides is names. */
    if (ns->type == OCI_NAMESPACE_TYPE_CGROUP) {
        container_warn(c,
                       "the restored processes have no cgroup namespace of their own: criu makes "
                       "none with --manage-cgroups-mode ignore");
        return 0;
    }
    (void)fail(why, 0, "the restored processes are %s", is_joined ? "in another one" : "in ours");
    return fail_hint(why, "the images are of a container with another %s namespace", name);
}

int namespaces_verify(const struct container *c, pid_t pid, struct error *why)
{
    for (size_t i = 0; c->spec->linux && i < c->spec->linux->namespaces.n; i++)
        if (verify_one(c, &c->spec->linux->namespaces.at[i], pid, why) < 0)
            return fail_at(why, "linux.namespaces[%zu]", i);
    return 0;
}

/* --- the time namespace --- */

/* Whoever joins a user namespace has all rights in it, and makes the time namespace before INIT is
   born. */
bool namespaces_time_is_new(const struct container *c)
{
    return container_has_new(c, CLONE_NEWTIME) && !(c->joined_namespaces & CLONE_NEWUSER);
}

bool namespaces_time_is_moved(const struct container *c)
{
    return namespaces_time_is_new(c) && c->spec->linux->time_offsets.n > 0;
}

int namespaces_open_clocks(struct container *c, struct error *why)
{
    if (c->spec->linux->time_offsets.n == 0)
        return 0;
    c->clocks_fd = proc_open_file(c->proc_fd, "self/timens_offsets", O_WRONLY);
    return c->clocks_fd < 0 ? fail(why, errno, "open /proc/self/timens_offsets") : 0;
}

static int write_time_offsets(const struct container *c, struct error *why)
{
    for (size_t i = 0; i < c->spec->linux->time_offsets.n; i++) {
        const struct oci_time_offset *offset = &c->spec->linux->time_offsets.at[i];
        const char *clock = c->spec->linux->time_offsets.key[i];
        char line[96];

        (void)snprintf(line, sizeof line, "%s %lld %u", clock, (long long)offset->secs,
                       offset->nanosecs);
        if (io_write_all(c->clocks_fd, line, strlen(line)) == 0)
            continue;
        (void)fail(why, errno, "move the clock %s by %lld s", clock, (long long)offset->secs);
        return fail_at(why, "linux.timeOffsets[\"%s\"]", clock);
    }
    return 0;
}

/* A time namespace takes its offsets before the first process is in; we enter it ourselves
 * afterwards (Linux 5.6). */
int namespaces_enter_time(struct container *c, struct error *why)
{
    if (unshare(CLONE_NEWTIME) < 0)
        return fail(why, errno, "make a time namespace");
    if (write_time_offsets(c, why) < 0)
        return -1;
    close_fd(&c->clocks_fd);

    /* Not proc_open_file: ns files are magic links. This one is ours, below the verified procfs. */
    autoclose int fd = openat(c->proc_fd, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC);

    if (fd < 0 || setns(fd, CLONE_NEWTIME) < 0)
        return fail(why, errno, "enter the time namespace");
    return 0;
}

void namespaces_explain(const struct container *c, struct explain *to)
{
    if (c->spec->linux == NULL)
        return;
    FOREACH (ns, c->spec->linux->namespaces)
        explain(to, "%s: %s", oci_namespace_type_names[ns->type],
                namespace_is_joined(ns) ? ns->path : "new");
}
