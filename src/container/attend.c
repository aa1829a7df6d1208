// SPDX-License-Identifier: Apache-2.0
/* The foreground of run and exec: signals, the terminal, the exit status. */
#include "container/attend.h"
#include "base/io.h"
#include "kernel/fd.h"
#include "kernel/pidfd.h"
#include "kernel/tty.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { TERMINAL_DEADLINE_MS = 10000, SIGNALLED = 128, BYTES = 4096, DRAIN_MAX = 64 };

/* --- begin and end --- */

static int catch_signals(struct attendance *a, struct error *why)
{
    sigset_t all;

    (void)sigfillset(&all);
    if (sigprocmask(SIG_BLOCK, &all, &a->old_mask) < 0)
        return fail(why, errno, "block signals");
    a->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    return a->signals < 0 ? fail(why, errno, "make a signalfd") : 0;
}

int attend_begin(struct container *c, struct attendance *ret, struct error *why)
{
    int pair[2];

    *ret = (struct attendance){ .signals = -1, .console = -1, .master = -1 };
    if (catch_signals(ret, why) < 0)
        return -1;
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        return fail(why, errno, "adopt orphans");
    if (c->process == NULL || !c->process->terminal || c->options.console_socket)
        return 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return fail(why, errno, "make a socket pair");
    ret->console = pair[0];
    c->console_fd = pair[1];
    return 0;
}

int attend_terminal(const struct container *c, struct attendance *a, struct error *why)
{
    char name[64];

    (void)c;
    if (a->console < 0)
        return 0;
    if (fd_wait_readable(a->console, TERMINAL_DEADLINE_MS) <= 0 ||
        fd_receive(a->console, name, sizeof name, &a->master) <= 0 || a->master < 0)
        return fail(why, 0, "the container sent no terminal");
    close_fd(&a->console);
    /* A program that does not read what is typed must not keep us from what it writes. */
    if (fcntl(a->master, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
        return fail(why, errno, "make the terminal non-blocking");
    /* ENOTTY: our input is no terminal; then there is nothing to put in raw mode. */
    a->is_raw = tty_make_raw(STDIN_FILENO, &a->saved) == 0;
    if (a->is_raw)
        (void)tty_copy_size(STDIN_FILENO, a->master);
    return 0;
}

void attend_end(struct attendance *a)
{
    if (a->is_raw)
        (void)tty_restore(STDIN_FILENO, &a->saved);
    a->is_raw = false;
    close_fd(&a->signals);
    close_fd(&a->console);
    close_fd(&a->master);
    (void)sigprocmask(SIG_SETMASK, &a->old_mask, NULL);
}

/* --- while the program runs --- */

/* 0, or -1 when there will be no more. */
static int copy_bytes(int from, int to)
{
    char bytes[BYTES];
    ssize_t n = read(from, bytes, sizeof bytes);

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n <= 0)
        return -1;
    return io_write_all(to, bytes, (size_t)n);
}

/* Input on its way to the terminal: what did not fit yet. */
struct typed {
    size_t begin, end;
    char at[BYTES];
};

/* 0, or -1 when there will be no more. */
static int pass_input(struct typed *typed, int to)
{
    ssize_t n;

    if (typed->begin == typed->end) {
        n = read(STDIN_FILENO, typed->at, sizeof typed->at);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            return 0;
        if (n <= 0)
            return -1;
        typed->begin = 0;
        typed->end = (size_t)n;
    }
    n = write(to, typed->at + typed->begin, typed->end - typed->begin);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : -1;
    typed->begin += (size_t)n;
    return 0;
}

/* What the program wrote before it ended; a process that still holds the terminal does not keep us
 * here. */
static void drain_terminal(const struct attendance *a)
{
    for (int i = 0; i < DRAIN_MAX && a->master >= 0 && fd_wait_readable(a->master, 0) > 0; i++)
        if (copy_bytes(a->master, STDOUT_FILENO) < 0)
            return;
}

static void forward_signals(const struct container *c, const struct attendance *a)
{
    struct signalfd_siginfo info;

    while (read(a->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        int signal = (int)info.ssi_signo;

        if (signal == SIGWINCH && a->master >= 0)
            (void)tty_copy_size(STDIN_FILENO, a->master);
        else if (signal != SIGCHLD && signal != SIGPIPE && signal != SIGURG)
            (void)pidfd_signal(c->init_pidfd, signal);
    }
}

/* Orphans that we adopted, all but the program itself. */
static void reap_orphans(const struct container *c)
{
    siginfo_t info = { 0 };

    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0 &&
           info.si_pid != c->init)
        (void)waitpid(info.si_pid, NULL, WNOHANG);
}

static int exit_status(const struct container *c, struct error *why)
{
    int status;

    while (waitpid(c->init, &status, 0) < 0)
        if (errno != EINTR)
            return fail(why, errno, "wait for process %d", (int)c->init);
    return WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
}

int attend(const struct container *c, struct attendance *a, struct error *why)
{
    enum { END, SIGNALS, MASTER, INPUT, N };
    struct pollfd fds[N] = {
        [END] = { .fd = c->init_pidfd, .events = POLLIN },
        [SIGNALS] = { .fd = a->signals, .events = POLLIN },
        [MASTER] = { .fd = a->master, .events = POLLIN },
        [INPUT] = { .events = POLLIN },
    };
    struct typed typed = { 0 };
    bool takes_input = a->master >= 0;

    while (!fds[END].revents) {
        bool is_waiting = typed.begin < typed.end;

        fds[INPUT].fd = takes_input && !is_waiting ? STDIN_FILENO : -1;
        fds[MASTER].events = is_waiting ? POLLIN | POLLOUT : POLLIN;
        if (poll(fds, N, -1) < 0) {
            if (errno != EINTR)
                return fail(why, errno, "poll");
            continue;
        }
        if (fds[SIGNALS].revents) {
            forward_signals(c, a);
            reap_orphans(c);
        }
        if (fds[MASTER].revents & ~POLLOUT && copy_bytes(a->master, STDOUT_FILENO) < 0)
            fds[MASTER].fd = -1, takes_input = false;
        if ((fds[INPUT].revents || fds[MASTER].revents & POLLOUT) &&
            pass_input(&typed, a->master) < 0)
            takes_input = false, typed.begin = typed.end;
    }
    drain_terminal(a);
    return exit_status(c, why);
}
