// SPDX-License-Identifier: Apache-2.0
/* The limits of linux.resources: private to cgroup/. */
#pragma once

#include "cgroup/driver.h"

/* The field ("memory.limit") of the first limit that is asked for, device rules aside; NULL: none.
 */
const char *resources_first_asked(const struct oci_resources *resources);

/* Pure: what is wrong with the values, and on v2 what it has no file for. */
void resources_check(const struct oci_resources *resources, enum cgroup_hierarchy hierarchy,
                     struct problems *all);

/* cgroup_limit of every driver that has a folder to write to. */
int resources_limit(const struct cgroup *cgroup, const struct oci_resources *resources,
                    bool devices, const struct log *log, struct error *why);
