// SPDX-License-Identifier: Apache-2.0
/* --timings: one JSON line a step, {"side":"init","step":"mounts_attach","start_us":…,"us":…}, one
   write(2) each, so that both sides share one fd. */
#pragma once

#include <stdint.h>

/* Microseconds of CLOCK_MONOTONIC. */
uint64_t trace_now(void);

/* FD -1: nothing is written. ORIGIN: what start_us counts from. */
void trace_step(int fd, const char *side, const char *step, uint64_t origin, uint64_t start);
