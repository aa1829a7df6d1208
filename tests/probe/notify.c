// SPDX-License-Identifier: Apache-2.0
// What a program does that tells its service manager how it is, and what a hostile one may try.
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// With a descriptor of ours, as a message to systemd's descriptor store would have.
static int send_with_fd(int to, const char *text)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    struct iovec part = { .iov_base = (void *)text, .iov_len = strlen(text) };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof(control) };
    int fd = STDOUT_FILENO;

    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
    return sendmsg(to, &message, 0) < 0 ? errno : 0;
}

int probe_notify(int argc, char **argv)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *path = getenv("NOTIFY_SOCKET");
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int status = 0;

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path ? path : "/nowhere");
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        printf("%s\n", errno_name(errno));
        return 1;
    }
    for (int i = 0; i < argc; i++) {
        int number = send_with_fd(fd, argv[i]);

        printf("%s\n", number ? errno_name(number) : "ok");
        status |= number != 0;
    }
    return status;
}
