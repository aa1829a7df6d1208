// SPDX-License-Identifier: Apache-2.0
/* What checkpoint and restore have to agree on. */
#pragma once

#include "sections/container.h"

/* Under these names criu knows namespaces of others; as with runc. */
#define RESTORE_NETWORK_KEY "extRootNetNS"
#define RESTORE_PID_KEY     "extRootPidNS"

/* Refuse what could not be restored, before it is checkpointed and before it is restored. */
int restore_check(const struct container *c, struct error *why);
