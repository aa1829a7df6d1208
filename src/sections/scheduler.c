// SPDX-License-Identifier: Apache-2.0
/* process.scheduler and process.execCPUAffinity: when and where the program gets to run. */
#include "sections/container.h"
#include "sections/number-list.h"

#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>

/* The kernel's struct, which older C libraries do not declare; all of it is of Linux 5.3. */
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t util_min, util_max; /* SCHED_FLAG_UTIL_CLAMP_… needs them to be there */
};

/* SCHED_ISO has a number and no kernel that implements it: the kernel's refusal becomes our error.
 */
static const uint32_t policies[] = {
    [OCI_SCHEDULER_POLICY_OTHER] = 0,    [OCI_SCHEDULER_POLICY_FIFO] = 1,
    [OCI_SCHEDULER_POLICY_RR] = 2,       [OCI_SCHEDULER_POLICY_BATCH] = 3,
    [OCI_SCHEDULER_POLICY_ISO] = 4,      [OCI_SCHEDULER_POLICY_IDLE] = 5,
    [OCI_SCHEDULER_POLICY_DEADLINE] = 6,
};

static const uint64_t flags[] = {
    [OCI_SCHEDULER_FLAG_RESET_ON_FORK] = 0x01,  [OCI_SCHEDULER_FLAG_RECLAIM] = 0x02,
    [OCI_SCHEDULER_FLAG_DL_OVERRUN] = 0x04,     [OCI_SCHEDULER_FLAG_KEEP_POLICY] = 0x08,
    [OCI_SCHEDULER_FLAG_KEEP_PARAMS] = 0x10,    [OCI_SCHEDULER_FLAG_UTIL_CLAMP_MIN] = 0x20,
    [OCI_SCHEDULER_FLAG_UTIL_CLAMP_MAX] = 0x40,
};

enum { NICE_MIN = -20, NICE_MAX = 19, PRIORITY_MIN = 1, PRIORITY_MAX = 99 };

static void check_deadline(const struct oci_scheduler *wanted, struct problems *all)
{
    if (wanted->policy != OCI_SCHEDULER_POLICY_DEADLINE) {
        if (wanted->runtime || wanted->deadline || wanted->period)
            refuse(all, "process.scheduler",
                   "runtime, deadline and period go with SCHED_DEADLINE only");
        return;
    }
    if (wanted->runtime == 0)
        refuse(all, "process.scheduler.runtime", "SCHED_DEADLINE needs a runtime above 0 ns");
    if (wanted->deadline == 0)
        refuse(all, "process.scheduler.deadline", "SCHED_DEADLINE needs a deadline above 0 ns");
    if (wanted->runtime > wanted->deadline)
        refuse(all, "process.scheduler.runtime", "the runtime is longer than the deadline");
    /* A period of 0 stands for the deadline's. */
    if (wanted->period && wanted->deadline > wanted->period)
        refuse(all, "process.scheduler.deadline", "the deadline is longer than the period");
}

static void check_policy(const struct oci_scheduler *wanted, struct problems *all)
{
    const char *policy = oci_scheduler_policy_names[wanted->policy];
    bool is_realtime =
        wanted->policy == OCI_SCHEDULER_POLICY_FIFO || wanted->policy == OCI_SCHEDULER_POLICY_RR;

    if (wanted->nice < NICE_MIN || wanted->nice > NICE_MAX)
        refuse(all, "process.scheduler.nice", "%d is not between %d and %d", wanted->nice, NICE_MIN,
               NICE_MAX);
    if (is_realtime && (wanted->priority < PRIORITY_MIN || wanted->priority > PRIORITY_MAX))
        refuse(all, "process.scheduler.priority", "%s needs one between %d and %d, not %d", policy,
               PRIORITY_MIN, PRIORITY_MAX, wanted->priority);
    if (!is_realtime && wanted->priority != 0)
        refuse(all, "process.scheduler.priority", "%s takes no priority", policy);
    /* The structure of the spec has no member for the value that these flags announce. */
    for (size_t i = 0; i < wanted->flags.n; i++)
        if (wanted->flags.at[i] == OCI_SCHEDULER_FLAG_UTIL_CLAMP_MIN ||
            wanted->flags.at[i] == OCI_SCHEDULER_FLAG_UTIL_CLAMP_MAX)
            caution(all, at("process.scheduler.flags[%zu]", i),
                    "%s comes with no value in the spec: 0 is used",
                    oci_scheduler_flag_names[wanted->flags.at[i]]);
}

static void check_cpus(const char *cpus, const char *pointer, struct problems *all)
{
    struct number_list list;

    if (cpus && !number_list_parse(cpus, &list))
        refuse(all, pointer, "\"%s\" is not a list of cpus such as 0-3,7", cpus);
}

