// SPDX-License-Identifier: Apache-2.0
/* Signals to all processes of a cgroup. */
#include "cgroup/members.h"
#include "base/clock.h"
#include "base/own.h"
#include "cgroup/driver.h"
#include "cgroup/folder.h"
#include "kernel/pidfd.h"

#include <errno.h>
#include <unistd.h>

/* CHUNK: fewer than the usual limit of open files. */
enum { HOLD_MS = 500, CHUNK = 256 };

bool members_have(const pid_t *pids, ssize_t n, pid_t pid)
{
    for (ssize_t i = 0; i < n; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

/* A pidfd pins whom a pid means now. ESRCH: it has ended. */
static int open_all(const pid_t *pids, size_t n, int pidfds[CHUNK], struct error *why)
{
    int result = 0;

    for (size_t i = 0; i < n; i++) {
        pidfds[i] = pids[i] == getpid() ? -1 : pidfd_open_now(pids[i]);
        if (pidfds[i] < 0 && pids[i] != getpid() && errno != ESRCH && result == 0)
            result = fail(why, errno, "open process %d", (int)pids[i]);
    }
    return result;
}

static int signal_chunk(const struct cgroup *cgroup, const pid_t *pids, size_t n, int signal,
                        struct error *why)
{
    int pidfds[CHUNK], result = open_all(pids, n, pidfds, why);
    autofree pid_t *now = NULL;
    struct error another;
    ssize_t n_now = cgroup_processes(cgroup, &now, result == 0 ? why : &another);

    if (n_now < 0)
        result = -1;
    for (size_t i = 0; i < n; i++) {
        /* Who is listed still, after the pidfd was opened, was no stranger then. */
        if (pidfds[i] >= 0 && members_have(now, n_now, pids[i]) &&
            pidfd_signal(pidfds[i], signal) < 0 && errno != ESRCH && result == 0)
            result = fail(why, errno, "send signal %d to process %d", signal, (int)pids[i]);
        close_fd(&pidfds[i]);
    }
    return result;
}

static int send_to(const struct cgroup *cgroup, const pid_t *pids, size_t n, int signal,
                   struct error *why)
{
    int result = 0;

    for (size_t i = 0; i < n; i += CHUNK) {
        struct error another;
        size_t length = n - i < CHUNK ? n - i : CHUNK;

        /* The others get it all the same. */
        if (signal_chunk(cgroup, pids + i, length, signal, result == 0 ? why : &another) < 0)
            result = -1;
    }
    return result;
}

int members_send(const struct cgroup *cgroup, int signal, struct error *why)
{
    autofree pid_t *pids = NULL;
    ssize_t n = cgroup_processes(cgroup, &pids, why);

    return n < 0 ? -1 : send_to(cgroup, pids, (size_t)n, signal, why);
}

int members_signal(const struct cgroup *cgroup, int signal, struct error *why)
{
    autofree pid_t *pids = NULL;
    ssize_t n = cgroup_processes(cgroup, &pids, why);
    bool is_held;
    int result;

    if (n <= 0)
        return (int)n;
    is_held = !members_have(pids, n, getpid()) && cgroup_is_frozen(cgroup) == 0 &&
              cgroupfs_freeze_until(cgroup, true, clock_ms() + HOLD_MS) == 0;
    result = members_send(cgroup, signal, why);
    /* ETIMEDOUT: asked for, and under way. */
    if (is_held && cgroupfs_freeze_until(cgroup, false, clock_ms() + HOLD_MS) < 0 &&
        errno != ETIMEDOUT && errno != ENOENT && result == 0)
        result = fail(why, errno, "thaw cgroup %s after signal %d", cgroup->path, signal);
    return result;
}
