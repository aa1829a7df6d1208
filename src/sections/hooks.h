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

/* How hooks of a kind are run. */
struct hook_call {
    const struct container *c;
    bool is_confined; /* it is a program of the image: what holds for the container's own program
                         holds for it, too */
    bool is_last; /* after the container's end: whoever wants the command to end wants this, too */
    const char *state; /* its stdin */
    size_t state_length;
    const int *files; /* where its stdout and stderr go; -1: the end of them is in the error */
};

/* Run one, NAME ("hooks.poststop[0]"): hooks-run.c. */
int hooks_run_one(const struct oci_hook *hook, const char *name, const struct hook_call *call,
                  struct error *why);
