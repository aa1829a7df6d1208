// SPDX-License-Identifier: Apache-2.0
/* The socket between the two sides of the plan, and between INIT and `start`: done, failed, a
 * warning, go. */
#pragma once

#include "sections/container.h"

enum message_kind { MESSAGE_DONE, MESSAGE_FAILED, MESSAGE_WARNING, MESSAGE_GO };

struct message {
    uint32_t kind;    /* enum message_kind */
    uint32_t step;    /* enum step_id */
    struct error why; /* MESSAGE_FAILED; MESSAGE_WARNING uses its text */
};

/* A pair of SOCK_SEQPACKET sockets, close-on-exec. */
int peer_make(int ret[2], struct error *why);

/* 0, or -1 with errno. Only what the kind needs is sent. */
int peer_send(int socket, enum message_kind kind, unsigned step, const struct error *why);

/* MESSAGE_GO to an INIT that waits, with an fd for it; -1: none. 0, or -1 with errno. */
int peer_send_go(int socket, int fd);

/* Whether MESSAGE_GO came; *RET_FD is the fd that came with it, or -1. */
bool peer_receive_go(int socket, int *ret_fd);

/* Of an error that comes from another process: its texts end, and are printable. */
void peer_tidy(struct error *why);

/* 1 a message, 0 end of file, -1 with errno. A message that is not one of ours is EPROTO. */
int peer_receive(int socket, struct message *ret);
