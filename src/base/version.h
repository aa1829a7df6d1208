// SPDX-License-Identifier: Apache-2.0
/* The versions of the runtime-spec that are understood; features.md says what these two promise. */
#pragma once

#define OCI_VERSION_MIN "1.0.0"
#define OCI_VERSION_MAX "1.3.0"
