// SPDX-License-Identifier: Apache-2.0
/* A profile on its way to becoming a filter: what seccomp-compile.c and seccomp-dispatch.c share.
 */
#pragma once

#include "sections/seccomp.h"

#include <seccomp.h>

enum {
    SECCOMP_ARCHITECTURES_MAX = 24,
    SECCOMP_DISPATCH_MAX = SECCOMP_ARCHITECTURES_MAX * (12 + 2 * SECCOMP_NEWEST_MAX),
};

/* What is to be done about a call that libseccomp has no name for. */
struct seccomp_newest {
    int number;
    uint32_t action;
    bool has_conditions;
};

struct seccomp_arch {
    uint32_t token;
    int newest;     /* the highest number that the profile speaks of */
    unsigned begin; /* of its own filter, in the whole */
    unsigned jump;  /* the dispatcher's instruction that goes there; 0: none */
};

struct seccomp_work {
    const struct oci_seccomp *profile;
    const struct log *log;
    bool strict;
    scmp_filter_ctx context;
    unsigned n_newest;
    struct seccomp_newest newest[SECCOMP_NEWEST_MAX];
    unsigned n_arch;
    struct seccomp_arch arch[SECCOMP_ARCHITECTURES_MAX]; /* this machine's is the first */
};

/* Write to AT, which has room for SECCOMP_DISPATCH_MAX, what comes before the filters of the
   architectures and chooses among them; the number of instructions. LIMITED: a call that is newer
   than all that the profile speaks of is answered with ENOSYS. The targets of the jumps to the
   filters (struct seccomp_arch, jump) are still open. */
unsigned seccomp_dispatch(struct seccomp_work *work, bool limited, struct sock_filter *at);
