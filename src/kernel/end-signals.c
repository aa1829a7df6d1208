// SPDX-License-Identifier: Apache-2.0
/* SIGTERM, SIGINT and SIGHUP. */
#include "kernel/end-signals.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

int end_signals_open(sigset_t *ret_before, struct error *why)
{
    sigset_t set;
    int fd;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0 || sigprocmask(SIG_BLOCK, &set, ret_before) < 0)
        return fail(why, errno, "make a signalfd");
    return fd;
}

int end_signals_fail(int signals, struct error *why)
{
    struct signalfd_siginfo info = { 0 };

    (void)read(signals, &info, sizeof info);
    return fail(why, 0, "told to end by signal %u (%s)", info.ssi_signo,
                strsignal((int)info.ssi_signo));
}

int end_signals_wait(int fd, int signals, struct error *why)
{
    struct pollfd fds[] = { { .fd = fd, .events = POLLIN }, { .fd = signals, .events = POLLIN } };

    while (signals >= 0) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return fail(why, errno, "poll");
        if (fds[1].revents)
            return end_signals_fail(signals, why);
        if (fds[0].revents)
            return 0;
    }
    return 0;
}
