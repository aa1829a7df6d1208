// SPDX-License-Identifier: Apache-2.0
/* From the container's notify socket to the host's. */
#include "container/readiness.h"
#include "kernel/fd.h"
#include "sections/notify-socket.h"

#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

enum {
    MESSAGES_MAX = 10000, /* a container that says this much and not that it is ready never will */
    SEND_DEADLINE_S = 5,
    BARRIER_DEADLINE_MS = 5000,
};

/* --- the container's socket --- */

int readiness_listen(const struct container *c, struct readiness *ret, struct error *why)
{
    const char name[] = NOTIFY_SOCKET_FOLDER "/" NOTIFY_SOCKET_NAME;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct stat st;

    *ret = (struct readiness){ .socket = -1 };
    if (!c->options.notify_socket ||
        fstatat(c->state_fd, NOTIFY_SOCKET_FOLDER, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;

    autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || (unlinkat(c->state_fd, name, 0) < 0 && errno != ENOENT))
        return fail(why, errno, "make the notify socket");
    /* Through the folder's fd: --root may be longer than a socket's address. */
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", c->state_fd,
                   name);

    /* Any user of the container may be the one who tells. */
    mode_t mask = umask(0);
    int result = bind(fd, (struct sockaddr *)&address, sizeof address);

    if (result < 0)
        (void)fail(why, errno, "make the notify socket");
    (void)umask(mask);
    if (result == 0)
        ret->socket = take_fd(fd);
    return result;
}

/* One of the lines of a message is "READY=1". */
static bool is_ready(const char *text, size_t length)
{
    static const char wanted[] = "READY=1";

    while (length > 0) {
        const char *newline = memchr(text, '\n', length);
        size_t line = newline ? (size_t)(newline - text) : length;

        if (line == sizeof wanted - 1 && memcmp(text, wanted, line) == 0)
            return true;
        line += newline != NULL;
        text += line;
        length -= line;
    }
    return false;
}

/* --- the host's socket --- */

/* A path, or after an "@" an abstract name. */
static int connect_host(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval deadline = { .tv_sec = SEND_DEADLINE_S };
    size_t length = strlen(name);
    autoclose int file = -1;
    autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    errno = EINVAL;
    if (fd < 0 || (name[0] != '/' && name[0] != '@') || length < 2 ||
        (name[0] == '@' && length > sizeof address.sun_path - 1))
        return -1;
    if (name[0] == '@') {
        memcpy(address.sun_path + 1, name + 1, length - 1);
    } else {
        if (fd_name_unix(&address, name, &file) < 0)
            return -1;
        length = strlen(address.sun_path);
    }
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline) < 0 ||
        connect(fd, (struct sockaddr *)&address,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
        return -1;
    return take_fd(fd);
}

/* The manager finds the service by who sends: we stay until it has read what we sent
   (sd_notify_barrier(3)). */
static void await_reader(int socket)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return;

    int result = fd_send(socket, "BARRIER=1", strlen("BARRIER=1"), ends[1]);

    close_fd(&ends[1]);
    if (result == 0)
        (void)fd_wait_readable(ends[0], BARRIER_DEADLINE_MS);
    close_fd(&ends[0]);
}

static int tell_host(const struct container *c, bool is_main)
{
    autoclose int fd = connect_host(c->options.notify_socket);
    char text[64];

    (void)snprintf(text, sizeof text, is_main ? "READY=1\nMAINPID=%d" : "READY=1", (int)c->init);
    if (fd < 0 || send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        return -1;
    if (is_main)
        await_reader(fd);
    return 0;
}

/* --- from one to the other --- */

void readiness_hear(const struct container *c, struct readiness *readiness, bool is_main)
{
    char text[4096];

    for (;;) {
        /* Descriptors that come along are not taken. */
        ssize_t n = recv(readiness->socket, text, sizeof text, 0);

        if (n < 0)
            return;
        if (is_ready(text, (size_t)n))
            break;
        if (++readiness->n_read < MESSAGES_MAX)
            continue;
        container_warn(c, "%d messages at the notify socket, none of them READY=1: no more is read",
                       MESSAGES_MAX);
        close_fd(&readiness->socket);
        return;
    }
    close_fd(&readiness->socket);
    if (tell_host(c, is_main) < 0)
        container_warn(c, "tell %s that the container is ready: %s", c->options.notify_socket,
                       strerror(errno));
}

void readiness_wait(const struct container *c, struct readiness *readiness)
{
    while (readiness->socket >= 0) {
        struct pollfd fds[] = {
            { .fd = readiness->socket, .events = POLLIN },
            { .fd = c->init_pidfd, .events = POLLIN },
        };

        if (poll(fds, sizeof fds / sizeof *fds, -1) < 0 && errno != EINTR)
            return;
        /* The last word of a program that ended may be there still. */
        readiness_hear(c, readiness, true);
        if (fds[1].revents)
            close_fd(&readiness->socket);
    }
}
