// SPDX-License-Identifier: Apache-2.0
// The probes that attack: what a hostile process would try against the runtime that comes in.
#include "probe.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// A handle of the executable of process PID where it is neither of the two that all of ours run.
static int grab(const char *pid, const struct stat *known, int n)
{
    char path[272]; // a name of a directory has 255 bytes at most
    struct stat st;
    int fd;

    snprintf(path, sizeof(path), "/proc/%s/exe", pid);
    fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return -1;
    for (int i = 0; i < n; i++)
        if (st.st_ino == known[i].st_ino && st.st_dev == known[i].st_dev)
            return close(fd), -1;
    return fd;
}

static int grab_any(const struct stat *known, int n)
{
    DIR *dir = opendir("/proc");
    int fd = -1;

    for (struct dirent *entry; fd < 0 && dir && (entry = readdir(dir));)
        if (isdigit((unsigned char)entry->d_name[0]))
            fd = grab(entry->d_name, known, n);
    closedir(dir);
    return fd;
}

// Busy as long as somebody runs it: then the attacker waits.
static int reopen(int fd)
{
    const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
    char path[64];
    int again;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    for (int tries = 300; tries > 0; tries--) {
        again = open(path, O_WRONLY | O_CLOEXEC);
        if (again >= 0 || errno != ETXTBSY)
            return again;
        nanosleep(&pause, NULL);
    }
    return -1;
}

int probe_grab_exe(int argc, char **argv)
{
    time_t end = time(NULL) + (argc > 0 ? atol(argv[0]) : 5);
    struct stat known[2] = { 0 };
    int fd = -1;

    if (stat("/proc/self/exe", &known[0]) < 0 || stat("/bin/busybox", &known[1]) < 0)
        return answer(-1);
    puts("ready");
    fflush(stdout);
    while (fd < 0 && time(NULL) < end)
        fd = grab_any(known, 2);
    if (fd < 0)
        return puts("nothing"), 1;
    return answer(reopen(fd));
}
