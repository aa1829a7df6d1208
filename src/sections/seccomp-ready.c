// SPDX-License-Identifier: Apache-2.0
/* A filter that comes ready, in base64: the annotation run.oci.seccomp_bpf_data. */
#include "sections/seccomp.h"

#include <string.h>

/* 0 … 63; -1: no digit. */
static int digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c) : NULL;

    return found ? (int)(found - digits) : -1;
}

/* The number of digits before the padding; 0: it is no base64. */
static size_t count_digits(const char *base64)
{
    size_t n = 0, length = strlen(base64);

    while (digit(base64[n]) >= 0)
        n++;
    if (length % 4 || length - n > 2 || strspn(base64 + n, "=") != length - n)
        return 0;
    return n;
}

int seccomp_decode(const char *base64, struct seccomp_filter *ret)
{
    size_t n = count_digits(base64), bytes = n * 6 / 8;
    unsigned char *to = ret ? (unsigned char *)ret->at : NULL;
    uint32_t bits = 0;

    if (bytes == 0 || bytes % sizeof *ret->at || bytes / sizeof *ret->at > SECCOMP_INSTRUCTIONS_MAX)
        return -1;
    if (ret == NULL)
        return 0;
    for (size_t i = 0, have = 0; i < n; i++) {
        bits = bits << 6 | (uint32_t)digit(base64[i]);
        have += 6;
        if (have >= 8) {
            have -= 8;
            *to++ = (unsigned char)(bits >> have);
        }
    }
    ret->length = (unsigned)(bytes / sizeof *ret->at);
    return 0;
}
