// SPDX-License-Identifier: Apache-2.0
/* A new network namespace: its loopback. */
#include "sections/container.h"
#include "sections/namespaces-wanted.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

bool network_is_new(const struct container *c)
{
    return namespace_is_new(c->spec, OCI_NAMESPACE_TYPE_NETWORK);
}

void network_explain(const struct container *c, struct explain *to)
{
    (void)c;
    explain(to, "lo up");
}

int network_raise_loopback(struct container *c, struct error *why)
{
    /* Any socket will do for this ioctl; a unix one is there in every kernel and cheapest. */
    autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };

    (void)c;
    if (fd < 0)
        return fail(why, errno, "make a socket");
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        return fail(why, errno, "raise the loopback device");
    return 0;
}
