// SPDX-License-Identifier: Apache-2.0
/* What mounts.c, its special cases and root.c tell each other. */
#pragma once

#include "sections/container.h"
#include "sections/mount-options.h"

/* Make the mounts read-only that had to stay writable until now: tmpfs, into which later mounts and
 * the devices went. */
int mounts_seal(struct container *c, struct error *why);

/* The cgroup file systems of the container, at TARGET (mounts-cgroup.c). */
int mounts_attach_cgroup(struct container *c, const struct mount_options *options, int target,
                         struct error *why);

/* Copy what is in the folder FROM into the folder TO: modes, owners, times, links; WITH_MODE: also
   mode and owner of FROM itself (mounts-copy-up.c). */
int mounts_copy_up(int from, int to, bool with_mode, struct error *why);

/* A user namespace with these mappings, made by a process that is gone when this returns
 * (mounts-idmap.c). */
int mounts_make_userns(int proc_fd, const struct oci_id_mapping_list *uids,
                       const struct oci_id_mapping_list *gids, struct error *why);

/* Whether /dev of the container is the host's own, or another folder of the host's: nothing may be
 * made in there by default. */
bool mounts_bind_dev(const struct oci_config *spec);
