// SPDX-License-Identifier: Apache-2.0
// The receiver of a terminal: listens on a console socket, takes the terminal, reads what is
// written to it.
#include "faults.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// -1: none came along.
static int receive_fd(int connection)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    char name[PATH_MAX];
    struct iovec part = { .iov_base = name, .iov_len = sizeof(name) };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
    };
    struct cmsghdr *header;
    int fd = -1;

    if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC) <= 0)
        return -1;
    header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    return fd;
}

// Until nobody has the other side open. It ends with the process: what a container leaves must not
// end because its terminal goes.
static void *receive(void *data)
{
    const int listener = (int)(intptr_t)data;
    const int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    const int terminal = connection < 0 ? -1 : receive_fd(connection);
    char text[4096];

    while (terminal >= 0 && read(terminal, text, sizeof(text)) > 0) {}
    return NULL;
}

bool terminal_receive(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pthread_t thread;

    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(listener, 1) < 0)
        return false;
    errno = pthread_create(&thread, NULL, receive, (void *)(intptr_t)listener);
    return errno == 0;
}
