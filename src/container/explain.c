// SPDX-License-Identifier: Apache-2.0
/* The text of `zind-oci plan`: rows of plan.def, and what each would do. */
#include "container/explain.h"

#include "base/text.h"
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
    text_make_printable(line);
    (void)fprintf(to->out, "      %s\n", line);
}
