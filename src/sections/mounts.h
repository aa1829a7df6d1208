// SPDX-License-Identifier: Apache-2.0
/* What mounts.c, its special cases and root.c tell each other. */
#pragma once

#include "sections/container.h"
#include "sections/mount-options.h"

/* One a mount: what is kept from one step to the next; -1: nothing. */
struct mounts {
    int *trees; /* opened by RUNTIME */
    int *late;  /* to be made read-only by mounts_seal */
    bool has_warned_of_label;
};

/* c->mounts, made when it is not there yet; NULL: no memory. */
struct mounts *mounts_kept(struct container *c);

bool mounts_in_user_namespace(const struct container *c);

/* --no-pivot (root-overlay.c): the rootfs becomes the root, and the host's mounts go. */
int root_overlay(struct container *c, struct error *why);

/* What linux.rootfsPropagation asks for: MS_SHARED …; 0: nothing. */
uint64_t mounts_rootfs_propagation(const struct container *c);

/* Into a container that is there already: all that is the host's, opened by RUNTIME; then, by an
   INIT in the container, mount I made and attached. RET_TREE: the mount, to be taken away again. */
int mounts_open_late(struct container *c, struct error *why);
int mounts_attach_late(struct container *c, size_t i, int *ret_tree, struct error *why);

/* A detached copy of the source, which is looked up in our mount namespace (mounts-bind.c). */
int mounts_clone_source(const struct container *c, const struct oci_mount *mount,
                        const struct mount_options *options, struct error *why);

/* A detached mount of a new file system; SKIP: an option to leave out, by its beginning, or NULL
 * (mounts-new.c). */
int mounts_make_new(struct container *c, const struct oci_mount *mount,
                    const struct mount_options *options, const char *skip, struct error *why);

/* Hand a file system the options that are its own. */
int mounts_set_options(int fs, const struct oci_mount *mount, const char *skip, struct error *why);

/* The folder or file in the rootfs where TREE goes, made when it is not there; TREE -1: a folder.
   KEEPS_LINK: a link there is what is mounted on (mounts-target.c). */
int mounts_open_target(const struct container *c, const char *path, int tree, bool keeps_link,
                       struct error *why);

/* Whether TREE, what is to be mounted, is a link; and a link like it at PATH. */
bool mounts_is_link(int tree);
int mounts_copy_link(const struct container *c, const char *path, int tree, struct error *why);

/* Refuse what would deceive programs at /proc or below; TARGET is where the path led. */
int mounts_guard_proc(const struct container *c, const char *path, int target, int tree,
                      struct error *why);

/* Make the mounts read-only that had to stay writable until now: tmpfs, into which later mounts and
 * the devices went. */
int mounts_seal(struct container *c, struct error *why);

/* The cgroup file systems of the container, at TARGET (mounts-cgroup.c). */
int mounts_attach_cgroup(struct container *c, const struct mount_options *options, int target,
                         struct error *why);

/* Copy what is in the folder FROM into the folder TO: modes, owners, times, links; WITH_OWNER: also
   mode and owner of FROM itself. What is read is what was looked at, whoever changes FROM
   meanwhile; no device and no fifo is opened (mounts-copy-up.c). */
int mounts_copy_up(int proc_fd, int from, int to, bool with_owner, struct error *why);

/* The mode of the folder FROM, for the folder TO. */
int mounts_copy_mode(int from, int to, struct error *why);

/* A user namespace with these mappings, made by a process that is gone when this returns
 * (mounts-idmap.c). */
int mounts_make_userns(int proc_fd, const struct oci_id_mapping_list *uids,
                       const struct oci_id_mapping_list *gids, struct error *why);

/* Whether /dev of the container is the host's own, or another folder of the host's: nothing may be
 * made in there by default. */
bool mounts_bind_dev(const struct oci_config *spec);
