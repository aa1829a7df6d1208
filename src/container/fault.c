// SPDX-License-Identifier: Apache-2.0
/* Fault injection, in builds with --enable-faults only. */
#include "container/fault.h"

#ifdef ENABLE_FAULTS

#include "base/own.h"
#include "kernel/clone.h"
#include "kernel/fd.h"
#include "kernel/pidfd.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* Linux 6.5. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

enum { END_DEADLINE_MS = 10000 };

/* What INIT asks for in one byte; a pidfd may come along with the second one. */
enum { KILL_SENDER = 'i', KILL_RUNTIME = 'r' };

/* --- the killer: a process of the host, where every side has a pid --- */

struct request {
    char what;
    pid_t sender; /* as the host counts */
    int pidfd;    /* -1: none came along */
};

/* False at end of file. */
static bool receive(int socket, struct request *ret)
{
    _Alignas(struct cmsghdr) char control[256];
    struct iovec byte = { .iov_base = &ret->what, .iov_len = 1 };
    struct msghdr message = {
        .msg_iov = &byte,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };

    ret->sender = 0;
    ret->pidfd = -1;
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0)
        return false;
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at)) {
        struct ucred credentials;

        if (at->cmsg_level != SOL_SOCKET)
            continue;
        if (at->cmsg_type == SCM_RIGHTS)
            memcpy(&ret->pidfd, CMSG_DATA(at), sizeof ret->pidfd);
        if (at->cmsg_type == SCM_CREDENTIALS) {
            memcpy(&credentials, CMSG_DATA(at), sizeof credentials);
            ret->sender = credentials.pid;
        }
    }
    return true;
}

static void serve(int socket, int creator)
{
    struct request request;

    while (receive(socket, &request)) {
        autoclose int target = request.pidfd;

        if (request.what == KILL_SENDER)
            (void)kill(request.sender, SIGKILL);
        if (request.what != KILL_RUNTIME)
            continue;
        if (target < 0)
            target = dup(creator);
        (void)pidfd_signal(target, SIGKILL);
        (void)pidfd_wait_end(target, END_DEADLINE_MS);
        (void)send(socket, "", 1, MSG_NOSIGNAL);
    }
}

/* It holds no pipe of the caller, who may wait for the end of it. */
static void become_killer(int socket, int creator)
{
    if (dup2(socket, 0) < 0 || dup2(creator, 1) < 0 || syscall(SYS_close_range, 2U, ~0U, 0U) < 0)
        _exit(EXIT_FAILURE);
    serve(0, 1);
    _exit(0);
}

int fault_open_killer(void)
{
    static const int on = 1;
    int pair[2];

    if (getenv("ZIND_FAULT") == NULL ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -1;

    autoclose int ours = pair[0], killers = pair[1];
    autoclose int creator = (int)syscall(SYS_pidfd_open, getpid(), 0);

    if (creator < 0 || setsockopt(killers, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
        return -1;

    pid_t killer = clone_process(&(struct clone_request){ .cgroup_fd = -1 });

    if (killer < 0)
        return -1;
    if (killer == 0) {
        close_fd(&ours);
        become_killer(killers, creator);
    }
    return take_fd(ours);
}

/* --- at a row --- */

/* What to do at STEP: the text after "STEP:", NULL when the fault is meant for another row. */
static const char *find_fault(const char *step)
{
    const char *fault = getenv("ZIND_FAULT");
    size_t length = strlen(step);

    return fault && strncmp(fault, step, length) == 0 && fault[length] == ':' ? fault + length + 1
                                                                              : NULL;
}

/* INIT may be pid 1, whom no signal of its own ends, and RUNTIME has no pid in there. From
   start_await on RUNTIME is the `start` that knocked, whom the socket knows. */
static int ask_killer(const struct container *c, bool kill_runtime, struct error *why)
{
    char what = kill_runtime ? KILL_RUNTIME : KILL_SENDER, answer;
    autoclose int runtime = -1;
    socklen_t length = sizeof runtime;

    if (kill_runtime && getsockopt(c->peer, SOL_SOCKET, SO_PEERPIDFD, &runtime, &length) < 0)
        runtime = -1;
    if (fd_send(c->killer, &what, 1, runtime) < 0)
        return fail(why, errno, "ask for a death");
    /* Our own comes while we wait. */
    if (fd_wait_readable(c->killer, END_DEADLINE_MS) <= 0 || recv(c->killer, &answer, 1, 0) != 1)
        return fail(why, ETIMEDOUT, "wait for a death that was asked for");
    return 0;
}

int fault_inject(const struct container *c, const char *step, struct error *why)
{
    const char *fault = find_fault(step);

    if (fault == NULL)
        return 0;
    if (strcmp(fault, "fail") == 0)
        return fail(why, EIO, "injected fault");

    bool kill_runtime = strcmp(fault, "kill-runtime") == 0;

    if (c->side == INIT)
        return ask_killer(c, kill_runtime, why);
    if (kill_runtime)
        (void)kill(getpid(), SIGKILL);
    if (c->init_pidfd < 0)
        return fail(why, 0, "there is no INIT to kill yet");
    (void)pidfd_signal(c->init_pidfd, SIGKILL);
    (void)pidfd_wait_end(c->init_pidfd, END_DEADLINE_MS);
    return 0;
}

#else
typedef int fault_is_left_out;
#endif
