// SPDX-License-Identifier: Apache-2.0
/* What root.c prepares for masked-paths.c. */
#pragma once

#include "sections/container.h"

/* Attach a file system of our own at PLACE, where the rootfs is about to hide it and which goes
   away with the old root, and keep from it what masks are made of: a null device and an empty
   folder. Nothing without masked paths. */
int masked_paths_prepare(struct container *c, int place, struct error *why);
