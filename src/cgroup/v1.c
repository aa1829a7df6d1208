// SPDX-License-Identifier: Apache-2.0
/* What only cgroup v1 has: cpusets that are born empty, and the freezer as a controller of its own.
 */
#include "base/clock.h"
#include "base/own.h"
#include "cgroup/driver.h"
#include "cgroup/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* Lists of thousands of cpus are long. */
struct cpuset {
    char cpus[4096], mems[4096];
};

static int take_over(int fd, const char *file, char *inherited, bool is_root)
{
    char own[sizeof((struct cpuset *)0)->cpus];

    if (folder_read(fd, file, own, sizeof own) < 0)
        return -1;
    if (own[0] || is_root) {
        memcpy(inherited, own, sizeof own);
        return 0;
    }
    return folder_write(fd, file, inherited);
}

int v1_seed_cpuset(const char *root, const char *path)
{
    struct cpuset inherited = { .cpus = "", .mems = "" };
    autoclose int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char name[256];

    for (const char *rest = path;;) {
        bool is_root = rest == path;

        if (fd < 0 || take_over(fd, "cpuset.cpus", inherited.cpus, is_root) < 0 ||
            take_over(fd, "cpuset.mems", inherited.mems, is_root) < 0)
            return -1;
        rest += strspn(rest, "/");
        if (rest[0] == 0)
            return 0;

        int length = (int)strcspn(rest, "/");

        (void)snprintf(name, sizeof name, "%.*s", length, rest);
        rest += length;

        int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        close_fd(&fd);
        fd = next;
    }
}

int v1_freeze(int fd, bool frozen, uint64_t deadline)
{
    const char *wanted = frozen ? "FROZEN" : "THAWED";
    unsigned step = 1;
    char state[16];

    for (;;) {
        /* FREEZING may stay until it is asked again: a process that forks meanwhile escapes the
         * first round. */
        if (folder_write(fd, "freezer.state", wanted) < 0 ||
            folder_read(fd, "freezer.state", state, sizeof state) < 0)
            return -1;
        if (strcmp(state, wanted) == 0)
            return 0;
        if (!clock_pause(&step, &deadline))
            break;
    }
    /* Frozen from above is not ours to thaw; half frozen is nobody's friend. */
    if (frozen)
        (void)folder_write(fd, "freezer.state", "THAWED");
    errno = ETIMEDOUT;
    return -1;
}

int v1_is_frozen(int fd)
{
    char state[16];

    if (folder_read(fd, "freezer.state", state, sizeof state) > 0)
        return strcmp(state, "THAWED") != 0;
    return error_is_shortage(errno) ? -1 : 0;
}
