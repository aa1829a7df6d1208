// SPDX-License-Identifier: Apache-2.0
/* process.capabilities and process.noNewPrivileges: what is left of root's rights. */
#include "sections/capabilities.h"

#include "base/suggest.h"
#include "sections/container.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define BIT(capability) (UINT64_C(1) << (capability))

const struct name capabilities_names[] = {
    { "CAP_CHOWN", 0 },
    { "CAP_DAC_OVERRIDE", 1 },
    { "CAP_DAC_READ_SEARCH", 2 },
    { "CAP_FOWNER", 3 },
    { "CAP_FSETID", 4 },
    { "CAP_KILL", 5 },
    { "CAP_SETGID", 6 },
    { "CAP_SETUID", 7 },
    { "CAP_SETPCAP", 8 },
    { "CAP_LINUX_IMMUTABLE", 9 },
    { "CAP_NET_BIND_SERVICE", 10 },
    { "CAP_NET_BROADCAST", 11 },
    { "CAP_NET_ADMIN", 12 },
    { "CAP_NET_RAW", 13 },
    { "CAP_IPC_LOCK", 14 },
    { "CAP_IPC_OWNER", 15 },
    { "CAP_SYS_MODULE", 16 },
    { "CAP_SYS_RAWIO", 17 },
    { "CAP_SYS_CHROOT", 18 },
    { "CAP_SYS_PTRACE", 19 },
    { "CAP_SYS_PACCT", 20 },
    { "CAP_SYS_ADMIN", 21 },
    { "CAP_SYS_BOOT", 22 },
    { "CAP_SYS_NICE", 23 },
    { "CAP_SYS_RESOURCE", 24 },
    { "CAP_SYS_TIME", 25 },
    { "CAP_SYS_TTY_CONFIG", 26 },
    { "CAP_MKNOD", 27 },
    { "CAP_LEASE", 28 },
    { "CAP_AUDIT_WRITE", 29 },
    { "CAP_AUDIT_CONTROL", 30 },
    { "CAP_SETFCAP", 31 },
    { "CAP_MAC_OVERRIDE", 32 },
    { "CAP_MAC_ADMIN", 33 },
    { "CAP_SYSLOG", 34 },
    { "CAP_WAKE_ALARM", 35 },
    { "CAP_BLOCK_SUSPEND", 36 },
    { "CAP_AUDIT_READ", 37 },
    { "CAP_PERFMON", 38 },            /* Linux 5.8 */
    { "CAP_BPF", 39 },                /* Linux 5.8 */
    { "CAP_CHECKPOINT_RESTORE", 40 }, /* Linux 5.9 */
    { 0 },
};

struct sets {
    uint64_t bounding, effective, inheritable, permitted, ambient;
};

/* --- what is asked for: pure --- */

/* The spec: a name that means nothing to us is worth a warning, never a failure. ALL may be NULL.
 */
static uint64_t read_set(const struct json_string_list *names, const char *set,
                         struct problems *all)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < names->n; i++) {
        const struct name *known = name_find(capabilities_names, names->at[i]);

        if (known)
            bits |= BIT(known->number);
        if (known || all == NULL)
            continue;
        caution(all, at("process.capabilities.%s[%zu]", set, i),
                "unknown capability %s is left out", names->at[i]);
        suggest_name(all, names->at[i], capabilities_names);
    }
    return bits;
}

/* Names of the set, cut where OUT ends. */
static const char *name_all(uint64_t bits, char *out, size_t room)
{
    size_t used = 0;

    out[0] = 0;
    for (unsigned i = 0; i < 64 && used < room; i++) {
        const char *name = bits & BIT(i) ? name_of(capabilities_names, i) : NULL;

        if (name)
            used += (size_t)snprintf(out + used, room - used, "%s%s", used ? " " : "", name);
    }
    return out;
}

/* What of SET the kernel would refuse because it is not in LIMIT goes. */
static void trim(uint64_t *set, uint64_t limit, const char *name, const char *limit_name,
                 struct problems *all)
{
    uint64_t extra = *set & ~limit;
    char names[160];

