// SPDX-License-Identifier: Apache-2.0
/* What devices.c tells those who look for the container's devices. */
#pragma once

#include "sections/container.h"

/* Where device I is in the container, by default or by linux.devices; NULL: there are no more.
   Where mknod is denied it is a mount of the host's node of that name. */
const char *devices_path(const struct oci_config *spec, size_t i);
