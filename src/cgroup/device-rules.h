// SPDX-License-Identifier: Apache-2.0
/* linux.resources.devices: which device nodes may be made, read and written. Private to cgroup/. */
#pragma once

#include "cgroup/writing.h"

#include <linux/bpf.h>

/* What every container may do, whatever its rules: make any node, use those that every program
 * expects, and terminals. */
const struct oci_device_rule *device_rules_default(size_t *ret_n);

/* Nothing is allowed but what RULES, each overruling those before it, and after them the default
 * rules say. */

/* v1: devices.deny and devices.allow. 0 or -1 with errno. */
int device_rules_write(struct writing *to, const struct oci_device_rule_list *rules);

/* v2: an eBPF program on the cgroup. 0 or -1 with errno. */
int device_rules_attach(struct writing *to, const struct oci_device_rule_list *rules);

/* The program, at most ROOM instructions: their number, 0 when there is no room. */
size_t device_rules_compile(const struct oci_device_rule_list *rules, struct bpf_insn *out,
                            size_t room);
