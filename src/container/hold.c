// SPDX-License-Identifier: Apache-2.0
/* Holding a container still for a moment: frozen, and noted in the state folder, so that the
 * command after one that was killed meanwhile knows that nobody has paused it. */
#include "container/hold.h"
#include "base/io.h"

#include <fcntl.h>
#include <sys/file.h>

static const char note[] = "held";

int hold_note(const struct container *c, struct error *why)
{
    return io_write_new(c->state_fd, note, "", 0, 0600, why);
}

void hold_forget(const struct container *c)
{
    (void)unlinkat(c->state_fd, note, 0);
}

int hold_begin(const struct container *c, struct error *why)
{
    if (hold_note(c, why) < 0)
        return -1;
    if (cgroup_freeze(&c->cgroup, true, why) == 0)
        return 0;
    hold_forget(c);
    return -1;
}

int hold_end(const struct container *c, struct error *why)
{
    if (cgroup_freeze(&c->cgroup, false, why) < 0)
        return -1;
    hold_forget(c);
    return 0;
}

static bool is_noted(const struct container *c)
{
    return faccessat(c->state_fd, note, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Whoever held it may have been done since it was seen frozen. 1 or 0; -1 with errno. */
static int is_thawed(const struct container *c)
{
    int is_frozen = cgroup_is_frozen(&c->cgroup);

    return is_frozen < 0 ? -1 : !is_frozen;
}

int hold_is_cause(const struct container *c)
{
    autoclose int lock = -1;
    struct error why;

    if (!is_noted(c))
        return is_thawed(c);
    if (c->lock_fd < 0) {
        lock = openat(c->state_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (lock < 0)
            return -1;
        /* Whoever holds it still is at work. */
        if (flock(lock, LOCK_EX | LOCK_NB) < 0)
            return 1;
    }
    /* It may have been done by then, and the container be paused. */
    if (!is_noted(c))
        return is_thawed(c);
    if (hold_end(c, &why) == 0)
        return 1;
    errno = why.number;
    return error_is_shortage(errno) ? -1 : 0;
}
