// SPDX-License-Identifier: Apache-2.0
/* User namespaces (user_namespaces(7)). */
#pragma once

#include <stdbool.h>

/* Whether the caller is in no user namespace but the first. */
bool userns_is_initial(void);

/* Whether we are the host's root, not that of a user namespace: who may set device rules, write to
   /run and make cgroups anywhere. One system call; root without /proc is taken for it. */
bool userns_caller_is_root(void);
