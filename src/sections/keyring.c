// SPDX-License-Identifier: Apache-2.0
/* The session keyring: the container gets its own instead of the caller's. */
#include "sections/container.h"

#include <linux/keyctl.h>
#include <stdio.h>
#include <sys/syscall.h>

/* The kernel's default for a session keyring, and search for the same user: so that exec finds it
 * by name. */
enum { KEYRING_RIGHTS = 0x3f1b0000 };

bool keyring_is_new(const struct container *c)
{
    return !c->options.no_new_keyring;
}

int keyring_join(struct container *c, struct error *why)
{
    char name[1040];
    long key;

    (void)snprintf(name, sizeof name, "_ses.%s", c->id);
    key = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
    /* Built without keyrings: there is nothing to shield. */
    if (key < 0 && errno == ENOSYS)
        return 0;
    if (key < 0) {
        (void)fail(why, errno, "join the session keyring %s", name);
        return fail_hint(why, "--no-new-keyring keeps the caller's keyring");
    }
    /* Of use to exec alone, which makes its own keyring where it finds none. */
    (void)syscall(SYS_keyctl, KEYCTL_SETPERM, key, KEYRING_RIGHTS);
    return 0;
}
