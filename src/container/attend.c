// SPDX-License-Identifier: Apache-2.0
/* The foreground of run and exec: signals, the terminal, the exit status. */
#include "container/attend.h"
#include "base/trace.h"
#include "kernel/fd.h"
#include "kernel/pidfd.h"
#include "kernel/tty.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
    TERMINAL_DEADLINE_MS = 10000,
    SIGNALLED = 128,
    BYTES = 4096,
    DRAIN_MAX = 64,
    LOOK_MS = 200,
    END_PAUSE_MS = 50,
    END_PAUSE_MAX_MS = 3200
};
enum { INTERRUPTS = 3, INTERRUPTS_US = 2000000 };

/* --- begin and end --- */

static int catch_signals(struct attendance *a, struct error *why)
{
    sigset_t all;

    (void)sigfillset(&all);
    if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
        return fail(why, errno, "block signals");
    a->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    return a->signals < 0 ? fail(why, errno, "make a signalfd") : 0;
}

int attend_begin(struct container *c, struct attendance *ret, struct error *why)
{
    int pair[2];

    *ret = (struct attendance){ .signals = -1, .console = -1, .master = -1, .output = -1 };
    if (catch_signals(ret, why) < 0)
        return -1;
    if (!c->options.no_subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        return fail(why, errno, "adopt orphans");
    if (c->process == NULL || !c->process->terminal || c->options.console_socket)
        return 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return fail(why, errno, "make a socket pair");
    ret->console = pair[0];
    c->console_fd = pair[1];
    return 0;
}

/* A shell's fg does not tell a job that was not stopped; and SIGTTOU, by which the kernel would
 * stop who changes the terminal from behind, is blocked, as all signals are. */
static void take_terminal(struct attendance *a)
{
    struct termios now;

    a->is_behind = tty_is_of_others(STDIN_FILENO);
    /* ENOTTY: our input is no terminal; then there is nothing to put in raw mode. */
    if (a->is_behind || tty_make_raw(STDIN_FILENO, &now) < 0)
        return;
    /* Who was stopped and goes on gives back what there was at first. */
    if (!a->is_raw)
        a->saved = now;
    a->is_raw = true;
    (void)tty_copy_size(STDIN_FILENO, a->master);
}

/* A reader that takes its time must not keep us from the program. Whether stdout blocks is decided
   for all who have it, but a pipe or a terminal that is opened anew is ours alone. */
static int open_output(struct attendance *a, struct error *why)
{
    struct stat st;
    bool is_known = fstat(STDOUT_FILENO, &st) == 0;

    a->output_is_socket = is_known && S_ISSOCK(st.st_mode);
    a->output_blocks = isatty(STDOUT_FILENO) || (is_known && S_ISFIFO(st.st_mode));
    if (a->output_blocks)
        a->output = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (a->output >= 0)
        a->output_blocks = false;
    else
        a->output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    return a->output >= 0 ? 0 : fail(why, errno, "reach the standard output");
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
    if (open_output(a, why) < 0)
        return -1;
    take_terminal(a);
    return 0;
}

void attend_end(struct attendance *a)
{
    if (a->is_raw && !tty_is_of_others(STDIN_FILENO))
        (void)tty_restore(STDIN_FILENO, &a->saved);
    a->is_raw = false;
    close_fd(&a->signals);
    close_fd(&a->console);
    close_fd(&a->master);
    close_fd(&a->output);
}

/* --- while the program runs --- */

/* Bytes on their way that did not fit yet. */
struct parcel {
    size_t begin, end;
    char at[BYTES];
};

static bool is_waiting(const struct parcel *parcel)
{
    return parcel->begin < parcel->end;
}

/* What there is room for: as long as the reader likes, as when it blocks: a pager, say, whose pages
 * nobody turns. 0, or -1 when nobody will ever read: the program would wait for that for ever, and
 * is hung up on instead, as by any terminal that goes. */
static int pass_output(struct attendance *a, struct parcel *shown)
{
    const char *at = shown->at + shown->begin;
    size_t length = shown->end - shown->begin;
    ssize_t n = a->output_is_socket ? send(a->output, at, length, MSG_DONTWAIT | MSG_NOSIGNAL)
                                    : write(a->output, at, length);

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n < 0)
        return close_fd(&a->master), -1;
    shown->begin += (size_t)n;
    return 0;
}

