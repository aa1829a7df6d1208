// SPDX-License-Identifier: Apache-2.0
/* Which cgroup hierarchies the host has. The folder is read, never mountinfo, which grows with the
 * host's mounts. */
#include "cgroup/mounted.h"
#include "base/io.h"
#include "base/own.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

static const char *const names[CONTROLLERS] = {
    [CONTROLLER_CPU] = "cpu",
    [CONTROLLER_CPUACCT] = "cpuacct",
    [CONTROLLER_CPUSET] = "cpuset",
    [CONTROLLER_MEMORY] = "memory",
    [CONTROLLER_DEVICES] = "devices",
    [CONTROLLER_FREEZER] = "freezer",
    [CONTROLLER_BLKIO] = "blkio",
    [CONTROLLER_PIDS] = "pids",
    [CONTROLLER_NET_CLS] = "net_cls",
    [CONTROLLER_NET_PRIO] = "net_prio",
    [CONTROLLER_PERF_EVENT] = "perf_event",
    [CONTROLLER_HUGETLB] = "hugetlb",
    [CONTROLLER_RDMA] = "rdma",
    [CONTROLLER_MISC] = "misc",
    [CONTROLLER_SYSTEMD] = "systemd",
    [CONTROLLER_UNIFIED] = "unified",
};

const char *mounted_controller_name(enum controller controller, bool is_v2)
{
    return is_v2 && controller == CONTROLLER_BLKIO ? "io" : names[controller];
}

uint32_t mounted_controllers(const char *list, char separator)
{
    uint32_t bits = 0;

    for (;;) {
        size_t length = strcspn(list, (char[]){ separator, '\n', 0 });

        for (unsigned i = 0; i < CONTROLLERS; i++)
            if (strlen(names[i]) == length && strncmp(list, names[i], length) == 0)
                bits |= 1u << i;
        if (length == 2 && strncmp(list, "io", 2) == 0)
            bits |= 1u << CONTROLLER_BLKIO;
        if (list[length] != separator)
            return bits;
        list += length + 1;
    }
}

const struct hierarchy *mounted_find(const struct mounted *mounted, enum controller controller)
{
    for (size_t i = 0; i < mounted->n; i++)
        if (mounted->at[i].controllers & 1u << controller)
            return &mounted->at[i];
    return NULL;
}

const struct hierarchy *mounted_find_or_v2(const struct mounted *mounted,
                                           enum controller controller)
{
    const struct hierarchy *own = mounted_find(mounted, controller);

    return own ? own : mounted_find(mounted, CONTROLLER_UNIFIED);
}

bool mounted_path(char out[MOUNTED_PATH_MAX], const struct hierarchy *hierarchy, const char *path)
{
    int n = snprintf(out, MOUNTED_PATH_MAX, "%s%s%s%s", MOUNTED_AT, hierarchy->name[0] ? "/" : "",
                     hierarchy->name, path);

    return n > 0 && n < MOUNTED_PATH_MAX;
}

/* What cannot be seen is not taken for what is not there: a container would be left out of it. */
static void note_failure(struct mounted *ret)
{
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES && errno != EPERM)
        ret->number = errno;
}

/* A folder called "memory" may be just that, left behind by an umount: a mkdir there would make no
 * cgroup. */
static void add(struct mounted *ret, const char *name)
{
    struct hierarchy *next = &ret->at[ret->n];
    uint32_t controllers = mounted_controllers(name, ',');
    char path[MOUNTED_PATH_MAX];
    struct statfs fs;

    if (controllers == 0 || ret->n == CONTROLLERS || strlen(name) >= sizeof next->name)
        return;
    *next = (struct hierarchy){
        .controllers = controllers,
        .slot = (enum controller)__builtin_ctz(controllers),
        .is_v2 = controllers == 1u << CONTROLLER_UNIFIED,
    };
    memcpy(next->name, name, strlen(name) + 1);
    if (!mounted_path(path, next, ""))
        return;
    if (statfs(path, &fs) < 0) {
        note_failure(ret);
        return;
    }
    if (fs.f_type != (next->is_v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC))
        return;
    if (next->is_v2)
        ret->kind = CGROUP_HYBRID;
    else if (ret->kind == CGROUP_NONE)
        ret->kind = CGROUP_V1;
    ret->n++;
}

static void read_folder(struct mounted *ret)
{
    autoclose int fd = open(MOUNTED_AT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _Alignas(struct dirent64) char room[2048];
    ssize_t n = 0;

    if (fd < 0)
        note_failure(ret);
    while (fd >= 0 && (n = getdents64(fd, (void *)room, sizeof room)) > 0)
        for (ssize_t i = 0; i < n;) {
            const struct dirent64 *entry = (const void *)(room + i);

            /* cpu -> cpu,cpuacct: the links only repeat the folders */
            if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
                add(ret, entry->d_name);
            i += entry->d_reclen;
        }
    if (n < 0)
        note_failure(ret);
}

void mounted_look(struct mounted *ret)
{
    struct statfs fs;

    *ret = (struct mounted){ .is_known = true, .kind = CGROUP_NONE };
    if (statfs(MOUNTED_AT, &fs) < 0) {
        note_failure(ret);
        return;
    }
    if (fs.f_type != CGROUP2_SUPER_MAGIC) {
        read_folder(ret);
        return;
    }
    ret->kind = CGROUP_V2;
    ret->n = 1;
    ret->at[0] = (struct hierarchy){
        .controllers = 1u << CONTROLLER_UNIFIED,
        .slot = CONTROLLER_UNIFIED,
        .is_v2 = true,
    };
}

const struct mounted *mounted_of(const struct cgroup *cgroup, struct mounted *room)
{
    struct mounted *kept = cgroup->mounted ? cgroup->mounted : room;

    if (kept == room || !kept->is_known)
        mounted_look(kept);
    return kept;
}

/* LIST: of one line of /proc/self/cgroup; "" is v2, "name=systemd" has no controller. */
static bool lists(const char *list, enum controller controller)
{
    if (*list == 0)
        return controller == CONTROLLER_UNIFIED;
    if (text_starts(list, "name="))
        list += strlen("name=");
    return mounted_controllers(list, ',') & 1u << controller;
}

bool mounted_exists(enum controller controller)
{
    struct error unused;
    size_t length;
    autofree char *text = io_read_file(AT_FDCWD, "/proc/self/cgroup", 1 << 20, &length, &unused);
    char *state = NULL;

    if (text == NULL)
        return true; /* for all that we can see */
    for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
        char *list = strchr(line, ':'), *end = list ? strchr(list + 1, ':') : NULL;

        if (end == NULL)
            continue;
        *end = 0;
        if (lists(list + 1, controller))
            return true;
    }
    return false;
}

bool mounted_freezer_path(char out[MOUNTED_PATH_MAX], const struct cgroup *cgroup)
{
    struct mounted room;
    const struct mounted *mounted = mounted_of(cgroup, &room);
    const struct hierarchy *hierarchy = mounted_find(mounted, CONTROLLER_FREEZER);

    if (cgroup->manager == CGROUP_DISABLED)
        return false;
    if (hierarchy == NULL)
        hierarchy = mounted_find(mounted, CONTROLLER_UNIFIED);
    return hierarchy && mounted_path(out, hierarchy, cgroup->path);
}
