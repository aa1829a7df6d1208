// SPDX-License-Identifier: Apache-2.0
/* Hooks: programs of the engine that run at fixed points of a container's life. */
#pragma once

#include "sections/container.h"

enum hook_kind {
    HOOK_PRESTART,
    HOOK_CREATE_RUNTIME,
    HOOK_CREATE_CONTAINER,
    HOOK_START_CONTAINER,
    HOOK_POSTSTART,
    HOOK_POSTSTOP,
};

/* Run all hooks of KIND in their order, each with the container's state on its stdin. The first one
   that fails ends it; of HOOK_POSTSTOP a failure is a warning, and the others run all the same.
   c->init is the pid that hooks on the RUNTIME side are told; 0: none. Reads c->spec, c->id,
   c->bundle, c->side, c->init, c->log. */
int hooks_run(const struct container *c, enum hook_kind kind, struct error *why);

/* Run one: hooks-run.c. LIMITED: whose process.rlimits it has, NULL: nobody's. STATE is its stdin;
   FILES: where its stdout and stderr go, -1 for the end of them to be in the error. NAME:
   "hooks.poststop[0]". */
int hooks_run_one(const struct oci_hook *hook, const struct container *limited, const char *name,
                  const char *state, size_t state_length, const int files[2], struct error *why);
