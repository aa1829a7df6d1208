// SPDX-License-Identifier: Apache-2.0
/* The config.json that `zind-oci spec` writes: a shell in a container as tight as most programs
 * bear. */
#pragma once

#include "oci-spec.h"

#include <stdbool.h>
#include <sys/types.h>

/* A config and the parts of it that depend on the caller; the rest is constant. */
struct default_spec {
    struct oci_config config;
    struct oci_linux linux_part;
    struct oci_id_mapping uid, gid;
};

/* SPEC points into itself: it must not be copied. ROOTLESS: for the user UID:GID without
 * privileges. */
void default_spec_make(struct default_spec *spec, bool rootless, uid_t uid, gid_t gid);