/* Fill SHOWN, which is empty; 0, or -1 when there will be no more. */
static int take_output(struct attendance *a, struct parcel *shown)
{
    ssize_t n = read(a->master, shown->at, sizeof shown->at);

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n <= 0)
        return -1;
    shown->begin = 0;
    shown->end = (size_t)n;
    /* Else poll tells when there is room for so much (PIPE_BUF of a pipe). */
    return a->output_blocks ? 0 : pass_output(a, shown);
}

/* A terminal has no end: what stands for it is typed, twice behind a line that has not ended. */
static void type_end(const struct attendance *a, struct parcel *typed)
{
    bool is_in_line = typed->end > 0 && typed->at[typed->end - 1] != '\n';
    struct termios now;
    char end = tcgetattr(a->master, &now) == 0 ? (char)now.c_cc[VEOF] : '\4';

    typed->at[0] = typed->at[1] = end;
    typed->begin = 0;
    typed->end = is_in_line ? 2 : 1;
}

/* 0, or -1 when there will be no more. */
static int pass_input(struct attendance *a, struct parcel *typed)
{
    ssize_t n;

    if (!is_waiting(typed) && a->end_pause_ms)
        return -1;
    if (!is_waiting(typed)) {
        n = read(STDIN_FILENO, typed->at, sizeof typed->at);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            return 0;
        /* EIO, with SIGTTIN blocked: the others were put in front of us meanwhile. */
        a->is_behind = n < 0 && errno == EIO && tty_is_of_others(STDIN_FILENO);
        if (n < 0)
            return a->is_behind ? 0 : -1;
        if (n == 0) {
            a->end_pause_ms = END_PAUSE_MS;
            type_end(a, typed);
        } else {
            typed->begin = 0;
            typed->end = (size_t)n;
        }
    }
    n = write(a->master, typed->at + typed->begin, typed->end - typed->begin);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : -1;
    typed->begin += (size_t)n;
    return 0;
}

/* Whether SIGNAL is for us alone. */
static bool heed_signal(struct attendance *a, int signal)
{
    /* Of our terminal: for a program without one it means what its author likes (Apache ends). */
    if (signal == SIGWINCH) {
        if (a->master >= 0)
            (void)tty_copy_size(STDIN_FILENO, a->master);
        return true;
    }
    /* While we were stopped, others may have changed the terminal. */
    if (signal == SIGCONT && a->master >= 0)
        take_terminal(a);
    return signal == SIGCHLD || signal == SIGPIPE || signal == SIGURG;
}

/* When ^C was typed, the last one first. */
struct interrupts {
    unsigned n;
    uint64_t at[INTERRUPTS];
};

/* PID 1 of a pid namespace is deaf to signals that it does not handle, and who is at the terminal
   has no other way to end it. Those that processes send are never counted: a supervisor decides
   itself when to kill. */
static int count_interrupt(const struct container *c, struct interrupts *seen)
{
    uint64_t now = trace_now();

    memmove(&seen->at[1], &seen->at[0], sizeof seen->at - sizeof seen->at[0]);
    seen->at[0] = now;
    seen->n++;
    if (seen->n >= INTERRUPTS && now - seen->at[INTERRUPTS - 1] <= INTERRUPTS_US) {
        log_warning(c->log, "^C typed three times: the program is killed");
        return SIGKILL;
    }
    if (seen->n >= INTERRUPTS - 1 && now - seen->at[INTERRUPTS - 2] <= INTERRUPTS_US)
        log_warning(c->log, "the program does not end; another ^C within 2 seconds kills it");
    return SIGINT;
}

static void forward_signals(const struct container *c, struct attendance *a,
                            struct interrupts *seen)
{
    struct signalfd_siginfo info;

