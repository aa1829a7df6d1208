// SPDX-License-Identifier: Apache-2.0
/* process.terminal and process.consoleSize: the container's own terminal, and who gets its other
 * end. */
#include "kernel/fd.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "kernel/tty.h"
#include "sections/container.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

void terminal_check(const struct oci_config *spec, struct problems *all)
{
    const struct oci_process *process = spec->process;

    /* Without a terminal the size means nothing, right or wrong. */
    if (process == NULL || !process->terminal || process->console_size == NULL)
        return;
    if (process->console_size->height > UINT16_MAX)
        refuse(all, "process.consoleSize.height", "%u is above %u", process->console_size->height,
               UINT16_MAX);
    if (process->console_size->width > UINT16_MAX)
        refuse(all, "process.consoleSize.width", "%u is above %u", process->console_size->width,
               UINT16_MAX);
}

bool terminal_is_wanted(const struct container *c)
{
    return c->process && c->process->terminal;
}

/* Also where only one of the two is there: terminal_connect says what is wrong with that. */
bool terminal_is_sent(const struct container *c)
{
    return c->options.console_socket || terminal_is_wanted(c);
}

int terminal_connect(struct container *c, struct error *why)
{
    const char *path = c->options.console_socket;

    if (!terminal_is_wanted(c)) {
        (void)fail(why, 0, "a console socket is given, but process.terminal is not true");
        (void)fail_code(why, ERROR_USAGE);
        return fail_at(why, "process.terminal");
    }
    /* The runtime that attends a foreground process has put its own end there. */
    if (path == NULL && c->console_fd >= 0)
        return 0;
    if (path == NULL) {
        (void)fail(why, 0, "process.terminal is true, but nobody is there to get the terminal");
        (void)fail_code(why, ERROR_USAGE);
        (void)fail_hint(why, "give --console-socket, or run in the foreground");
        return fail_at(why, "process.terminal");
    }
    c->console_fd = fd_connect_unix(path, why);
    if (c->console_fd < 0)
        return fail_hint(why, "--console-socket wants a unix socket that somebody listens on");
    return 0;
}

/* --- in the container --- */

/* Only a devpts has terminals of its own making in it, so nothing that an image put there can stand
 * in for one. */
static int open_devpts(struct error *why)
{
    autoclose int fd = path_open(AT_FDCWD, "/dev/pts", O_PATH | O_DIRECTORY, 0);
    struct statfs fs;

    if (fd < 0) {
        (void)fail(why, errno, "open /dev/pts");
        return fail_hint(why, "process.terminal needs a devpts in `mounts`");
    }
    if (fstatfs(fd, &fs) < 0)
        return fail(why, errno, "stat /dev/pts");
    if (fs.f_type != DEVPTS_SUPER_MAGIC) {
        (void)fail(why, 0, "/dev/pts is not a devpts");
        return fail_hint(why, "process.terminal needs a devpts in `mounts`");
    }
    return take_fd(fd);
}

/* The file that devices_make has made, or one made here where /dev is writable; -1 without an error
 * where there is none. */
static int open_console(struct error *why)
{
    autoclose int dev = path_open(AT_FDCWD, "/dev", O_PATH | O_DIRECTORY, 0);
    autoclose int fd = -1;
    struct stat st;

    if (dev < 0)
        return fail(why, errno, "open /dev");
    fd = openat(dev, "console", O_CREAT | O_EXCL | O_NOFOLLOW | O_RDONLY | O_CLOEXEC, 0600);
    close_fd(&fd);
    fd = openat(dev, "console", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return fail(why, errno, "open /dev/console");
    if (S_ISLNK(st.st_mode) || S_ISDIR(st.st_mode)) {
        (void)fail(why, 0, "/dev/console is a %s", S_ISDIR(st.st_mode) ? "folder" : "symlink");
        return fail_hint(why, "the image must leave /dev/console to the runtime");
    }
    return take_fd(fd);
}

/* Fd to fd, so that no link of the image decides where it goes. */
static int cover_console(const struct container *c, int slave, struct error *why)
{
    autoclose int console = open_console(why);
    autoclose int tree = -1;

    /* A read-only root without a file for it: the program has its terminal all the same. */
    if (console < 0 && why->number == ENOENT) {
        container_warn(c, "there is no /dev/console, and the root is read-only");
        return 0;
    }
    if (console < 0)
        return -1;
    tree = mount_clone(slave, "", false);
    if (tree < 0)
        return fail(why, errno, "clone the mount of the terminal");
    if (mount_attach(tree, console) < 0)
        return fail(why, errno, "mount the terminal on /dev/console");
    return 0;
}

static int take_over(int slave, struct error *why)
{
    /* INIT leads its session already when the caller's was left earlier. */
    if (setsid() < 0 && getsid(0) != getpid())
        return fail(why, errno, "begin a session");
    if (ioctl(slave, TIOCSCTTY, 0) < 0)
        return fail(why, errno, "make the terminal the controlling one");
    for (int fd = 0; fd <= 2; fd++)
        if (dup2(slave, fd) < 0)
            return fail(why, errno, "make the terminal fd %d", fd);
    return 0;
}

int terminal_open(struct container *c, struct error *why)
{
    const struct oci_console_size *size = c->process->console_size;
    autoclose int devpts = open_devpts(why);
    autoclose int master = -1;
    autoclose int slave = -1;
    char name[TTY_NAME_ROOM];

    if (devpts < 0 || tty_open_pair(devpts, &master, &slave, name, why) < 0)
        return fail_at(why, "process.terminal");
    if (size && tty_set_size(master, (unsigned short)size->height, (unsigned short)size->width) < 0)
        return fail(why, errno, "set the size of the terminal"),
               fail_at(why, "process.consoleSize");
    /* The group stays what the devpts is mounted with, as a rule tty. */
    if (user_of(c->process)->uid != 0 && fchown(slave, user_of(c->process)->uid, (gid_t)-1) < 0)
        return fail(why, errno, "give the terminal to user %u", user_of(c->process)->uid);
    if (c->verb == VERB_CREATE && cover_console(c, slave, why) < 0)
        return fail_at(why, "process.terminal");
    if (fd_send(c->console_fd, name, strlen(name), master) < 0)
        return fail(why, errno, "send the terminal to the console socket");
    close_fd(&c->console_fd);
    /* Last: from here on what INIT writes to stderr would reach the terminal. */
    return take_over(slave, why);
}