    *set &= limit;
    if (extra && all)
        caution(all, at("process.capabilities.%s", name), "not in %s, left out: %s", limit_name,
                name_all(extra, names, sizeof names));
}

static struct sets read_sets(const struct oci_process *process, struct problems *all)
{
    const struct oci_capabilities *given = process ? process->capabilities : NULL;
    struct sets sets = { 0 };

    /* Absent, as empty: nobody is granted what nobody asked for. */
    if (given == NULL)
        return sets;
    sets.bounding = read_set(&given->bounding, "bounding", all);
    sets.effective = read_set(&given->effective, "effective", all);
    sets.inheritable = read_set(&given->inheritable, "inheritable", all);
    sets.permitted = read_set(&given->permitted, "permitted", all);
    sets.ambient = read_set(&given->ambient, "ambient", all);
    trim(&sets.effective, sets.permitted, "effective", "permitted", all);
    trim(&sets.inheritable, sets.bounding, "inheritable", "bounding", all);
    trim(&sets.ambient, sets.permitted & sets.inheritable, "ambient", "permitted and inheritable",
         all);
    return sets;
}

void capabilities_check(const struct oci_config *spec, struct problems *all)
{
    (void)read_sets(spec->process, all);
}

static void explain_set(struct explain *to, const char *name, uint64_t bits)
{
    char names[1024];

    explain(to, "%-11s %016" PRIx64 " %s", name, bits, name_all(bits, names, sizeof names));
}

void capabilities_explain(const struct container *c, struct explain *to)
{
    struct sets sets = read_sets(c->process, NULL);

    if (c->process == NULL)
        return;
    explain_set(to, "bounding", sets.bounding);
    explain_set(to, "effective", sets.effective);
    explain_set(to, "inheritable", sets.inheritable);
    explain_set(to, "permitted", sets.permitted);
    explain_set(to, "ambient", sets.ambient);
    explain(to, "no_new_privs %s", c->process->no_new_privileges ? "set" : "not set");
}

/* --- the kernel's --- */

static int get(struct sets *ret)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct half[2];

    if (syscall(SYS_capget, &header, half) < 0)
        return -1;
    ret->effective = half[0].effective | (uint64_t)half[1].effective << 32;
    ret->permitted = half[0].permitted | (uint64_t)half[1].permitted << 32;
    ret->inheritable = half[0].inheritable | (uint64_t)half[1].inheritable << 32;
    return 0;
}

static int set(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct half[2] = {
        { (uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable },
        { (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32) },
    };

    return (int)syscall(SYS_capset, &header, half);
}

int capabilities_raise(bool raised)
{
    struct sets now;

    if (get(&now) < 0)
        return -1;
    return set(raised ? now.permitted : 0, now.permitted, now.inheritable);
}

int capabilities_use(const struct container *c)
{
    struct sets now;

    if (get(&now) < 0)
        return -1;
    return set(read_sets(c->process, NULL).effective & now.permitted, now.permitted,
               now.inheritable);
}

/* The bounding set, bit by bit, up to the last one that this kernel has. */
static uint64_t get_bounding(void)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < 64; i++) {
        int is_set = prctl(PR_CAPBSET_READ, i, 0, 0, 0);

        if (is_set < 0)
            break;
        if (is_set)
            bits |= BIT(i);
    }
    return bits;
}

static int set_ambient(uint64_t wanted, struct error *why)
{
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return fail(why, errno, "clear the ambient capabilities");
    for (unsigned i = 0; i < 64; i++)
        if (wanted & BIT(i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0) {
            (void)fail(why, errno, "raise ambient capability %s", name_of(capabilities_names, i));
            return fail_at(why, "process.capabilities.ambient");
        }
    return 0;
}

/* For changing root, terminals, users and the bounding set: engines give these to every container.
 */
enum {
    NEEDED_TO_BECOME = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_SETGID) | BIT(CAP_SETUID) |
                       BIT(CAP_SETPCAP) | BIT(CAP_SYS_CHROOT),
};

int capabilities_prepare(const struct container *c, struct error *why)
{
    struct sets wanted = read_sets(c->process, NULL), now;
    uint64_t kept = wanted.permitted | NEEDED_TO_BECOME;

    if (seccomp_needs_privilege(c))
        kept |= BIT(CAP_SYS_ADMIN);
    if (get(&now) < 0 || set(now.effective & kept, now.permitted & kept, now.inheritable) < 0)
        return fail(why, errno, "limit the capabilities");
    return 0;
}

