// SPDX-License-Identifier: Apache-2.0
/* Out of memory, as the kernel tells it. */
#include "cgroup/stats/oom.h"
#include "base/clock.h"
#include "base/own.h"
#include "cgroup/driver.h"
#include "cgroup/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

/* How long after a kill its notices go on, and how long before a kill the first one comes. */
enum { REPEATS_MS = 2000, AHEAD_MS = 100 };

/* The folder of the memory controller: -1 where there is none. */
static int open_memory(const struct cgroup *cgroup, bool *ret_is_v2)
{
    struct mounted room;
    const struct hierarchy *hierarchy;

    if (cgroup->path == NULL || cgroup->path[0] == 0)
        return -1;
    hierarchy = mounted_find_or_v2(mounted_of(cgroup, &room), CONTROLLER_MEMORY);
    if (hierarchy == NULL)
        return -1;
    *ret_is_v2 = hierarchy->is_v2;
    return cgroupfs_open(cgroup, hierarchy);
}

static bool read_kills(int folder, bool is_v2, uint64_t *ret)
{
    char text[512];
    const char *line = text;

    if (folder_read(folder, is_v2 ? "memory.events" : "memory.oom_control", text, sizeof text) < 0)
        return false;
    while (strncmp(line, "oom_kill ", strlen("oom_kill ")) != 0) {
        line += strcspn(line, "\n");
        if (*line++ == 0)
            return false;
    }
    *ret = strtoull(line + strlen("oom_kill "), NULL, 10);
    return true;
}

bool oom_kills(const struct cgroup *cgroup, uint64_t *ret)
{
    bool is_v2 = false;
    autoclose int folder = open_memory(cgroup, &is_v2);

    return folder >= 0 && read_kills(folder, is_v2, ret);
}

/* --- being told --- */

/* memory.events is there when the controller is enabled for the cgroup. */
static int watch_v2(struct oom_watch *watch)
{
    char path[64];
    autoclose int file = openat(watch->folder, "memory.events", O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (file < 0)
        return errno == ENOENT ? 0 : -1;
    watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (watch->fd < 0 || inotify_add_watch(watch->fd, path, IN_MODIFY) < 0)
        return -1;
    /* Read after the watch stands: what happens in between is told twice to us, never not. */
    (void)read_kills(watch->folder, true, &watch->told);
    return 0;
}

static int watch_v1(struct oom_watch *watch)
{
    char text[32];
    autoclose int control = openat(watch->folder, "memory.oom_control", O_RDONLY | O_CLOEXEC);

    if (control < 0)
        return errno == ENOENT ? 0 : -1;
    watch->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    (void)read_kills(watch->folder, false, &watch->told);
    (void)snprintf(text, sizeof text, "%d %d", watch->fd, control);
    return watch->fd < 0 ? -1 : folder_write(watch->folder, "cgroup.event_control", text);
}

int oom_watch_begin(const struct cgroup *cgroup, struct oom_watch *ret, struct error *why)
{
    *ret = (struct oom_watch){ .fd = -1 };
    ret->folder = open_memory(cgroup, &ret->is_v2);
    if (ret->folder < 0)
        return 0;
    if ((ret->is_v2 ? watch_v2(ret) : watch_v1(ret)) == 0)
        return 0;
    (void)fail(why, errno, "be told when cgroup %s runs out of memory", cgroup->path);
    oom_watch_end(ret);
    return fail_code(why, ERROR_CGROUP);
}

/* The notices only wake us up: the counter tells. */
static bool take_v2(struct oom_watch *watch)
{
    _Alignas(struct inotify_event) char events[1024];
    uint64_t told = watch->told;

    while (read(watch->fd, events, sizeof events) > 0)
        ;
    return read_kills(watch->folder, true, &watch->told) && watch->told > told;
}

/* Whether one more is killed than was told. */
static bool await_kill(const struct oom_watch *watch)
{
    uint64_t kills, deadline = clock_ms() + AHEAD_MS;
    unsigned step = 1;

    do
        if (read_kills(watch->folder, false, &kills) && kills > watch->told)
            return true;
    while (clock_pause(&step, &deadline));
    return false;
}

/* Notice is given before the kill, and again when somebody else, or the killed one on its way out,
   wants memory still: the counter tells what is new. It does not count the kills in cgroups below
   ours, so that what comes late is believed. */
static bool take_v1(struct oom_watch *watch)
{
    bool is_recent = watch->told_at && clock_ms() - watch->told_at < REPEATS_MS;
    uint64_t n, kills;

    if (read(watch->fd, &n, sizeof n) != sizeof n)
        return false;
    /* An eventfd counts. One more is due when the cgroup goes: that is no lack of memory. */
    if (!read_kills(watch->folder, false, &kills))
        return n > 1 && !is_recent;
    if (is_recent && !await_kill(watch))
        return false;
    watch->told = kills > watch->told ? kills : watch->told + 1;
    watch->told_at = clock_ms();
    return true;
}

bool oom_watch_take(struct oom_watch *watch)
{
    if (watch->fd < 0)
        return false;
    return watch->is_v2 ? take_v2(watch) : take_v1(watch);
}

void oom_watch_end(struct oom_watch *watch)
{
    close_fd(&watch->fd);
    close_fd(&watch->folder);
}
