// SPDX-License-Identifier: Apache-2.0
/* The five sets of process.capabilities as numbers, for those who must work between root's rights
 * and the program's. */
#pragma once

#include "base/error.h"
#include "base/names.h"

#include <stdbool.h>
#include <stdint.h>

struct container;

/* CAP_CHOWN … CAP_CHECKPOINT_RESTORE: all that this build knows; `features` lists them. */
extern const struct name capabilities_names[];

/* Once the user is another than root the effective set is empty: TRUE raises all that is permitted,
   FALSE lowers it to nothing again. For the calling thread. 0 or -1 with errno. */
int capabilities_raise(bool raised);

/* The effective set that the program's execve will be judged by, for the calling thread of a user
   that is not root; capabilities_raise(false) ends it. 0 or -1 with errno. */
int capabilities_use(const struct container *c);

/* no_new_privs and the program's sets, for the calling process: what the row capabilities_drop
   does. Reads c->process and c->bounding. */
int capabilities_drop_own(const struct container *c, struct error *why);

/* Before INIT is born among strangers who may trace it: what the program will have, and what
   becoming it takes. */
int capabilities_prepare(const struct container *c, struct error *why);
