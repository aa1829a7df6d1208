// SPDX-License-Identifier: Apache-2.0
/* Mounts, fd to fd, through the mount API of Linux 5.2 and mount_setattr of 5.12: the only file
 * with system calls that mount.
 *
 * A tree is made detached, gets its attributes while nobody can see it, and is attached to an open
 * folder or file. Calls return 0 or an fd, or -1 with errno. */
#pragma once

#include <linux/mount.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- new file systems --- */

/* A configuration of a new file system of TYPE. */
int mount_fs_open(const char *type);

/* The longest VALUE that fsconfig(2) takes, in bytes. */
enum { MOUNT_VALUE_MAX = 255 };

/* VALUE NULL: a flag. */
int mount_fs_set(int fs, const char *key, const char *value);

/* A detached mount of it, with MOUNT_ATTR_… flags. */
int mount_fs_finish(int fs, uint64_t attributes);

/* What the kernel had to say about the last failure, without a newline; "" where nothing. */
void mount_fs_complaint(int fs, char *out, size_t room);

/* A configuration to change the file system that is mounted at FD; finish with
 * mount_fs_reconfigure. */
int mount_fs_pick(int fd);
int mount_fs_reconfigure(int fs);

/* What mount(2) is asked for: for options longer than MOUNT_VALUE_MAX. */
struct mount_classic {
    const char *source, *type;
    const char *options; /* separated by commas, less than a page of memory */
    unsigned long flags; /* MS_… */
};

/* A detached mount, made by a process of a mount namespace of its own, where nobody can see it. */
int mount_make_classic(const struct mount_classic *what);

/* --- trees --- */

/* A detached copy of the mount at DIRFD/PATH, from that folder or file on (PATH "": of the fd
   itself). RECURSIVE: with what is mounted below. DIRFD must belong to a mount of our own mount
   namespace. */
int mount_clone(int dirfd, const char *path, bool recursive);

/* Put the detached or attached TREE on TARGET, an O_PATH fd; on top of what is mounted there
 * already. */
int mount_attach(int tree, int target);

/* Take the mount at FD, its root, away, with all that is on it; those who use it keep what they
 * have. */
int mount_detach(int fd);

/* The same for a mount of a file or a folder, through PROC_FD (kernel/proc.h). */
int mount_detach_any(int proc_fd, int fd);

/* A number that no other mount has while this one lives; since Linux 6.8 none ever had. */
int mount_id(int fd, uint64_t *ret);

/* Change MOUNT_ATTR_… flags. A CLEAR of any of MOUNT_ATTR__ATIME must clear all of it. */
int mount_change(int tree, uint64_t set, uint64_t clear, bool recursive);

/* MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE. */
int mount_propagate(int tree, uint64_t propagation, bool recursive);

/* Show the ids on the file system as the user namespace maps them. The tree must be detached, and
 * no idmapped mount itself. */
int mount_idmap(int tree, int userns, bool recursive);

/* --- the root --- */

/* ROOT, a mount, becomes the root of our mount namespace; what was there before is detached.
   OLD_IS_SHARED: parts of the old root are shared with the host, which must not see them go. */
int mount_pivot(int root, bool old_is_shared);

/* Makes "/" the root of our mount namespace if it is not, as in a chroot; what was outside of it is
   detached from the namespace, and nothing of that reaches others. 1: done, 0: it was the root. The
   caller must have a mount namespace of its own, and CAP_SYS_CHROOT: else EPERM, and no change. */
int mount_claim_root(void);

/* Into ROOT, a folder; mounts stay as they are. */
int mount_chroot(int root);
