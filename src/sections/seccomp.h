// SPDX-License-Identifier: Apache-2.0
/* What the files of the seccomp section share: the filter, in memory of both sides. */
#pragma once

#include "oci-spec.h"
#include "sections/container.h"

#include <linux/filter.h>
#include <stdatomic.h>
#include <stdint.h>

enum {
    SECCOMP_INSTRUCTIONS_MAX = BPF_MAXINSNS, /* the kernel takes no more */
    SECCOMP_MESSAGE_MAX = 1 << 20,           /* bytes of what the agent is told */
    SECCOMP_NEWEST_MAX = 48,                 /* calls that seccomp-newest.c knows */
};

/* What INIT says when it can no longer call (container/last-words.h). */
struct last_words {
    atomic_bool are_said;
    struct error why;
};

/* c->seccomp: mapped, shared by RUNTIME, which writes it, and INIT. Pages that nobody touches cost
 * nothing. */
struct seccomp_filter {
    unsigned flags;  /* SECCOMP_FILTER_FLAG_… */
    unsigned length; /* instructions; 0 until compiled */
    int agent; /* socket to linux.seccomp.listenerPath, the same number on both sides; -1: none */
    struct last_words last_words;
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

/* The number of a call that libseccomp may be too old for, on most architectures; -1: not known
   either (seccomp-newest.c). */
int seccomp_newest_number(const char *name);

/* That NUMBER on the architecture TOKEN (SCMP_ARCH_…). */
int seccomp_newest_on(uint32_t token, int number);

/* The spec's container process state, as FILTER's message. RUNTIME writes it: INIT does not know
 * the pids of the host (seccomp-notify.c). */
int seccomp_describe(const struct container *c, struct seccomp_filter *filter, struct error *why);

/* Load the filter with FLAGS; what the call gives: a listener, if they ask for one. */
int seccomp_enforce(const struct seccomp_filter *filter, unsigned flags, struct error *why);

/* For a program of the image that INIT runs before its own: the filter, with nobody to ask. */
int seccomp_confine(const struct container *c, struct error *why);

/* The same, and hand the listener to the agent. */
int seccomp_install_notifying(struct container *c, struct seccomp_filter *filter,
                              struct error *why);

/* The instructions of a filter that comes ready, in base64; RET NULL: only look. 0 or -1
 * (seccomp-ready.c). */
int seccomp_decode(const char *base64, struct seccomp_filter *ret);

/* Filters compiled before (seccomp-cache.c). The key is all that decides what PROFILE becomes, on
 * the heap; NULL: no memory. */
char *seccomp_cache_key(const struct oci_seccomp *profile, bool strict);
bool seccomp_cache_load(const struct container *c, const char *key, struct seccomp_filter *ret);
void seccomp_cache_store(const struct container *c, const char *key,
                         const struct seccomp_filter *filter);
