// SPDX-License-Identifier: Apache-2.0
/* File descriptors at execve: 0, 1, 2 and what --preserve-fds asks for, nothing else. */
#include "sections/fds.h"
#include "kernel/fd.h"

#include <fcntl.h>

int fds_check_preserved(const struct container *c, struct error *why)
{
    unsigned last = 2 + c->options.preserve_fds;
    int flags = c->options.preserve_fds ? fcntl((int)last, F_GETFD) : 0;

    /* Others may be missing: fd_fill_holes keeps ours away from there, and execve closes them. */
    if (flags >= 0 && !(flags & FD_CLOEXEC))
        return 0;
    (void)fail(why, EBADF, "keep fd %u for the program", last);
    (void)fail_hint(why, "--preserve-fds counts more fds than the caller has left open");
    return fail_code(why, ERROR_USAGE);
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
