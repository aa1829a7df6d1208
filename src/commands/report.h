// SPDX-License-Identifier: Apache-2.0
/* What state and list tell of a container. */
#pragma once

#include "container/lifecycle.h"
#include "oci-spec.h"

/* Borrows all strings of SNAPSHOT. */
struct oci_report report_of(const struct snapshot *snapshot);