    while (read(a->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        int signal = (int)info.ssi_signo;

        if (signal == SIGINT && info.ssi_code == SI_KERNEL)
            signal = count_interrupt(c, seen);
        if (!heed_signal(a, signal))
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

/* With nobody left to be told, those that end a program end our waiting. */
static bool is_told_to_end(const struct attendance *a)
{
    struct signalfd_siginfo info;
    bool is_told = false;

    while (read(a->signals, &info, sizeof info) == (ssize_t)sizeof info)
        is_told |= info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT ||
                   info.ssi_signo == SIGHUP || info.ssi_signo == SIGQUIT;
    return is_told;
}

/* What the program wrote before it ended; a process that still holds the terminal does not keep us
 * here. */
static void drain_terminal(struct attendance *a, struct parcel *shown)
{
    struct pollfd fds[] = { { .fd = a->output, .events = POLLOUT },
                            { .fd = a->signals, .events = POLLIN } };

    for (int i = 0; i < DRAIN_MAX;) {
        if (!is_waiting(shown)) {
            i++;
            if (a->master < 0 || fd_wait_readable(a->master, 0) <= 0 || take_output(a, shown) < 0)
                return;
            continue;
        }
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return;
        if (fds[0].revents ? pass_output(a, shown) < 0 : fds[1].revents && is_told_to_end(a))
            return;
    }
}

enum { END, SIGNALS, MASTER, OUTPUT, INPUT, NOTIFY, N };

struct relay {
    struct pollfd fds[N];
    struct parcel typed, shown;
    struct interrupts interrupts;
    bool takes_input, gives_output;
};

/* What is worth waking up for. */
static void choose(struct relay *r, const struct attendance *a, const struct readiness *readiness)
{
    bool has_typed = is_waiting(&r->typed), has_shown = is_waiting(&r->shown);
    short events = (short)((has_typed ? POLLOUT : 0) | (has_shown ? 0 : POLLIN));

    /* One that hung up says so without being asked. */
    r->fds[MASTER].fd = r->gives_output && events ? a->master : -1;
    r->fds[MASTER].events = events;
    r->fds[OUTPUT].fd = has_shown ? a->output : -1;
    r->fds[INPUT].fd = r->takes_input && !has_typed && !a->is_behind ? STDIN_FILENO : -1;
    r->fds[NOTIFY].fd = readiness->socket;
}

static void pass_bytes(struct relay *r, struct attendance *a)
{
    short master = r->fds[MASTER].revents;
    bool has_shown = is_waiting(&r->shown), is_over = false;

    if (r->fds[OUTPUT].revents)
        is_over = pass_output(a, &r->shown) < 0;
    else if (master & ~POLLOUT && !has_shown)
        is_over = take_output(a, &r->shown) < 0;
    /* Nobody reads any more; what was written to it comes first. */
    else if (master & ~POLLOUT)
        r->typed.begin = r->typed.end;
    if (is_over)
        r->gives_output = r->takes_input = false, r->shown.begin = r->shown.end;
    if (r->takes_input && (r->fds[INPUT].revents || master & POLLOUT) &&
        pass_input(a, &r->typed) < 0)
        r->takes_input = false, r->typed.begin = r->typed.end;
}

/* How long to wait at most; -1: as long as nothing happens. */
static int patience(const struct attendance *a)
{
    if (a->is_behind)
        return LOOK_MS;
    return a->master >= 0 && a->end_pause_ms ? a->end_pause_ms : -1;
}

/* Who changed the terminal's mode has not read it, and each reader after the first waits anew. */
static void remind_of_end(struct relay *r, struct attendance *a)
{
    if (!a->end_pause_ms || a->is_behind || !r->gives_output || is_waiting(&r->typed))
        return;
    type_end(a, &r->typed);
    r->takes_input = true;
    if (a->end_pause_ms < END_PAUSE_MAX_MS)
        a->end_pause_ms *= 2;
}

int attend(const struct container *c, struct attendance *a, struct readiness *readiness,
           struct error *why)
{
    struct relay r = {
        .fds = {
            [END] = { .fd = c->init_pidfd, .events = POLLIN },
            [SIGNALS] = { .fd = a->signals, .events = POLLIN },
            [OUTPUT] = { .events = POLLOUT },
            [INPUT] = { .events = POLLIN },
            [NOTIFY] = { .events = POLLIN },
        },
        .takes_input = a->master >= 0,
        .gives_output = a->master >= 0,
    };
    int status, n;

    while (!r.fds[END].revents) {
        if (a->is_behind)
            take_terminal(a);
        choose(&r, a, readiness);
        n = poll(r.fds, N, patience(a));
        if (n < 0 && errno != EINTR)
            return fail(why, errno, "poll");
        if (n < 0)
            continue;
        if (n == 0)
            remind_of_end(&r, a);
        if (r.fds[SIGNALS].revents) {
            forward_signals(c, a, &r.interrupts);
            reap_orphans(c);
        }
        if (r.fds[NOTIFY].revents)
            readiness_hear(c, readiness, false);
        pass_bytes(&r, a);
    }
    status = exit_status(c, why);
    if (r.gives_output)
        drain_terminal(a, &r.shown);
    return status;
}
