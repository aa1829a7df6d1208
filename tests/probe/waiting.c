// SPDX-License-Identifier: Apache-2.0
// The probes that stay: until a time has passed, a signal has come, or they are killed.
#include "probe.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int probe_sleep(int argc, char **argv)
{
    struct timespec left = { .tv_sec = argc > 0 ? atol(argv[0]) : 1 };

    while (nanosleep(&left, &left) < 0)
        continue;
    return 0;
}

static const char *signal_name(int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {
        { SIGHUP, "HUP" },   { SIGINT, "INT" },   { SIGQUIT, "QUIT" }, { SIGUSR1, "USR1" },
        { SIGUSR2, "USR2" }, { SIGTERM, "TERM" }, { SIGCONT, "CONT" }, { SIGWINCH, "WINCH" },
        { SIGCHLD, "CHLD" }, { SIGALRM, "ALRM" }, { SIGPIPE, "PIPE" }, { SIGTSTP, "TSTP" },
    };
    static char other[16];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].number == number)
            return names[i].name;
    snprintf(other, sizeof(other), "%d", number);
    return other;
}

// Blocked signals reach the first process of a pid namespace too, where default actions would not;
// so this also serves as the container's init, and reaps what is left to it.
int probe_pause(int argc, char **argv)
{
    sigset_t all;
    int number;

    (void)argc;
    (void)argv;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    puts("ready");
    for (;;) {
        if (sigwait(&all, &number))
            continue;
        if (number == SIGCHLD) {
            while (waitpid(-1, NULL, WNOHANG) > 0)
                continue;
            continue;
        }
        printf("signal %s\n", signal_name(number));
        if (number == SIGTERM)
            return 0;
    }
}

int probe_ignore_term(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    signal(SIGTERM, SIG_IGN);
    puts("ready");
    for (;;)
        pause();
}

int probe_lock(int argc, char **argv)
{
    int fd = open(argc > 0 ? argv[0] : "", O_RDWR | O_CREAT, 0600);
    int status = answer(fd < 0 ? -1 : flock(fd, LOCK_EX | LOCK_NB));

    while (status == 0)
        pause();
    return status;
}

static int live_on(void *unused)
{
    (void)unused;
    for (;;)
        syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
}

int probe_end_first(int argc, char **argv)
{
    static _Alignas(16) char stack[16384];

    (void)argc;
    (void)argv;
    puts("ready");
    fflush(stdout);
    if (clone(live_on, stack + sizeof stack,
              CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
              NULL) < 0)
        return answer(-1);
    // This thread alone: exit_group would take the other, too.
    syscall(SYS_exit, 0);
    return 0;
}
