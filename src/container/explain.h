// SPDX-License-Identifier: Apache-2.0
/* What `zind-oci plan` prints: one numbered row a step, and indented lines below it. */
#pragma once

#include <stdio.h>

struct explain {
    FILE *out;
    unsigned rows; /* printed so far */
};

/* The row of a step: its name, its side ("RUNTIME", "INIT") and why it stands there. The lines
   below it come from explain(), declared in sections/container.h. */
void explain_step(struct explain *to, const char *step, const char *side, const char *reason);
