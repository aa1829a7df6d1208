// SPDX-License-Identifier: Apache-2.0
/* Which cgroup hierarchies the host has. The folder is read, never mountinfo, which grows with the
 * host's mounts. */
#include "cgroup/mounted.h"
#include "base/own.h"

#include <dirent.h>
#include <fcntl.h>
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

bool mounted_path(char out[MOUNTED_PATH_MAX], const struct hierarchy *hierarchy, const char *path)
{
    int n = snprintf(out, MOUNTED_PATH_MAX, "%s%s%s%s", MOUNTED_AT, hierarchy->name[0] ? "/" : "",
                     hierarchy->name, path);

    return n > 0 && n < MOUNTED_PATH_MAX;
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
    if (!mounted_path(path, next, "") || statfs(path, &fs) < 0)
        return;
    if (fs.f_type != (next->is_v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC))
        return;
    if (next->is_v2)
        ret->kind = CGROUP_HYBRID;
    else if (ret->kind == CGROUP_NONE)
        ret->kind = CGROUP_V1;
    ret->n++;
}

/* Calls EACH for every entry of MOUNTED_AT until it returns false. */
static void read_folder(bool (*each)(void *context, const struct dirent64 *entry), void *context)
{
    autoclose int fd = open(MOUNTED_AT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _Alignas(struct dirent64) char room[2048];
    ssize_t n;

    while (fd >= 0 && (n = getdents64(fd, room, sizeof room)) > 0)
        for (ssize_t i = 0; i < n;) {
            const struct dirent64 *entry = (const void *)(room + i);

            if (!each(context, entry))
                return;
            i += entry->d_reclen;
        }
}

static bool add_entry(void *context, const struct dirent64 *entry)
{
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
        add(context, entry->d_name);
    return true;
}

void mounted_look(struct mounted *ret)
{
    struct statfs fs;

    *ret = (struct mounted){ .kind = CGROUP_NONE };
    if (statfs(MOUNTED_AT, &fs) < 0)
        return;
    if (fs.f_type != CGROUP2_SUPER_MAGIC) {
        read_folder(add_entry, ret);
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

struct link_search {
    struct cgroup_v1_mount *out;
    size_t n, room;
};

static bool add_link(void *context, const struct dirent64 *entry)
{
    struct link_search *search = context;
    char path[sizeof MOUNTED_AT + 256];
    ssize_t n;

    if (entry->d_type != DT_LNK || strlen(entry->d_name) >= sizeof search->out->name)
        return true;
    if (search->n == search->room)
        return false;

    struct cgroup_v1_mount *next = &search->out[search->n];

    *next = (struct cgroup_v1_mount){ 0 };
    (void)snprintf(path, sizeof path, "%s/%s", MOUNTED_AT, entry->d_name);
    n = readlink(path, next->link, sizeof next->link - 1);
    memcpy(next->name, entry->d_name, strlen(entry->d_name));
    /* Only a sibling's plain name can mean the same inside the container. */
    if (n > 0 && strchr(next->link, '/') == NULL)
        search->n++;
    return true;
}

size_t cgroup_v1_mounts(struct cgroup_v1_mount out[], size_t room)
{
    struct mounted mounted;
    struct link_search search = { out, 0, room };

    mounted_look(&mounted);
    if (mounted.kind == CGROUP_V2 || mounted.kind == CGROUP_NONE)
        return 0;
    for (size_t i = 0; i < mounted.n && search.n < room; i++) {
        struct cgroup_v1_mount *next = &out[search.n++];

        *next = (struct cgroup_v1_mount){ .is_v2 = mounted.at[i].is_v2 };
        memcpy(next->name, mounted.at[i].name, sizeof next->name);
    }
    read_folder(add_link, &search);
    return search.n;
}
