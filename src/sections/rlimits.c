// SPDX-License-Identifier: Apache-2.0
/* process.rlimits: how much of each resource the program may use. */
#include "sections/rlimits.h"
#include "base/names.h"
#include "base/suggest.h"

#include <inttypes.h>
#include <sys/resource.h>

static const struct name types[] = {
    { "RLIMIT_AS", RLIMIT_AS },
    { "RLIMIT_CORE", RLIMIT_CORE },
    { "RLIMIT_CPU", RLIMIT_CPU },
    { "RLIMIT_DATA", RLIMIT_DATA },
    { "RLIMIT_FSIZE", RLIMIT_FSIZE },
    { "RLIMIT_LOCKS", RLIMIT_LOCKS },
    { "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
    { "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
    { "RLIMIT_NICE", RLIMIT_NICE },
    { "RLIMIT_NOFILE", RLIMIT_NOFILE },
    { "RLIMIT_NPROC", RLIMIT_NPROC },
    { "RLIMIT_RSS", RLIMIT_RSS },
    { "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
    { "RLIMIT_RTTIME", RLIMIT_RTTIME },
    { "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
    { "RLIMIT_STACK", RLIMIT_STACK },
    { 0 },
};

void rlimits_check(const struct oci_config *spec, struct problems *all)
{
    unsigned seen = 0;

    if (spec->process == NULL)
        return;
    for (size_t i = 0; i < spec->process->rlimits.n; i++) {
        const struct oci_rlimit *limit = &spec->process->rlimits.at[i];
        const struct name *type = name_find(types, limit->type);

        if (type == NULL) {
            refuse(all, at("process.rlimits[%zu].type", i), "unknown limit %s", limit->type);
            suggest_name(all, limit->type, types);
            continue;
        }
        if (seen & 1u << type->number)
            refuse(all, at("process.rlimits[%zu].type", i), "%s is given twice", limit->type);
        if (limit->soft > limit->hard)
            refuse(all, at("process.rlimits[%zu].soft", i), "the soft limit is above the hard one");
        seen |= 1u << type->number;
    }
}

bool rlimits_are_set(const struct container *c)
{
    return c->process && c->process->rlimits.n > 0;
}

/* To PID, 0 for the caller; what it has afterwards is what was wanted. */
static int set(pid_t pid, int resource, const struct rlimit *wanted)
{
    struct rlimit is;

    if (prlimit(pid, resource, wanted, NULL) < 0 || prlimit(pid, resource, NULL, &is) < 0)
        return -1;
    if (is.rlim_cur != wanted->rlim_cur || is.rlim_max != wanted->rlim_max)
        return errno = ERANGE, -1;
    return 0;
}

/* The hard limit alone: with the soft one INIT goes on as it was born. */
static int raise_hard(pid_t pid, int resource, rlim_t hard)
{
    struct rlimit is;

    if (prlimit(pid, resource, NULL, &is) < 0)
        return -1;
    if (is.rlim_max >= hard)
        return 0;
    is.rlim_max = hard;
    return set(pid, resource, &is);
}

static int fail_limit(const struct container *c, size_t i, struct error *why)
{
    const struct oci_rlimit *limit = &c->process->rlimits.at[i];

    (void)fail(why, errno, "set %s to %" PRIu64 ":%" PRIu64, limit->type, limit->soft, limit->hard);
    if (why->number == EPERM)
        (void)fail_hint(why, "the hard limit is above the runtime's own (or fs.nr_open): it "
                             "needs CAP_SYS_RESOURCE on the host");
    return fail_at(why, "process.rlimits[%zu]", i);
}

/* From outside, with prlimit: raising a hard limit needs the host's CAP_SYS_RESOURCE, which INIT
 * may not have. */
int rlimits_raise(struct container *c, struct error *why)
{
    for (size_t i = 0; i < c->process->rlimits.n; i++) {
        const struct oci_rlimit *limit = &c->process->rlimits.at[i];
        const struct name *type = name_find(types, limit->type);

        if (raise_hard(c->init, type->number, limit->hard) < 0)
            return fail_limit(c, i, why);
    }
    return 0;
}

int rlimits_limit_self(const struct container *c, struct error *why)
{
    for (size_t i = 0; i < c->process->rlimits.n; i++) {
        const struct oci_rlimit *limit = &c->process->rlimits.at[i];
        const struct name *type = name_find(types, limit->type);
        struct rlimit wanted = { .rlim_cur = limit->soft, .rlim_max = limit->hard };

        if (set(0, type->number, &wanted) < 0)
            return fail_limit(c, i, why);
    }
    return 0;
}

int rlimits_apply(struct container *c, struct error *why)
{
    return rlimits_limit_self(c, why);
}

void rlimits_explain(const struct container *c, struct explain *to)
{
    FOREACH (limit, c->process->rlimits)
        explain(to, "%s soft %" PRIu64 " hard %" PRIu64, limit->type, limit->soft, limit->hard);
}
