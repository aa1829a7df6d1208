// SPDX-License-Identifier: Apache-2.0
/* A process is a pidfd. */
#include "kernel/pidfd.h"
#include "base/own.h"
#include "kernel/fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

uint64_t pidfd_start_time(pid_t pid)
{
    char path[64], stat[1024];

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);

    autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, stat, sizeof stat - 1);

    if (n <= 0) {
        errno = n == 0 || errno == ENOENT ? ESRCH : errno;
        return 0;
    }
    stat[n] = 0;
    errno = ESRCH;

    /* The name in parentheses may hold anything: count fields from the last ')'. State is field 3,
     * start time 22. */
    const char *at = strrchr(stat, ')');

    if (at == NULL || strlen(at) < 3)
        return 0;
    at += 2;
    for (int field = 3; field < 22 && at; field++) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    return at ? strtoull(at, NULL, 10) : 0;
}

int pidfd_open_now(pid_t pid)
{
    /* Linux 5.3; close-on-exec always. */
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    /* The number is a thread's by now: EINVAL, ENOENT since 6.9. */
    if (fd < 0 && pid > 0 && (errno == EINVAL || errno == ENOENT))
        errno = ESRCH;
    return fd;
}

int pidfd_find(pid_t pid, uint64_t start_time)
{
    if (pid <= 0)
        return errno = ESRCH, -1;

    autoclose int fd = pidfd_open_now(pid);

    if (fd < 0)
        return -1;
    /* Read after opening: the pidfd pins whom the start time is compared with. That a zombie is at
       its end says the pidfd, not its state: other threads may go on behind a main thread's. */
    uint64_t now = pidfd_start_time(pid);
    bool has_ended = pidfd_wait_end(fd, 0) > 0;

    if (now != 0 && now == start_time && !has_ended)
        return take_fd(fd);
    if (now == 0 && errno != ESRCH && !has_ended)
        return -1;
    /* /proc can be mounted so that it hides those of others (hidepid). */
    errno = now == 0 && !has_ended ? EACCES : ESRCH;
    return -1;
}

int pidfd_signal(int pidfd, int signal)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int pidfd_wait_end(int pidfd, int timeout_ms)
{
    return fd_wait_readable(pidfd, timeout_ms);
}
