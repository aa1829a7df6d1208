// SPDX-License-Identifier: Apache-2.0
/* --timings: lines that both sides write to one fd. */
#include "base/trace.h"
#include "base/clock.h"

#include <stdio.h>
#include <unistd.h>

uint64_t trace_now(void)
{
    return clock_us();
}

void trace_step(int fd, const char *side, const char *step, uint64_t origin, uint64_t start)
{
    char line[192];
    int length;

    if (fd < 0)
        return;
    /* Both names come from plan.def: there is nothing in them to escape. */
    length =
        snprintf(line, sizeof line,
                 "{\"side\":\"%s\",\"step\":\"%s\",\"start_us\":%llu,\"us\":%llu}\n", side, step,
                 (unsigned long long)(start - origin), (unsigned long long)(trace_now() - start));
    /* A measurement that cannot be written must not fail the container. */
    if (length > 0 && (size_t)length < sizeof line && write(fd, line, (size_t)length) < 0)
        return;
}
