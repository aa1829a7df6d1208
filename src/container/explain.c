// SPDX-License-Identifier: Apache-2.0
/* The text of `zind-oci plan`: rows of plan.def, and what each would do. */
#include "container/explain.h"

#include "sections/container.h"

#include <stdarg.h>

void explain_step(struct explain *to, const char *step, const char *side, const char *reason)
{
    (void)fprintf(to->out, "%2u  %-26s %-7s  %s\n", ++to->rows, step, side, reason);
}

void explain(struct explain *to, const char *format, ...)
{
    char line[4096];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    /* Lines quote names from hostile config files: no control character may reach a terminal. */
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    (void)fprintf(to->out, "      %s\n", line);
}
