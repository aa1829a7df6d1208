// SPDX-License-Identifier: Apache-2.0
/* Which namespaces config.json gives the container: pure questions that checks and predicates of
 * many sections ask. */
#pragma once

#include "oci-spec.h"

#include <stdbool.h>
#include <stddef.h>

/* The row of linux.namespaces; NULL: the container stays in the runtime's. */
static inline const struct oci_namespace *namespace_wanted(const struct oci_config *spec,
                                                           enum oci_namespace_type type)
{
    if (spec->linux)
        FOREACH (row, spec->linux->namespaces)
            if (row->type == type)
                return row;
    return NULL;
}

/* By path; engines write an empty one for none. */
static inline bool namespace_is_joined(const struct oci_namespace *row)
{
    return row->path && *row->path;
}

/* Made for the container, not joined by path. */
static inline bool namespace_is_new(const struct oci_config *spec, enum oci_namespace_type type)
{
    const struct oci_namespace *row = namespace_wanted(spec, type);

    return row && !namespace_is_joined(row);
}
