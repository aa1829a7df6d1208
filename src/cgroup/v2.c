// SPDX-License-Identifier: Apache-2.0
/* What only cgroup v2 has: controllers that each folder grants to those below, cgroup.freeze and
 * cgroup.kill. */
#include "base/clock.h"
#include "base/own.h"
#include "cgroup/driver.h"
#include "cgroup/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static uint32_t read_controllers(int fd, const char *file)
{
    char list[512];

    return folder_read(fd, file, list, sizeof list) < 0 ? 0 : mounted_controllers(list, ' ');
}

bool v2_has_processes(int fd)
{
    char text[32];

    return folder_read(fd, "cgroup.type", text, sizeof text) > 0 &&
           folder_read(fd, "cgroup.procs", text, sizeof text) > 0;
}

/* One at a time: a write that names a controller which cannot be granted grants none of the others.
 */
static void grant(int fd, uint32_t wanted)
{
    uint32_t missing = wanted & read_controllers(fd, "cgroup.controllers") &
                       ~read_controllers(fd, "cgroup.subtree_control");
    char word[32];

    /* The kernel lets a cgroup with processes hand on cpu and pids, and makes it the root of a
       threaded subtree by that: no process could enter those below it any more. */
    if (missing == 0 || v2_has_processes(fd))
        return;
    for (enum controller i = 0; i < CONTROLLERS; i++)
        if (missing & 1u << i) {
            (void)snprintf(word, sizeof word, "+%s", mounted_controller_name(i, true));
            (void)folder_write(fd, "cgroup.subtree_control", word);
        }
}

uint32_t v2_enable(const char *root, const char *path, uint32_t wanted)
{
    char whole[MOUNTED_PATH_MAX];
    uint32_t has;

    (void)snprintf(whole, sizeof whole, "%s%s", root, path);

    autoclose int leaf = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (leaf < 0)
        return 0;
    has = read_controllers(leaf, "cgroup.controllers");
    if ((has & wanted) == wanted)
        return has;

    autoclose int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    for (const char *rest = path + strspn(path, "/"); fd >= 0 && rest[0];) {
        char name[256];
        int length = (int)strcspn(rest, "/");

        grant(fd, wanted);
        (void)snprintf(name, sizeof name, "%.*s", length, rest);
        rest += length;
        rest += strspn(rest, "/");

        int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        close_fd(&fd);
        fd = next;
    }
    return read_controllers(leaf, "cgroup.controllers");
}

int v2_freeze(int fd, bool frozen, uint64_t deadline)
{
    unsigned step = 1;
    char events[256];

    if (folder_write(fd, "cgroup.freeze", frozen ? "1" : "0") < 0)
        return -1;
    for (;;) {
        if (folder_read(fd, "cgroup.events", events, sizeof events) < 0)
            return -1;
        if ((strstr(events, "frozen 1") != NULL) == frozen)
            return 0;
        if (!clock_pause(&step, &deadline))
            break;
    }
    if (frozen)
        (void)folder_write(fd, "cgroup.freeze", "0");
    errno = ETIMEDOUT;
    return -1;
}

int v2_is_frozen(int fd)
{
    char state[16];

    if (folder_read(fd, "cgroup.freeze", state, sizeof state) > 0)
        return state[0] == '1';
    return error_is_shortage(errno) ? -1 : 0;
}

bool v2_kill(int fd)
{
    return folder_write(fd, "cgroup.kill", "1") == 0;
}