void scheduler_check(const struct oci_config *spec, struct problems *all)
{
    if (spec->process == NULL)
        return;
    if (spec->process->scheduler) {
        check_policy(spec->process->scheduler, all);
        check_deadline(spec->process->scheduler, all);
    }
    if (spec->process->exec_cpu_affinity) {
        check_cpus(spec->process->exec_cpu_affinity->initial, "process.execCPUAffinity.initial",
                   all);
        check_cpus(spec->process->exec_cpu_affinity->final, "process.execCPUAffinity.final", all);
    }
}

/* execCPUAffinity is for processes that join a container, as its name says. */
static const char *wanted_cpus(const struct container *c, bool is_final)
{
    const struct oci_exec_cpu_affinity *wanted =
        c->verb == VERB_EXEC && c->process ? c->process->exec_cpu_affinity : NULL;
    const char *cpus = wanted == NULL ? NULL : is_final ? wanted->final : wanted->initial;

    return cpus && cpus[0] ? cpus : NULL;
}

static int place(const struct container *c, bool is_final, struct error *why)
{
    const char *cpus = wanted_cpus(c, is_final);
    struct number_list list;

    if (cpus == NULL)
        return 0;
    if (!number_list_parse(cpus, &list))
        return fail(why, EINVAL, "read the cpu list %s", cpus);
    if (sched_setaffinity(c->init, sizeof list, (const cpu_set_t *)(const void *)&list) == 0)
        return 0;
    (void)fail(why, errno, "run on the cpus %s", cpus);
    if (why->number == EINVAL)
        (void)fail_hint(why, "none of these cpus is online and in the container's cpuset");
    return fail_at(why, "process.execCPUAffinity.%s", is_final ? "final" : "initial");
}

bool scheduler_is_inherited(const struct container *c)
{
    return wanted_cpus(c, false) == NULL && wanted_cpus(c, true) == NULL;
}

/* Best effort: the kernel leaves of all cpus those of the cpuset. */
int scheduler_unbind(struct container *c, struct error *why)
{
    struct number_list all;

    memset(&all, 0xff, sizeof all);
    (void)sched_setaffinity(0, sizeof all, (const cpu_set_t *)(const void *)&all);
    return keep(c, why);
}

bool scheduler_is_placed(const struct container *c)
{
    return wanted_cpus(c, false) != NULL;
}

int scheduler_place(struct container *c, struct error *why)
{
    return place(c, false, why);
}

bool scheduler_is_set(const struct container *c)
{
    return c->process && (c->process->scheduler || wanted_cpus(c, true));
}

int scheduler_apply(struct container *c, struct error *why)
{
    const struct oci_scheduler *wanted = c->process->scheduler;

    /* Before the policy: a SCHED_DEADLINE process may not change its cpus. */
    if (place(c, true, why) < 0)
        return -1;
    if (wanted == NULL)
        return 0;

    struct attributes attributes = {
        .size = sizeof attributes,
        .policy = policies[wanted->policy],
        .nice = wanted->nice,
        .priority = (uint32_t)wanted->priority,
        .runtime = wanted->runtime,
        .deadline = wanted->deadline,
        .period = wanted->period,
    };

    FOREACH (flag, wanted->flags)
        attributes.flags |= flags[*flag];
    if (syscall(SYS_sched_setattr, c->init, &attributes, 0) == 0)
        return 0;
    (void)fail(why, errno, "set the scheduler to %s", oci_scheduler_policy_names[wanted->policy]);
    if (why->number == EPERM)
        (void)fail_hint(why, "it needs CAP_SYS_NICE on the host and, on cgroup v1, a real-time "
                             "budget in the container's cpu cgroup");
    else if (why->number == EBUSY)
        (void)fail_hint(why, "the kernel cannot promise that much processor time");
    else if (why->number == EINVAL)
        (void)fail_hint(why, "this kernel does not know the policy or one of its flags");
    else if (why->number == EOPNOTSUPP)
        (void)fail_hint(why, "this kernel has no utilization clamping (CONFIG_UCLAMP_TASK)");
    return fail_at(why, "process.scheduler");
}

void scheduler_explain(const struct container *c, struct explain *to)
{
    const struct oci_scheduler *wanted = c->process->scheduler;

    if (wanted)
        explain(to, "%s nice %d priority %d", oci_scheduler_policy_names[wanted->policy],
                wanted->nice, wanted->priority);
    if (wanted_cpus(c, true))
        explain(to, "cpus %s", wanted_cpus(c, true));
}
