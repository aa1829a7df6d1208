// SPDX-License-Identifier: Apache-2.0
// A process is found again by its pid and start time, while it lives and only then.
#include "../tap.h"
#include "base/own.h"
#include "kernel/pidfd.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *wait_for_ever(void *unused)
{
    while (pause() < 0)
        ;
    return unused;
}

static void end_main_thread(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, wait_for_ever, NULL) == 0)
        (void)syscall(SYS_exit, 0);
    _exit(1);
}

static void end(void)
{
    _exit(0);
}

static void live(void)
{
    (void)wait_for_ever(NULL);
}

/* A child that does this. */
static pid_t born(void (*doing)(void))
{
    pid_t pid = fork();

    if (pid == 0)
        doing();
    return pid;
}

/* Until /proc shows its main thread as a zombie. */
static void await_zombie(pid_t pid)
{
    char path[32], stat[64];

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    for (int i = 0; i < 1000; i++) {
        FILE *file = fopen(path, "r");
        bool is_zombie = file && fgets(stat, sizeof stat, file) && strstr(stat, ") Z") != NULL;

        if (file)
            (void)fclose(file);
        if (is_zombie)
            return;
        (void)usleep(10000);
    }
}

static bool is_found(pid_t pid, uint64_t start_time)
{
    autoclose int fd = pidfd_find(pid, start_time);

    return fd >= 0;
}

static void bury(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

int main(void)
{
    pid_t living = born(live), zombie = born(end), threads = born(end_main_thread);
    uint64_t start_time = pidfd_start_time(living);

    ok(is_found(living, start_time), "who_lives_is_found");
    ok(!is_found(living, start_time + 1) && errno == ESRCH,
       "another_start_time_is_another_process");
    await_zombie(zombie);
    ok(!is_found(zombie, pidfd_start_time(zombie)) && errno == ESRCH, "who_has_ended_is_not_found");
    await_zombie(threads);
    ok(is_found(threads, pidfd_start_time(threads)), "who_lives_on_in_another_thread_is_found");
    bury(living);
    bury(zombie);
    bury(threads);
    ok(!is_found(living, start_time) && errno == ESRCH, "who_is_buried_is_not_found");
    return done_testing();
}
