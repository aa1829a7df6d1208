// SPDX-License-Identifier: Apache-2.0
/* linux.intelRdt: shares of the processor's cache and memory bandwidth. */
#include "sections/container.h"

void intel_rdt_check(const struct oci_config *spec, struct problems *all)
{
    if (spec->linux && spec->linux->intel_rdt)
        refuse(all, "linux.intelRdt", "resctrl is not supported yet by this build");
}
