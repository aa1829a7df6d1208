// SPDX-License-Identifier: Apache-2.0
/* The socket where INIT waits for `start`. */
#include "container/start-socket.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

enum { BACKLOG = 16 };

static struct sockaddr_un address_of(const struct container *c)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    /* Through the folder's fd: --root may be longer than a socket's address. */
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/start",
                   c->state_fd);
    return address;
}

int start_socket_listen(struct container *c, struct error *why)
{
    struct sockaddr_un address = address_of(c);
    autoclose int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(fd, BACKLOG) < 0)
        return fail(why, errno, "make the socket where INIT waits for start");
    c->start_fd = take_fd(fd);
    return 0;
}

/* A stop signal interrupts who waits with a timeout, also without a handler (signal(7)). */
static int connect_again(int fd, const struct sockaddr_un *address)
{
    int result;

    do
        result = connect(fd, (const struct sockaddr *)address, sizeof *address);
    while (result < 0 && errno == EINTR);
    return result;
}

int start_socket_knock(const struct container *c, unsigned patience)
{
    struct sockaddr_un address = address_of(c);
    struct timeval deadline = { .tv_sec = patience };
    /* An INIT that was stopped answers no more, and full is the queue after some knocks: EAGAIN. */
    int at_once = patience ? 0 : SOCK_NONBLOCK;
    autoclose int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | at_once, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline) < 0 ||
        connect_again(fd, &address) < 0 || fcntl(fd, F_SETFL, 0) < 0)
        return -1;
    return take_fd(fd);
}
