// SPDX-License-Identifier: Apache-2.0
/* File descriptors at execve: 0, 1, 2 and what --preserve-fds asks for, nothing else. */
#include "sections/fds.h"
#include "kernel/fd.h"

#include <fcntl.h>

int fds_check_preserved(const struct container *c, struct error *why)
{
    for (unsigned fd = 3; fd < 3 + c->options.preserve_fds; fd++) {
        int flags = fcntl((int)fd, F_GETFD);

        if (flags >= 0 && !(flags & FD_CLOEXEC))
            continue;
        /* A hole, or filled by one of ours since we began: it would hand the host's file to the
         * program. */
        (void)fail(why, EBADF, "keep fd %u for the program", fd);
        (void)fail_hint(why, "--preserve-fds counts more fds than the caller has left open");
        return fail_code(why, ERROR_USAGE);
    }
    return 0;
}

int fds_close(struct container *c, struct error *why)
{
    close_fd(&c->proc_fd);
    close_fd(&c->state_fd);
    close_fd(&c->root_fd);
    close_fd(&c->console_fd);
    close_fd(&c->start_fd);
    return fd_cloexec_from(3 + c->options.preserve_fds, why);
}
