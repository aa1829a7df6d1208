// SPDX-License-Identifier: Apache-2.0
/* Time that only goes forward, for deadlines and durations. */
#include "base/clock.h"

#include <time.h>

uint64_t clock_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t clock_ms(void)
{
    return clock_us() / 1000;
}

bool clock_pause(unsigned *step, uint64_t *deadline)
{
    struct timespec pause = { .tv_nsec = *step * 1000000L };
    uint64_t begin = clock_ms(), took;

    if (begin >= *deadline)
        return false;
    (void)nanosleep(&pause, NULL);
    took = clock_ms() - begin;
    if (took > 2 * *step)
        *deadline += took - 2 * *step;
    *step = *step * 2 < 50 ? *step * 2 : 50;
    return true;
}
