// SPDX-License-Identifier: Apache-2.0
/* --pid-file and --pidfd-socket: telling the caller which process is the container's. */
#include "base/io.h"
#include "kernel/fd.h"
#include "sections/container.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool pid_file_is_asked(const struct container *c)
{
    return c->options.pid_file || c->options.pidfd_socket;
}

/* The file is put in place as a whole. What stands there goes, and at the end so does ours: root
   would take /dev/null, or the link /dev/stdout, from the whole host. */
static bool is_device(int folder, const char *name)
{
    struct stat st, dev;

    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
        return true;
    return S_ISLNK(st.st_mode) && fstat(folder, &st) == 0 && stat("/dev", &dev) == 0 &&
           st.st_dev == dev.st_dev && st.st_ino == dev.st_ino;
}

static int write_file(const struct container *c, struct error *why)
{
    const char *path = c->options.pid_file;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *folder = slash == NULL ? "." : slash == path ? "/" : NULL;
    char text[16];

    if (folder == NULL)
        folder = arena_strndup(c->arena, path, (size_t)(slash - path));
    if (folder == NULL)
        return fail(why, ENOMEM, "write the pid file %s", path);

    autoclose int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int length = snprintf(text, sizeof text, "%d", (int)c->init);

    if (fd < 0)
        return fail(why, errno, "open the pid file's folder %s", folder);
    if (is_device(fd, name)) {
        (void)fail(why, 0, "--pid-file %s is a device, which a file would take the place of", path);
        return fail_code(why, ERROR_USAGE);
    }
    /* No newline: callers take the whole file as the number. */
    if (*name && io_write_atomic(fd, name, text, (size_t)length, 0644, why) == 0)
        return 0;
    return fail(why, *name ? why->number : EISDIR, "write the pid file %s", path);
}

static int send_pidfd(const struct container *c, struct error *why)
{
    autoclose int socket = fd_connect_unix(c->options.pidfd_socket, why);

    if (socket < 0)
        return fail_hint(why, "--pidfd-socket wants a unix socket that somebody listens on");
    if (fd_send(socket, "pidfd", strlen("pidfd"), c->init_pidfd) < 0)
        return fail(why, errno, "send the pidfd to %s", c->options.pidfd_socket);
    return 0;
}

int pid_file_write(struct container *c, struct error *why)
{
    if (c->options.pid_file && write_file(c, why) < 0)
        return -1;
    if (c->options.pidfd_socket && send_pidfd(c, why) < 0) {
        struct error unused;

        (void)pid_file_remove(c, &unused);
        return -1;
    }
    return 0;
}

int pid_file_remove(struct container *c, struct error *why)
{
    if (c->options.pid_file && unlink(c->options.pid_file) < 0 && errno != ENOENT)
        return fail(why, errno, "remove the pid file %s", c->options.pid_file);
    return 0;
}
