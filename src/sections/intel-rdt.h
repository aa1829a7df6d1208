// SPDX-License-Identifier: Apache-2.0
/* linux.intelRdt, for update: all else are steps of the plan. */
#pragma once

#include "sections/container.h"

/* Give the group that create chose the schemata of RDT; they are the whole group's, whoever else is
   in it. */
int intel_rdt_update(const struct container *c, const struct oci_intel_rdt *rdt, struct error *why);
