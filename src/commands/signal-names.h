// SPDX-License-Identifier: Apache-2.0
/* Signals as people and engines write them. */
#pragma once

#include <stdbool.h>

/* A name in any case, with or without SIG, also RTMIN+N and RTMAX-N; or a number from 0 to 64. 0
   asks whether the process is there. */
bool signal_parse(const char *text, int *ret);
