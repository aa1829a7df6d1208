// SPDX-License-Identifier: Apache-2.0
/* Where our own program lies on the host: what is installed or built together with it is found
 * there. */
#pragma once

#include <limits.h>
#include <stdbool.h>

/* To be called before a start over from a clone or copy of ourselves, of which /proc/self/exe tells
   nothing: leaves the path in the environment (ZIND_OCI_SELF). */
void self_note(void);

/* The path NAME of the folder that our program lies in; false where that is not known. Set by
   others, ZIND_OCI_SELF is believed as much as PATH would be: not when we run with more rights than
   our caller. */
bool self_beside(char out[PATH_MAX], const char *name);

/* Whether ENTRY of the environment, "NAME=VALUE", is the one that self_note leaves. */
bool self_is_variable(const char *entry);
