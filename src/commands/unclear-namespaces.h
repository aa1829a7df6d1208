// SPDX-License-Identifier: Apache-2.0
/* What is wrong with a config.json whose namespaces could not all be decoded. */
#pragma once

#include "arena.h"
#include "base/error.h"
#include "oci-spec.h"

/* ALL is what survey_config found. Where an error of the decoder left open which namespaces there
   are, no section has looked at SPEC: adds what they say whichever there are. */
int unclear_namespaces_check(const struct oci_config *spec, struct arena *arena,
                             struct problems *all, struct error *why);
