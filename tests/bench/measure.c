// SPDX-License-Identifier: Apache-2.0
// Runs a command and prints "nanoseconds peak-RSS-in-KiB exit-status": small itself, because a
// child inherits the peak of the address space it was spawned from, and Python's would hide a
// runtime's.
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv)
{
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    long long before, after;
    int status, error;
    pid_t child;

    if (argc < 2)
        return 2;
    // Standard error stays: what a failing runtime says is worth seeing.
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    before = now();
    error = posix_spawnp(&child, argv[1], &actions, NULL, argv + 1, environ);
    if (error) {
        fprintf(stderr, "measure: %s: %s\n", argv[1], strerror(error));
        return 2;
    }
    // Not waitid or getrusage: the usage of this child and of those it waited for, and of no other.
    if (wait4(child, &status, 0, &usage) < 0)
        return 2;
    after = now();
    printf("%lld %ld %d\n", after - before, usage.ru_maxrss,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
