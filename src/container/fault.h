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
 * is to die, nor before the other side is dead when that one is. */
int fault_inject(const struct container *c, const char *step, struct error *why);

/* Before the sides part: a socket to a process on the host that kills what INIT cannot; -1 when no
 * fault is asked for. It ends with the last holder of the socket. */
int fault_open_killer(void);
#else
static inline int fault_inject(const struct container *c, const char *step, struct error *why)
{
    (void)c;
    (void)step;
    (void)why;
    return 0;
}

static inline int fault_open_killer(void)
{
    return -1;
}
#endif
