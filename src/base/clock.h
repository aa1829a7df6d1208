// SPDX-License-Identifier: Apache-2.0
/* Time that only goes forward (CLOCK_MONOTONIC), for deadlines and durations. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

uint64_t clock_ms(void);
uint64_t clock_us(void);

/* Sleep for *STEP ms and double it up to 50; false when *DEADLINE, of clock_ms, is over. Begin with
   *STEP = 1. A machine that stands still (a guest whose host has no time for it) does not use up
   the time: *DEADLINE moves. */
bool clock_pause(unsigned *step, uint64_t *deadline);
