// SPDX-License-Identifier: Apache-2.0
/* linux.resources.devices: which device nodes may be made, read and written. Private to cgroup/. */
#pragma once

#include "cgroup/limits/writing.h"

#include <linux/bpf.h>

/* What every container may do, whatever its rules: make any node, use those that every program
 * expects, and terminals. */
const struct oci_device_rule *device_rules_default(size_t *ret_n);

/* Both say the same, in the same order. */
bool device_rules_are_equal(const struct oci_device_rule_list *a,
                            const struct oci_device_rule_list *b);

/* Nothing is allowed but what RULES, each overruling those before it, and after them the default
 * rules say. */

/* v1: devices.deny and devices.allow; from what is in force (devices_held of the cgroup) one
   exception after the other, as far as the default stays. 0 or -1 with errno. */
int device_rules_write(struct writing *to, const struct oci_device_rule_list *rules);

/* v1: whether RULES have another default than the cgroup has now: then all of them are written
   anew, and some are missing meanwhile. */
bool device_rules_change_default(const struct cgroup *cgroup,
                                 const struct oci_device_rule_list *rules);

/* As v1 has them: what is allowed and, one by one, the exceptions from it. */
struct device_exception {
    char type;            /* 'b', 'c' */
    int64_t major, minor; /* -1: all */
    char access[4];       /* some of "rwm" */
};
typedef bool device_visit(void *context, const struct device_exception *one);

/* *RET_ALLOW: what holds for all but the exceptions. 0, or -1 when a rule takes back part of
   another one, which such a list cannot say, or VISIT returned false. */
int device_rules_visit(const struct oci_device_rule_list *rules, bool *ret_allow,
                       device_visit *visit, void *context);

/* v2: an eBPF program on the cgroup, in place of the one that we attached before. 0 or -1 with
 * errno. */
int device_rules_attach(struct writing *to, const struct oci_device_rule_list *rules);

/* The program, at most ROOM instructions: their number, 0 when there is no room. */
size_t device_rules_compile(const struct oci_device_rule_list *rules, struct bpf_insn *out,
                            size_t room);
