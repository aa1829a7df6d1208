// SPDX-License-Identifier: Apache-2.0
/* Numbers of bytes as people write them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* "512m", "1g", "64KiB", "100" and "-1", which is no limit. The units b, k, m, g, t, p are powers
   of 1024, in capitals too, with or without b or ib behind them. */
bool size_parse(const char *text, int64_t *ret);
