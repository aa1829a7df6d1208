// SPDX-License-Identifier: Apache-2.0
/* Folders whose contents we obey. */
#pragma once

#include "base/error.h"

/* Whether nobody but the caller may write to the open folder FD: who may could have put a link
   there, or what we would do in the caller's name. WHAT and PATH name it in the error. */
int trusted_folder_check(int fd, const char *what, const char *path, struct error *why);
