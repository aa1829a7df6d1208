// SPDX-License-Identifier: Apache-2.0
/* Where the notify socket is. */
#pragma once

#include "sections/container.h"

/* In the state folder; the socket in it is made by who listens (container/readiness.c). */
#define NOTIFY_SOCKET_FOLDER "notify"
#define NOTIFY_SOCKET_NAME   "notify.sock"

/* In the container; as with runc. */
#define NOTIFY_SOCKET_INSIDE "/run/notify/" NOTIFY_SOCKET_NAME