/* --- steps --- */

int capabilities_bound(struct container *c, struct error *why)
{
    struct sets wanted = read_sets(c->process, NULL), now;
    uint64_t bounding, missing;
    char names[512];

    if (c->process == NULL)
        return 0;
    bounding = get_bounding();
    if (get(&now) < 0)
        return fail(why, errno, "read the capabilities");
    missing = (wanted.bounding & ~bounding) | (wanted.permitted & ~now.permitted);
    if (missing)
        container_warn(c, "process.capabilities: the runtime has not got and cannot grant: %s",
                       name_all(missing, names, sizeof names));
    for (unsigned i = 0; i < 64; i++)
        if (bounding & ~wanted.bounding & BIT(i) && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0) {
            (void)fail(why, errno, "drop capability %u from the bounding set", i);
            return fail_at(why, "process.capabilities.bounding");
        }
    c->bounding = bounding & wanted.bounding;
    /* Or setuid(2) away from root would take all that is permitted. execve clears it. */
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
        return fail(why, errno, "keep the capabilities over setuid");
    return 0;
}

/* What can be granted of what is asked for, given what is left: both steps below come to the same
 * sets. */
static int choose(const struct container *c, struct sets *ret, struct error *why)
{
    struct sets now;

    *ret = read_sets(c->process, NULL);
    if (get(&now) < 0)
        return fail(why, errno, "read the capabilities");
    ret->bounding = c->bounding;
    ret->permitted &= now.permitted;
    ret->effective &= ret->permitted;
    ret->inheritable &= ret->bounding;
    ret->ambient &= ret->permitted & ret->inheritable;
    return 0;
}

/* While INIT waits for start, which may take for ever, it has no more than the program will have,
   but for the one right that loading a filter needs. */
int capabilities_limit(struct container *c, struct error *why)
{
    struct sets wanted, now;
    uint64_t kept;

    if (choose(c, &wanted, why) < 0)
        return -1;
    if (get(&now) < 0)
        return fail(why, errno, "read the capabilities");
    kept = wanted.permitted;
    if (seccomp_needs_privilege(c))
        kept |= now.permitted & BIT(CAP_SYS_ADMIN);
    if (set(kept, kept, wanted.inheritable) < 0)
        return fail(why, errno, "limit the capabilities");
    return set_ambient(wanted.ambient, why);
}

/* Trust, but look: a kernel that grants more than was asked for is found out before the program
 * runs. */
static int verify(const struct container *c, const struct sets *wanted, struct error *why)
{
    struct sets now;

    if (get(&now) < 0)
        return fail(why, errno, "read the capabilities");
    now.bounding = get_bounding();
    now.ambient = 0;
    for (unsigned i = 0; i < 64; i++) {
        int is_set = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0);

        if (is_set < 0)
            break;
        if (is_set)
            now.ambient |= BIT(i);
    }
    if (memcmp(&now, wanted, sizeof now) != 0)
        return fail(why, 0,
                    "the capabilities are not those asked for: effective %" PRIx64
                    " permitted %" PRIx64 " inheritable %" PRIx64 " bounding %" PRIx64
                    " ambient %" PRIx64,
                    now.effective, now.permitted, now.inheritable, now.bounding, now.ambient);
    if (c->process->no_new_privileges && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return fail(why, 0, "no_new_privs is not set");
    return 0;
}

int capabilities_drop_own(const struct container *c, struct error *why)
{
    struct sets wanted;

    if (choose(c, &wanted, why) < 0)
        return -1;
    if (c->process->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        (void)fail(why, errno, "set no_new_privs");
        return fail_at(why, "process.noNewPrivileges");
    }
    if (set(wanted.effective, wanted.permitted, wanted.inheritable) < 0)
        return fail(why, errno, "drop the capabilities");
    return verify(c, &wanted, why);
}

int capabilities_drop(struct container *c, struct error *why)
{
    return capabilities_drop_own(c, why);
}
