// SPDX-License-Identifier: Apache-2.0
/* process.ioPriority: whose disk requests come first. */
#include "sections/container.h"

#include <linux/ioprio.h>
#include <sys/syscall.h>

static const int classes[] = {
    [OCI_IO_PRIORITY_CLASS_RT] = IOPRIO_CLASS_RT,
    [OCI_IO_PRIORITY_CLASS_BE] = IOPRIO_CLASS_BE,
    [OCI_IO_PRIORITY_CLASS_IDLE] = IOPRIO_CLASS_IDLE,
};

void io_priority_check(const struct oci_config *spec, struct problems *all)
{
    const struct oci_io_priority *wanted = spec->process ? spec->process->io_priority : NULL;

    if (wanted && (wanted->priority < 0 || wanted->priority >= IOPRIO_NR_LEVELS))
        refuse(all, "process.ioPriority.priority", "%d is not between 0 and %d", wanted->priority,
               IOPRIO_NR_LEVELS - 1);
}

bool io_priority_is_set(const struct container *c)
{
    return c->process && c->process->io_priority;
}

static int set_own(int value)
{
    return (int)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, value);
}

/* The kernel lets nobody but the host's root change that of another user, which INIT becomes at its
   own time: so it inherits it. */
int io_priority_lend(struct container *c, struct error *why)
{
    const struct oci_io_priority *wanted = c->process->io_priority;

    c->own_io_priority = (int)syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);
    if (c->own_io_priority >= 0 &&
        set_own(classes[wanted->class] << IOPRIO_CLASS_SHIFT | wanted->priority) == 0)
        return 0;
    (void)fail(why, errno, "set I/O priority to %s %d", oci_io_priority_class_names[wanted->class],
               wanted->priority);
    if (why->number == EPERM)
        (void)fail_hint(why, "the real-time class needs CAP_SYS_NICE or CAP_SYS_ADMIN");
    return fail_at(why, "process.ioPriority");
}

int io_priority_take_back(struct container *c, struct error *why)
{
    /* Who may not, and was given the real-time class by others, is about to end anyway. */
    (void)set_own(c->own_io_priority);
    return keep(c, why);
}

void io_priority_explain(const struct container *c, struct explain *to)
{
    explain(to, "%s %d", oci_io_priority_class_names[c->process->io_priority->class],
            c->process->io_priority->priority);
}
