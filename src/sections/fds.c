// SPDX-License-Identifier: Apache-2.0
/* File descriptors at execve: 0, 1, 2 and what --preserve-fds asks for, nothing else. */
#include "kernel/fd.h"
#include "sections/container.h"

#include <fcntl.h>

/* The caller's fds from 3 on; ours were moved above them when the command began. */
int fds_close(struct container *c, struct error *why)
{
    unsigned first = 3 + c->options.preserve_fds;

    for (unsigned fd = 3; fd < first; fd++) {
        int flags = fcntl((int)fd, F_GETFD);

        if (flags < 0) {
            (void)fail(why, errno, "keep fd %u for the program", fd);
            return fail_hint(why, "--preserve-fds counts more fds than the caller has left open");
        }
        if (flags & FD_CLOEXEC && fcntl((int)fd, F_SETFD, flags & ~FD_CLOEXEC) < 0)
            return fail(why, errno, "keep fd %u over execve", fd);
    }
    close_fd(&c->proc_fd);
    close_fd(&c->state_fd);
    close_fd(&c->root_fd);
    close_fd(&c->console_fd);
    close_fd(&c->start_fd);
    return fd_cloexec_from(first, why);
}
