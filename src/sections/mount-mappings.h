// SPDX-License-Identifier: Apache-2.0
/* The mappings of an idmapped mount that its option names: "idmap=uids=0-5000-10#…;gids=0-5000-10",
 * as podman gives it and crun(1) describes it. */
#pragma once

#include "oci-spec.h"

enum { ID_RANGES_MAX = 340 /* the kernel takes no more */ };

struct id_ranges {
    size_t n;
    struct oci_id_mapping at[ID_RANGES_MAX];
};

struct mount_mappings {
    struct id_ranges uids, gids;
};

/* Each range is FIRST-ID-COUNT: FIRST on the file system is ID on the host, or, behind a "@", ID in
   the container. Of users or groups that TEXT does not name, those of the container are mapped.
   NULL; else what is wrong with it. */
const char *mount_mappings_read(const struct oci_config *spec, const char *text,
                                struct mount_mappings *ret);
