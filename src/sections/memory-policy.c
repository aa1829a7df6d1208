// SPDX-License-Identifier: Apache-2.0
/* linux.memoryPolicy: from which NUMA nodes memory comes. */
#include "sections/container.h"
#include "sections/number-list.h"

#include <linux/mempolicy.h>
#include <string.h>
#include <sys/syscall.h>

/* Newer than the build's headers may be: MPOL_PREFERRED_MANY is of Linux 5.15,
 * MPOL_WEIGHTED_INTERLEAVE of 6.9. */
enum { POLICY_PREFERRED_MANY = 5, POLICY_WEIGHTED_INTERLEAVE = 6, FLAG_NUMA_BALANCING = 1 << 13 };

enum nodes_rule { NODES_FORBIDDEN, NODES_OPTIONAL, NODES_REQUIRED };

static const struct mode {
    int number;
    enum nodes_rule nodes;
} modes[] = {
    [OCI_MEMORY_POLICY_MODE_DEFAULT] = { MPOL_DEFAULT, NODES_FORBIDDEN },
    [OCI_MEMORY_POLICY_MODE_BIND] = { MPOL_BIND, NODES_REQUIRED },
    [OCI_MEMORY_POLICY_MODE_INTERLEAVE] = { MPOL_INTERLEAVE, NODES_REQUIRED },
    [OCI_MEMORY_POLICY_MODE_WEIGHTED_INTERLEAVE] = { POLICY_WEIGHTED_INTERLEAVE, NODES_REQUIRED },
    [OCI_MEMORY_POLICY_MODE_PREFERRED] = { MPOL_PREFERRED, NODES_OPTIONAL },
    [OCI_MEMORY_POLICY_MODE_PREFERRED_MANY] = { POLICY_PREFERRED_MANY, NODES_REQUIRED },
    [OCI_MEMORY_POLICY_MODE_LOCAL] = { MPOL_LOCAL, NODES_FORBIDDEN },
};

static const int flags[] = {
    [OCI_MEMORY_POLICY_FLAG_NUMA_BALANCING] = FLAG_NUMA_BALANCING,
    [OCI_MEMORY_POLICY_FLAG_RELATIVE_NODES] = MPOL_F_RELATIVE_NODES,
    [OCI_MEMORY_POLICY_FLAG_STATIC_NODES] = MPOL_F_STATIC_NODES,
};

static int all_flags(const struct oci_memory_policy *policy)
{
    int all = 0;

    FOREACH (flag, policy->flags)
        all |= flags[*flag];
    return all;
}

void memory_policy_check(const struct oci_config *spec, struct problems *all)
{
    const struct oci_memory_policy *policy = spec->linux ? spec->linux->memory_policy : NULL;
    struct number_list nodes;

    if (policy == NULL)
        return;

    const char *text = policy->nodes ? policy->nodes : "";
    const struct mode *mode = &modes[policy->mode];
    int chosen = all_flags(policy);

    if (!number_list_parse(text, &nodes))
        refuse(all, "linux.memoryPolicy.nodes", "\"%s\" is not a list of nodes such as 0-3,7",
               text);
    else if (text[0] && mode->nodes == NODES_FORBIDDEN)
        refuse(all, "linux.memoryPolicy.nodes", "%s takes no nodes",
               oci_memory_policy_mode_names[policy->mode]);
    else if (!text[0] && mode->nodes == NODES_REQUIRED)
        refuse(all, "linux.memoryPolicy.nodes", "%s needs nodes",
               oci_memory_policy_mode_names[policy->mode]);
    if (chosen & MPOL_F_RELATIVE_NODES && chosen & MPOL_F_STATIC_NODES)
        refuse(all, "linux.memoryPolicy.flags", "relative and static nodes exclude each other");
    if (chosen && !text[0])
        refuse(all, "linux.memoryPolicy.flags", "flags need nodes");
    if (chosen & FLAG_NUMA_BALANCING && mode->number != MPOL_BIND &&
        mode->number != POLICY_PREFERRED_MANY)
        refuse(all, "linux.memoryPolicy.flags",
               "MPOL_F_NUMA_BALANCING goes with MPOL_BIND or MPOL_PREFERRED_MANY only");
}

bool memory_policy_is_set(const struct container *c)
{
    return c->spec->linux && c->spec->linux->memory_policy;
}

int memory_policy_set(struct container *c, struct error *why)
{
    const struct oci_memory_policy *policy = c->spec->linux->memory_policy;
    int mode = modes[policy->mode].number | all_flags(policy);
    bool has_nodes = policy->nodes && policy->nodes[0];
    struct number_list nodes;

    if (has_nodes && !number_list_parse(policy->nodes, &nodes))
        return fail(why, EINVAL, "read the nodes %s", policy->nodes);
    if (syscall(SYS_set_mempolicy, mode, has_nodes ? nodes.word : NULL,
                has_nodes ? NUMBER_LIST_BITS : 0) == 0)
        return 0;
    (void)fail(why, errno, "set the memory policy to %s %s",
               oci_memory_policy_mode_names[policy->mode], has_nodes ? policy->nodes : "");
    if (why->number == EINVAL)
        (void)fail_hint(why, "the kernel lacks this policy, or none of the nodes is one that the "
                             "container may use");
    return fail_at(why, "linux.memoryPolicy");
}

void memory_policy_explain(const struct container *c, struct explain *to)
{
    const struct oci_memory_policy *policy = c->spec->linux->memory_policy;

    explain(to, "%s nodes \"%s\"", oci_memory_policy_mode_names[policy->mode],
            policy->nodes ? policy->nodes : "");
}
