// SPDX-License-Identifier: Apache-2.0
/* The container's mounts over a checkpoint: what criu cannot make anew, because it comes from the
 * host, it gets by name. A bind mount's name is its destination, as with runc. */
#pragma once

#include "container/criu-options.h"
#include "sections/container.h"

/* Refuse mounts that would not be the same afterwards; before anything is done. */
int criu_mounts_check(const struct container *c, struct error *why);

/* For dump: what comes from the host. Reads c->spec, c->init, c->proc_fd. */
int criu_mounts_add(const struct container *c, struct criu_words *words, struct error *why);

/* For restore: where on the host it comes from; the masks from what criu_mounts_enter lays out. */
int criu_mounts_add_sources(const struct container *c, struct criu_words *words, struct error *why);

/* Make the folders and files in the rootfs that mounts go on, where they are missing: the rootfs
   may be a new one. */
int criu_mounts_make_points(const struct container *c, struct error *why);

/* The process that becomes criu gets a mount namespace of its own, in which the rootfs is a mount,
   as criu wants it: it goes with criu, so that nothing is left on the host. */
int criu_mounts_enter(struct container *c, struct error *why);
