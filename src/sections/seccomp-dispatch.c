// SPDX-License-Identifier: Apache-2.0
/* The beginning of a filter: which architecture calls, and calls that libseccomp has no name for.
 */
#include "sections/seccomp-work.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>

enum { X32_BIT = 0x40000000 };

static void put(struct sock_filter *at, unsigned *n, uint16_t code, uint8_t yes, uint8_t no,
                uint32_t k)
{
    at[(*n)++] = (struct sock_filter)BPF_JUMP(code, k, yes, no);
}

/* Conditions cannot be told to libseccomp for another architecture than this machine's: what allows
   is left out there, what denies always does. */
static void put_newest(const struct seccomp_work *work, const struct seccomp_arch *arch,
                       struct sock_filter *at, unsigned *n)
{
    bool is_native = arch == work->arch;

    for (unsigned i = 0; i < work->n_newest; i++) {
        const struct seccomp_newest *call = &work->newest[i];

        if (call->has_conditions && (is_native || call->action == SCMP_ACT_ALLOW))
            continue;
        put(at, n, BPF_JMP | BPF_JEQ | BPF_K, 0, 1,
            (uint32_t)seccomp_newest_on(arch->token, call->number));
        put(at, n, BPF_RET | BPF_K, 0, 0, call->action);
    }
}

/* On to ARCH's own filter. A profile that denies with an errno what it does not know breaks C
   libraries that try a new call and fall back on ENOSYS: with LIMITED, calls newer than all that
   the profile speaks of do not exist. */
static void put_jump(const struct seccomp_work *work, struct sock_filter *at, unsigned *n,
                     struct seccomp_arch *arch, bool limited)
{
    put_newest(work, arch, at, n);
    if (limited && arch->newest >= 0) {
        put(at, n, BPF_JMP | BPF_JGT | BPF_K, 0, 1, (uint32_t)arch->newest);
        put(at, n, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS);
    }
    arch->jump = *n;
    put(at, n, BPF_JMP | BPF_JA, 0, 0, 0);
}

static struct seccomp_arch *find_arch(struct seccomp_work *work, uint32_t token)
{
    for (unsigned i = 0; i < work->n_arch; i++)
        if (work->arch[i].token == token)
            return &work->arch[i];
    return NULL;
}

/* What follows, up to end_skip, is for when TEST holds. A jump of its own: that of a test reaches
   255 instructions. */
static unsigned begin_skip(struct sock_filter *at, unsigned *n, uint16_t test, uint32_t k)
{
    put(at, n, (uint16_t)(BPF_JMP | BPF_K | test), 1, 0, k);
    put(at, n, BPF_JMP | BPF_JA, 0, 0, 0);
    return *n - 1;
}

static void end_skip(struct sock_filter *at, unsigned n, unsigned begin)
{
    at[begin].k = n - begin - 1;
}

unsigned seccomp_dispatch(struct seccomp_work *work, bool limited, struct sock_filter *at)
{
    struct seccomp_arch *x32 = find_arch(work, SCMP_ARCH_X32);
    unsigned n = 0;

    put(at, &n, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch));
    for (unsigned i = 0; i < work->n_arch; i++) {
        struct seccomp_arch *arch = &work->arch[i];
        unsigned test, bit;

        if (arch == x32)
            continue;
        test = begin_skip(at, &n, BPF_JEQ, arch->token);
        put(at, &n, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
        if (arch->token == SCMP_ARCH_X86_64) {
            /* x32 goes by the same name, with numbers above this bit. */
            bit = begin_skip(at, &n, BPF_JGE, X32_BIT);
            if (x32)
                put_jump(work, at, &n, x32, limited);
            else
                put(at, &n, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_THREAD);
            end_skip(at, n, bit);
        }
        put_jump(work, at, &n, arch, limited);
        end_skip(at, n, test);
    }
    /* As libseccomp does with an architecture that the profile does not name. */
    put(at, &n, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_THREAD);
    return n;
}
