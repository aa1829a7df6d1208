// SPDX-License-Identifier: Apache-2.0
/* What the files of the seccomp section share: the filter, in memory of both sides. */
#pragma once

#include "oci-spec.h"
#include "sections/container.h"

#include <linux/filter.h>
#include <stdint.h>

enum {
    SECCOMP_INSTRUCTIONS_MAX = BPF_MAXINSNS, /* the kernel takes no more */
    SECCOMP_MESSAGE_MAX = 1 << 20,           /* bytes of what the agent is told */
};

/* c->seccomp: mapped, shared by RUNTIME, which writes it, and INIT. Pages that nobody touches cost
 * nothing. */
struct seccomp_filter {
    unsigned flags;  /* SECCOMP_FILTER_FLAG_… */
    unsigned length; /* instructions; 0 until compiled */
    int agent; /* socket to linux.seccomp.listenerPath, the same number on both sides; -1: none */
    size_t message_length;
    struct sock_filter at[SECCOMP_INSTRUCTIONS_MAX];
    char message[SECCOMP_MESSAGE_MAX];
};

/* Whether any call is handed to an agent. */
bool seccomp_notifies(const struct oci_seccomp *profile);

/* Turn PROFILE into RET's instructions: seccomp-compile.c. STRICT: a name that libseccomp does not
 * know is an error. */
int seccomp_compile_profile(const struct oci_seccomp *profile, bool strict, const struct log *log,
                            struct seccomp_filter *ret, struct error *why);
