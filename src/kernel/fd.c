// SPDX-License-Identifier: Apache-2.0
/* File descriptors: passing them, and closing all others. */
#include "kernel/fd.h"
#include "base/own.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

int fd_send(int socket, const void *data, size_t length, int fd)
{
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = { .room = { 0 } };
    struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = length };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
    ssize_t n;

    if (fd >= 0) {
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;

        struct cmsghdr *header = CMSG_FIRSTHDR(&message);

        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    do
        n = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n >= 0 && (size_t)n != length)
        return errno = EMSGSIZE, -1;
    return n < 0 ? -1 : 0;
}

static void take_first_fd(struct msghdr *message, int *ret_fd)
{
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
         header = CMSG_NXTHDR(message, header)) {
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < count; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            if (*ret_fd < 0)
                *ret_fd = fd;
            else
                close_fd(&fd);
        }
    }
}

ssize_t fd_receive(int socket, void *data, size_t room, int *ret_fd)
{
    union {
        char room[CMSG_SPACE(8 * sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct iovec iov = { .iov_base = data, .iov_len = room };
    struct msghdr message = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = control.room,
        .msg_controllen = sizeof control.room,
    };
    ssize_t n;

    *ret_fd = -1;
    do
        n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        take_first_fd(&message, ret_fd);
    return n;
}

int fd_name_unix(struct sockaddr_un *ret, const char *path, int *ret_file)
{
    *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
    *ret_file = -1;
    if (strlen(path) < sizeof ret->sun_path) {
        memcpy(ret->sun_path, path, strlen(path) + 1);
        return 0;
    }
    *ret_file = open(path, O_PATH | O_CLOEXEC);
    if (*ret_file < 0)
        return -1;
    (void)snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d", *ret_file);
    return 0;
}

int fd_connect_unix(const char *path, struct error *why)
{
    struct sockaddr_un address;
    autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    autoclose int file = -1;

    if (fd < 0)
        return fail(why, errno, "make a socket to reach %s", path);
    if (fd_name_unix(&address, path, &file) < 0)
        return fail(why, errno, "open %s", path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return fail(why, errno, "connect to %s", path);
    return take_fd(fd);
}

int fd_cloexec_from(unsigned first, struct error *why)
{
    /* CLOSE_RANGE_CLOEXEC: Linux 5.11 */
    if (syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        return fail(why, errno, "keep file descriptors from the program");
    return 0;
}

int fd_close_others(unsigned first, int *kept, size_t n, struct error *why)
{
    for (size_t i = 1; i < n; i++)
        for (size_t at = i; at > 0 && kept[at] < kept[at - 1]; at--) {
            int higher = kept[at - 1];

            kept[at - 1] = kept[at];
            kept[at] = higher;
        }
    for (size_t i = 0; i < n; i++) {
        if (kept[i] < 0 || (unsigned)kept[i] < first)
            continue;
        if ((unsigned)kept[i] > first && syscall(SYS_close_range, first, kept[i] - 1, 0) < 0)
            return fail(why, errno, "close file descriptors");
        first = (unsigned)kept[i] + 1;
    }
    return syscall(SYS_close_range, first, ~0U, 0) < 0 ? fail(why, errno, "close file descriptors")
                                                       : 0;
}

int fd_fill_standard(struct error *why)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* The lowest free number is the closed one. Kept over exec: it stands in for the caller's.
         */
        if (open("/dev/null", O_RDWR) != fd)
            return fail(why, errno, "open /dev/null for closed fd %d", fd);
    }
    return 0;
}

bool fd_is_same(int one, int other)
{
    struct stat st, st_other;

    return fstat(one, &st) == 0 && fstat(other, &st_other) == 0 && st.st_dev == st_other.st_dev &&
           st.st_ino == st_other.st_ino;
}

void fd_fill_holes(unsigned first, unsigned n)
{
    autoclose int nothing = -1;

    if (n == 0 || n > INT_MAX - first || fcntl((int)(first + n - 1), F_GETFD) < 0)
        return;
    for (unsigned fd = first; fd < first + n; fd++) {
        if (fcntl((int)fd, F_GETFD) >= 0)
            continue;
        if (nothing < 0)
            nothing = open("/dev/null", O_PATH | O_CLOEXEC);
        if (nothing == (int)fd)
            (void)take_fd(nothing);
        else if (nothing >= 0)
            (void)dup3(nothing, (int)fd, O_CLOEXEC);
    }
}

int fd_wait_readable(int fd, int timeout_ms)
{
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
    /* In parts: a machine that stands still meanwhile, with all whom we wait for, loses one of
       them. */
    int parts = timeout_ms > 0 ? 16 : 1;
    int part_ms = timeout_ms > 0 ? (timeout_ms - 1) / parts + 1 : timeout_ms;

    while (parts > 0) {
        int n = poll(&poll_fd, 1, part_ms);

        if (n > 0 || (n < 0 && errno != EINTR))
            return n;
        parts -= n == 0;
    }
    return 0;
}
