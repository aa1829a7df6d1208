// SPDX-License-Identifier: Apache-2.0
/* What init.c needs to know of linux.namespaces: kernel flags, and joining in the right order. */
#pragma once

#include "sections/container.h"

/* Fill new_namespaces and joined_namespaces from the spec; pure. */
void namespaces_choose(struct container *c);

/* The caller joins every namespace that namespaces_open opened; the pid namespace counts for its
 * next child. */
int namespaces_join(const struct container *c, struct error *why);

/* exec, where INIT's first thread has ended and others have not: join theirs. Changes
   c->namespace_fds. */
int namespaces_join_threads(struct container *c, struct error *why);

/* Whether PID, which others made for us, is in the namespaces that the spec asks for: those that
   namespaces_open opened, and else none of ours. */
int namespaces_verify(const struct container *c, pid_t pid, struct error *why);

/* Whether the namespace of TYPE that namespaces_open opened is RUNTIME's own: 1, 0 (also where none
   is given by path), or -1. */
int namespaces_is_ours(const struct container *c, enum oci_namespace_type type, struct error *why);
