// SPDX-License-Identifier: Apache-2.0
/* What can be wrong with any list of id mappings: the container's, and those of its mounts. */
#pragma once

#include "sections/container.h"

/* PLACE: "linux.uidMappings". */
void id_mappings_check_list(const struct oci_id_mapping_list *list, const char *place,
                            struct problems *all);

/* The lowest id that is mapped, as the container sees it; 0 where LIST is empty. */
uint32_t id_mappings_lowest(const struct oci_id_mapping_list *list);
