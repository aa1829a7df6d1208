// SPDX-License-Identifier: Apache-2.0
/* Which mounts lie below a folder, by the kernel's list. */
#pragma once

#include "base/error.h"

/* SUFFIX begins with a slash: FOLDER with it is where the mount lies. 0, or -1 with WHY: no more.
 */
typedef int submounts_act(void *context, const char *suffix, struct error *why);

/* FILE: "self/mountinfo" or "4711/mountinfo" below PROC_FD. FOLDER: absolute, without links. */
int submounts_each(int proc_fd, const char *file, const char *folder, submounts_act *act,
                   void *context, struct error *why);
