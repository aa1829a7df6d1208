// SPDX-License-Identifier: Apache-2.0
/* A container struct: empty, from a bundle, closed. */
#pragma once

#include "container/lifecycle.h"

/* Holds nothing: every fd is -1. */
struct container container_empty(const struct runtime *runtime, struct arena *arena);

/* Close what it holds; the arena is its owner's. */
void container_close(struct container *c);

/* Read and check BUNDLE/config.json: all that can be refused before the first side effect is
   refused here. Fills bundle, spec, process, namespaces, cgroup and proc_fd. */
int bundle_load(struct container *c, const struct runtime *runtime, const char *bundle,
                const struct container_options *options, struct error *why);

/* Every section's check of SPEC. Warnings are given of what stands at pointers that begin with PART
 * ("": of all). */
int bundle_check(const struct container *c, const struct oci_config *spec, const char *part,
                 struct error *why);

/* 0 when ID may name a container. */
int bundle_check_id(const char *id, struct error *why);

/* Give WHY the line and column of its JSON pointer, where it has one. */
void bundle_locate(const struct container *c, struct error *why);
