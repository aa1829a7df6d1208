// SPDX-License-Identifier: Apache-2.0
/* A process of ours that is to become a program of the host. */
#include "kernel/host-program.h"

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* execve resets handlers by itself, but leaves ignored what is ignored. */
static void restore_signals(void)
{
    const struct sigaction standard = { .sa_handler = SIG_DFL };
    sigset_t none;

    for (int number = 1; number <= SIGRTMAX; number++)
        (void)sigaction(number, &standard, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

int host_program_settle(pid_t runner, const int stdio[3])
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return -1;
    if (getppid() != runner) {
        errno = ESRCH;
        return -1;
    }
    if (setsid() < 0)
        return -1;
    restore_signals();
    for (int fd = 0; fd < 3; fd++)
        if (dup2(stdio[fd], fd) < 0)
            return -1;
    return (int)syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
}
