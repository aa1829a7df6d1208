// SPDX-License-Identifier: Apache-2.0
/* What mounts[].options ask for, as the kernel's numbers. */
#pragma once

#include "oci-spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* MOUNT_ATTR_… flags to set and to clear. */
struct mount_change {
    uint64_t set, clear;
};

enum { MOUNT_PROPAGATIONS_MAX = 4 };

struct mount_options {
    bool is_bind;
    bool is_recursive; /* rbind */
    bool is_remount;
    bool copies_up; /* tmpcopyup */
    /* Of crun: a source that is a link becomes a link like it, copy-symlink; or is mounted itself,
       src-nofollow; a destination that is a link is mounted on, dest-nofollow. */
    bool copies_link, keeps_source_link, keeps_destination_link;
    bool is_idmapped;
    bool idmap_is_recursive;
    const char *idmap; /* the mappings that the option itself names (mount-mappings.h), or NULL */
    struct mount_change tree; /* of the mount and of all below: the r… options */
    struct mount_change top;  /* all of the mount itself, the r… options, too; goes after tree */
    size_t n_propagations;
    struct mount_propagation { /* in the order given: "slave, shared" is both */
        uint64_t type;         /* MS_SHARED … */
        bool is_recursive;
    } propagations[MOUNT_PROPAGATIONS_MAX];
};

/* Of options that contradict each other, the last one wins. */
void mount_options_read(const struct oci_mount *mount, struct mount_options *ret);

enum mount_option_for {
    MOUNT_OPTION_FOR_US,          /* read above */
    MOUNT_OPTION_FOR_SUPER_BLOCK, /* generic, but a flag of the file system, not of the mount */
    MOUNT_OPTION_FOR_FILE_SYSTEM, /* unknown to us: the file system's own */
};
enum mount_option_for mount_option_for(const char *option);

/* shared, rslave …: MS_SHARED …; false where NAME is none of them. */
bool mount_propagation_find(const char *name, struct mount_propagation *ret);

/* All names known here, for `features`; ends with NULL. */
const char *mount_option_name(size_t i);
