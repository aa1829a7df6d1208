// SPDX-License-Identifier: Apache-2.0
/* Fault injection, in builds with --enable-faults only: ZIND_FAULT=ROW:fail, ROW:kill-runtime or
 * ROW:kill-init. */
#pragma once

#include "sections/container.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifdef ENABLE_FAULTS
/* Called before each row. 0, or -1 with WHY when the row is to fail; does not return when its side
 * is to die. */
int fault_inject(const struct container *c, const char *step, struct error *why);

/* A pidfd of the calling process, which INIT needs to kill RUNTIME; -1 when no fault is asked for.
 */
int fault_open_self(void);
#else
static inline int fault_inject(const struct container *c, const char *step, struct error *why)
{
    (void)c;
    (void)step;
    (void)why;
    return 0;
}

static inline int fault_open_self(void)
{
    return -1;
}
#endif
