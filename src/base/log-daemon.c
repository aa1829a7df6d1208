// SPDX-License-Identifier: Apache-2.0
/* Messages to the daemons that keep them: journald's native protocol
 * (https://systemd.io/JOURNAL_NATIVE_PROTOCOL) and syslog (RFC 3164 as it is spoken at /dev/log),
 * one datagram each. */
#include "base/log-daemon.h"

#include "base/own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

enum { FACILITY_USER = 1 << 3, ROOM = 2048 };

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    /* A daemon that has stopped reading must not stop us. */
    autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    return take_fd(fd);
}

int log_daemon_open(enum log_target target, struct error *why)
{
    static const char *const paths[] = {
        [LOG_TO_JOURNALD] = "/run/systemd/journal/socket",
        [LOG_TO_SYSLOG] = "/dev/log",
    };
    int fd = connect_to(paths[target]);

    if (fd >= 0)
        return fd;
    return fail(why, errno, "reach %s at %s", target == LOG_TO_JOURNALD ? "journald" : "syslog",
                paths[target]);
}

static void format_syslog(char *out, size_t room, const char *name, int severity,
                          const char *message)
{
    struct timespec now;
    struct tm parts;
    char time[32] = "";

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (localtime_r(&now.tv_sec, &parts))
        (void)strftime(time, sizeof time, "%b %e %T ", &parts);
    (void)snprintf(out, room, "<%d>%s%s[%d]: %s", FACILITY_USER | severity, time, name,
                   (int)getpid(), message);
}

void log_daemon_send(int fd, enum log_target target, const char *name, int severity,
                     const char *message)
{
    char text[ROOM];

    if (target == LOG_TO_SYSLOG)
        format_syslog(text, sizeof text, name, severity, message);
    else
        (void)snprintf(text, sizeof text, "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nMESSAGE=%s\n",
                       severity, name, message);
    /* There is nowhere left to report that a message cannot be sent. */
    (void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}
