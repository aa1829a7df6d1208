// SPDX-License-Identifier: Apache-2.0
/* clone3(2): new processes, born where they belong. */
#include "kernel/clone.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* clone(2), where a seccomp filter around us answers ENOSYS for the kernel: Docker's default one
   does. It bears nobody into a cgroup. With CLONE_PIDFD the pidfd goes where the parent's TID
   would. */
static pid_t clone_plainly(const struct clone_args *args)
{
    unsigned long flags = (unsigned long)(args->flags | args->exit_signal);
    void *pidfd = (void *)(uintptr_t)args->pidfd;

#if defined(__s390x__)
    return (pid_t)syscall(SYS_clone, NULL, flags, pidfd, NULL, 0);
#else
    return (pid_t)syscall(SYS_clone, flags, NULL, pidfd, NULL, 0);
#endif
}

pid_t clone_process(const struct clone_request *request)
{
    struct clone_args args = {
        .flags = request->flags,
        /* With CLONE_PARENT the child is its grandparent's, and dies with the signal of the cloner.
         */
        .exit_signal = request->flags & CLONE_PARENT ? 0 : SIGCHLD,
    };

    if (request->ret_pidfd) {
        args.flags |= CLONE_PIDFD;
        args.pidfd = (uint64_t)(uintptr_t)request->ret_pidfd;
    }
    if (request->cgroup_fd >= 0) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)request->cgroup_fd;
    }

    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);

    return pid < 0 && errno == ENOSYS && request->cgroup_fd < 0 ? clone_plainly(&args) : pid;
}

int clone_thread(int (*run)(void *), void *with, void *stack, size_t size)
{
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

    return clone(run, (char *)stack + size, flags, with) < 0 ? -1 : 0;
}
