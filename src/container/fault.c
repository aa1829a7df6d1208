// SPDX-License-Identifier: Apache-2.0
/* Fault injection, in builds with --enable-faults only. */
#include "container/fault.h"

#ifdef ENABLE_FAULTS

#include "kernel/pidfd.h"

#include <string.h>
#include <sys/syscall.h>

int fault_open_self(void)
{
    return getenv("ZIND_FAULT") ? (int)syscall(SYS_pidfd_open, getpid(), 0) : -1;
}

/* What to do at STEP: the text after "STEP:", NULL when the fault is meant for another row. */
static const char *find_fault(const char *step)
{
    const char *fault = getenv("ZIND_FAULT");
    size_t length = strlen(step);

    return fault && strncmp(fault, step, length) == 0 && fault[length] == ':' ? fault + length + 1
                                                                              : NULL;
}

int fault_inject(const struct container *c, const char *step, struct error *why)
{
    const char *fault = find_fault(step);

    if (fault == NULL)
        return 0;
    if (strcmp(fault, "fail") == 0)
        return fail(why, EIO, "injected fault");

    bool kill_runtime = strcmp(fault, "kill-runtime") == 0;

    if (kill_runtime == (c->side == RUNTIME))
        (void)kill(getpid(), SIGKILL);
    else if (c->side == INIT)
        (void)pidfd_signal(c->runtime_pidfd, SIGKILL);
    else if (c->init_pidfd >= 0)
        (void)pidfd_signal(c->init_pidfd, SIGKILL);
    return 0;
}

#else
typedef int fault_is_left_out;
#endif
