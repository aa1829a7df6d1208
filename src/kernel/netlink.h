// SPDX-License-Identifier: Apache-2.0
/* rtnetlink(7), as far as moving a network device needs it. A socket speaks for the network
 * namespace it was made in, whichever its holder is in later. */
#pragma once

#include <stdint.h>

enum { NETLINK_MESSAGE_MAX = 512 };

/* An address as the kernel tells it: struct ifaddrmsg and its attributes. */
struct netlink_address {
    uint32_t length;
    _Alignas(4) unsigned char at[NETLINK_MESSAGE_MAX];
};

/* All return 0 (or what is named), or -1 with errno. */

/* A socket of our network namespace. */
int netlink_open(void);

/* The index of the device NAME; RET_FLAGS: its IFF_… flags, may be NULL. ENODEV: there is none. */
int netlink_find(int netlink, const char *name, unsigned *ret_flags);

/* Move the device to the network namespace of NAMESPACE_FD, where it is called NAME and is down. */
int netlink_move(int netlink, int index, int namespace_fd, const char *name);

/* NAME may hold one %d: the kernel puts the first number there that makes it unique. */
int netlink_rename(int netlink, int index, const char *name);

int netlink_raise(int netlink, int index);

/* Called for each permanent address of global scope of the device; what it returns but 0 ends the
 * walk. */
typedef int netlink_visit(const struct netlink_address *address, void *with);
int netlink_addresses(int netlink, int index, netlink_visit *visit, void *with);

/* Give the device an address that it, or another one, had. */
int netlink_add_address(int netlink, int index, const struct netlink_address *address);
