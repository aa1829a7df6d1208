// SPDX-License-Identifier: Apache-2.0
/* The socket between the two sides of the plan. */
#include "container/peer.h"
#include "base/own.h"
#include "base/text.h"
#include "kernel/fd.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

int peer_make(int ret[2], struct error *why)
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) < 0)
        return fail(why, errno, "make a socket pair");
    return 0;
}

int peer_send(int socket, enum message_kind kind, unsigned step, const struct error *why)
{
    struct message message;
    size_t length = offsetof(struct message, why);

    message.kind = kind;
    message.step = step;
    if (why) {
        message.why = *why;
        length = sizeof message;
    }

    ssize_t n;

    do
        n = send(socket, &message, length, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)length ? 0 : -1;
}

/* The other side may be in a container's hands. */
static void end_text(char *text, size_t room)
{
    text[room - 1] = 0;
    text_make_printable(text);
}

void peer_tidy(struct error *why)
{
    end_text(why->step, sizeof why->step);
    end_text(why->pointer, sizeof why->pointer);
    end_text(why->text, sizeof why->text);
    end_text(why->hint, sizeof why->hint);
}

int peer_receive(int socket, struct message *ret)
{
    ssize_t n;

    /* A side that dies with words of ours unread resets the connection: said once, and then what it
       had to say itself can still be read. */
    do
        n = recv(socket, ret, sizeof *ret, 0);
    while (n < 0 && (errno == EINTR || errno == ECONNRESET));
    if (n == 0)
        return 0;
    if (n < 0)
        return -1;

    bool has_error = ret->kind == MESSAGE_FAILED || ret->kind == MESSAGE_WARNING;

    if (n != (ssize_t)(has_error ? sizeof *ret : offsetof(struct message, why)) ||
        ret->kind > MESSAGE_GO || (has_error && (unsigned)ret->why.code >= ERROR_CODES))
        return errno = EPROTO, -1;
    if (has_error)
        peer_tidy(&ret->why);
    return 1;
}

int peer_send_go(int socket, int fd)
{
    struct message message;

    message.kind = MESSAGE_GO;
    message.step = 0;
    return fd_send(socket, &message, offsetof(struct message, why), fd);
}

bool peer_receive_go(int socket, int *ret_fd)
{
    struct message message;
    ssize_t n = fd_receive(socket, &message, sizeof message, ret_fd);

    if (n == (ssize_t)offsetof(struct message, why) && message.kind == MESSAGE_GO)
        return true;
    close_fd(ret_fd);
    return false;
}
