// SPDX-License-Identifier: Apache-2.0
/* ociVersion and annotations: what speaks about the config as a whole. */
#include "sections/container.h"

#include <string.h>

/* One part of "1.2.3": digits without a leading zero. NULL where there is none; else what follows.
 */
static const char *skip_number(const char *at)
{
    size_t n = strspn(at, "0123456789");

    if (n == 0 || (n > 1 && at[0] == '0'))
        return NULL;
    return at + n;
}

/* Dot-separated words of a pre-release or of build metadata. */
static const char *skip_words(const char *at, bool numbers_are_strict)
{
    for (;;) {
        size_t n = strspn(at, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-");

        if (n == 0)
            return NULL;
        if (numbers_are_strict && n > 1 && at[0] == '0' && strspn(at, "0123456789") == n)
            return NULL;
        at += n;
        if (*at != '.')
            return at;
        at++;
    }
}

/* SemVer 2.0.0, clause 2, 9 and 10. */
static bool is_semantic(const char *version)
{
    const char *at = version;

    for (int part = 0; part < 3; part++) {
        at = skip_number(at);
        if (at == NULL || (part < 2 && *at++ != '.'))
            return false;
    }
    if (*at == '-')
        at = skip_words(at + 1, true);
    if (at && *at == '+')
        at = skip_words(at + 1, false);
    return at && *at == 0;
}

void spec_version_check(const struct oci_config *spec, struct problems *all)
{
    if (spec->oci_version == NULL || !is_semantic(spec->oci_version))
        refuse(all, "ociVersion", "\"%s\" is not a semantic version such as 1.3.0",
               spec->oci_version ? spec->oci_version : "");
    else if (strncmp(spec->oci_version, "1.", 2) != 0)
        refuse(all, "ociVersion", "version %s is not supported: 1.x is", spec->oci_version);
    for (size_t i = 0; i < spec->annotations.n; i++)
        if (spec->annotations.key[i][0] == 0)
            refuse(all, "annotations", "a key is empty");
}
