// SPDX-License-Identifier: Apache-2.0
/* Where a caller that is not root may make cgroups, and what to say when it may not. Private to
 * cgroup/; cgroup_delegate and cgroup_fail_denied are in cgroup.h. */
#pragma once

#include "cgroup/driver.h"

/* The cgroup, "/a/b", below which a caller that may not make cgroups below the root of v2 makes its
   own: the parent of its own cgroup where that is delegated to it, else its own. False: it may
   below the root, or nowhere. */
bool delegation_find(char *ret, size_t room);

/* v2: PATH, a cgroup, was made and has no CONTROLLER ("memory"). Names the cgroup above it that
   does not hand it on: -1; 0 where none above has it. */
int delegation_fail(const char *path, const char *controller, struct error *why);
