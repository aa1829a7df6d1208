// SPDX-License-Identifier: Apache-2.0
/* --pid-file and --pidfd-socket: telling the caller which process is the container's. */
#include "base/io.h"
#include "kernel/fd.h"
#include "sections/container.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

bool pid_file_is_asked(const struct container *c)
{
    return c->options.pid_file || c->options.pidfd_socket;
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
    /* No newline: callers take the whole file as the number. */
    return io_write_atomic(fd, name, text, (size_t)length, 0644, why);
}

static int send_pidfd(const struct container *c, struct error *why)
{
    autoclose int socket = fd_connect_unix(c->options.pidfd_socket, why);

    if (socket < 0)
        return -1;
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
