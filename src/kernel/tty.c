// SPDX-License-Identifier: Apache-2.0
/* Terminals. */
#include "kernel/tty.h"
#include "base/own.h"
#include "kernel/path.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41) /* Linux 4.13 */
#endif

int tty_open_pair(int devpts, int *ret_master, int *ret_slave, char name[TTY_NAME_ROOM],
                  struct error *why)
{
    struct open_how how = {
        .flags = O_RDWR | O_NOCTTY | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
    };
    autoclose int master = path_open_how(devpts, "ptmx", &how);
    autoclose int slave = -1;
    unsigned number;
    int locked = 0;

    if (master < 0)
        return fail(why, errno, "open /dev/pts/ptmx");
    if (ioctl(master, TIOCGPTN, &number) < 0)
        return fail(why, errno, "number the terminal");
    if (ioctl(master, TIOCSPTLCK, &locked) < 0)
        return fail(why, errno, "unlock the terminal");
    /* By the master itself, not by a name that could mean another file. */
    slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        return fail(why, errno, "open the terminal's other end");
    (void)snprintf(name, TTY_NAME_ROOM, "/dev/pts/%u", number);
    *ret_master = take_fd(master);
    *ret_slave = take_fd(slave);
    return 0;
}

int tty_set_size(int fd, unsigned short height, unsigned short width)
{
    struct winsize size = { .ws_row = height, .ws_col = width };

    return ioctl(fd, TIOCSWINSZ, &size);
}

int tty_copy_size(int from, int to)
{
    struct winsize size;

    if (ioctl(from, TIOCGWINSZ, &size) < 0)
        return -1;
    return ioctl(to, TIOCSWINSZ, &size);
}

bool tty_is_of_others(int fd)
{
    pid_t foreground = tcgetpgrp(fd);

    return foreground >= 0 && foreground != getpgrp();
}

int tty_make_raw(int fd, struct termios *saved)
{
    struct termios raw;

    if (tcgetattr(fd, saved) < 0)
        return -1;
    raw = *saved;
    cfmakeraw(&raw);
    return tcsetattr(fd, TCSANOW, &raw);
}

int tty_restore(int fd, const struct termios *saved)
{
    return tcsetattr(fd, TCSANOW, saved);
}
