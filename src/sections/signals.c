// SPDX-License-Identifier: Apache-2.0
/* Signals at execve: all at their default, none blocked. */
#include "sections/container.h"

#include <signal.h>

/* execve resets handlers by itself, but leaves ignored what is ignored. */
int signals_reset(struct container *c, struct error *why)
{
    const struct sigaction standard = { .sa_handler = SIG_DFL };
    sigset_t none;

    (void)c;
    /* The C library keeps two for itself, and KILL and STOP cannot be changed: those calls fail,
     * which does no harm. */
    for (int number = 1; number <= SIGRTMAX; number++)
        (void)sigaction(number, &standard, NULL);
    (void)sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
        return fail(why, errno, "unblock the signals");
    return 0;
}
