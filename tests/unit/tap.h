// SPDX-License-Identifier: Apache-2.0
// The whole test harness: TAP on stdout.  A test is a function whose name is the claim it proves.
#ifndef TAP_H
#define TAP_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_run, tap_failed;

static inline bool ok(bool cond, const char *name)
{
    printf("%sok %d - %s\n", cond ? "" : "not ", ++tap_run, name);
    tap_failed += !cond;
    return cond;
}

static inline bool is_str(const char *got, const char *want, const char *name)
{
    bool same = got == want || (got && want && strcmp(got, want) == 0);
    if (!same)
        printf("# got  %s\n# want %s\n", got ? got : "(null)", want ? want : "(null)");
    return ok(same, name);
}

static inline bool is_int(intmax_t got, intmax_t want, const char *name)
{
    if (got != want)
        printf("# got  %" PRIdMAX "\n# want %" PRIdMAX "\n", got, want);
    return ok(got == want, name);
}

// Says why a claim cannot be tried on this host.
static inline void skip(const char *name, const char *reason)
{
    printf("ok %d - %s # SKIP %s\n", ++tap_run, name, reason);
}

// The exit status of main.
static inline int done_testing(void)
{
    printf("1..%d\n", tap_run);
    return tap_failed > 0;
}

#endif
