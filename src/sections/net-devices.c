// SPDX-License-Identifier: Apache-2.0
/* linux.netDevices: network devices of the host that move into the container's network namespace,
 * with their permanent addresses. They are not brought back when it ends: the namespace owns them.
 */
#include "kernel/netlink.h"
#include "sections/container.h"
#include "sections/namespaces-wanted.h"

#include <ctype.h>
#include <fcntl.h>
#include <linux/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct kept_address {
    struct kept_address *next;
    struct netlink_address address;
};

/* c->net_devices: what has been moved, to go back if create fails. */
struct moved {
    struct moved *next;
    const char *name; /* on the host */
    int index;        /* in the container */
    bool was_up;
    struct kept_address *addresses;
};

struct net_devices {
    int host, inside;         /* netlink sockets of both network namespaces */
    int host_net, inside_net; /* fds of both */
    struct arena *arena;
    struct moved *moved;
};

/* --- check --- */

/* As the kernel has it, with one %d where it is to choose a number. */
static const char *fault_of_name(const char *name, bool may_be_pattern)
{
    const char *percent = strchr(name, '%');

    if (*name == 0)
        return "is empty";
    if (strlen(name) >= IFNAMSIZ)
        return "is longer than a device's name can be";
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return "is no name for a device";
    for (const char *at = name; *at; at++)
        if (*at == '/' || *at == ':' || isspace((unsigned char)*at))
            return "holds a character that a device's name cannot";
    if (percent && (!may_be_pattern || percent[1] != 'd' || strchr(percent + 1, '%')))
        return may_be_pattern ? "may hold one %d, and no other %" : "holds a %";
    return NULL;
}

static const char *name_inside(const struct oci_linux *linux_, size_t i)
{
    const char *name = linux_->net_devices.at[i].name;

    return name && *name ? name : linux_->net_devices.key[i];
}

void net_devices_check(const struct oci_config *spec, struct problems *all)
{
    const struct oci_linux *linux_ = spec->linux;

    if (linux_ == NULL || linux_->net_devices.n == 0)
        return;
    if (namespace_wanted(spec, OCI_NAMESPACE_TYPE_NETWORK) == NULL)
        refuse(all, "linux.netDevices", "needs a network namespace of the container");
    for (size_t i = 0; i < linux_->net_devices.n; i++) {
        const char *host = linux_->net_devices.key[i], *inside = name_inside(linux_, i);
        const char *fault = fault_of_name(host, false);

        if (fault)
            refuse(all, at("linux.netDevices[\"%s\"]", host), "the device's name %s", fault);
        fault = inside == host ? NULL : fault_of_name(inside, true);
        if (fault)
            refuse(all, at("linux.netDevices[\"%s\"].name", host), "\"%s\" %s", inside, fault);
        for (size_t j = 0; j < i && !strchr(inside, '%'); j++)
            if (strcmp(name_inside(linux_, j), inside) == 0)
                refuse(all, at("linux.netDevices[\"%s\"].name", host),
                       "another device is to be called %s, too", inside);
    }
}

bool net_devices_are_given(const struct container *c)
{
    return c->spec->linux && c->spec->linux->net_devices.n > 0;
}

void net_devices_explain(const struct container *c, struct explain *to)
{
    for (size_t i = 0; i < c->spec->linux->net_devices.n; i++)
        explain(to, "%s becomes %s, up", c->spec->linux->net_devices.key[i],
                name_inside(c->spec->linux, i));
}

/* --- the two namespaces --- */

/* A socket stays in the namespace where it was made. */
static int open_inside(const struct net_devices *devices, struct error *why)
{
    autoclose int fd = -1;
    int number;

    if (setns(devices->inside_net, CLONE_NEWNET) < 0)
        return fail(why, errno, "enter the container's network namespace");
    fd = netlink_open();
    number = errno;
    if (setns(devices->host_net, CLONE_NEWNET) < 0)
        return fail(why, errno, "come back from the container's network namespace");
    return fd >= 0 ? take_fd(fd) : fail(why, number, "make a netlink socket");
}

static int open_namespaces(struct container *c, struct net_devices *devices, struct error *why)
{
    int joined = c->namespace_fds[OCI_NAMESPACE_TYPE_NETWORK];
    struct stat host, inside;
    char path[32];

    (void)snprintf(path, sizeof path, "%d/ns/net", (int)c->init);
    /* Links of procfs that lead out of it by nature, below the verified handle. */
    devices->host_net = openat(c->proc_fd, "self/ns/net", O_RDONLY | O_CLOEXEC);
    devices->inside_net = joined >= 0 ? fcntl(joined, F_DUPFD_CLOEXEC, 3)
                                      : openat(c->proc_fd, path, O_RDONLY | O_CLOEXEC);
    if (devices->host_net < 0 || devices->inside_net < 0 || fstat(devices->host_net, &host) < 0 ||
        fstat(devices->inside_net, &inside) < 0)
        return fail(why, errno, "open the network namespaces");
    if (host.st_dev == inside.st_dev && host.st_ino == inside.st_ino) {
        (void)fail(why, 0, "the container's network namespace is the runtime's own");
        return fail_code(why, ERROR_SPEC);
    }
    devices->host = netlink_open();
    if (devices->host < 0)
        return fail(why, errno, "make a netlink socket");
    devices->inside = open_inside(devices, why);
    return devices->inside < 0 ? -1 : 0;
}

static void close_namespaces(struct net_devices *devices)
{
    close_fd(&devices->host);
    close_fd(&devices->inside);
    close_fd(&devices->host_net);
    close_fd(&devices->inside_net);
}

/* --- one device --- */

struct keeping {
    struct arena *arena;
    struct kept_address **last;
};

static int keep_address(const struct netlink_address *address, void *with)
{
    struct keeping *keeping = with;
    struct kept_address *kept = arena_alloc(keeping->arena, sizeof *kept);

    if (kept == NULL) {
        errno = ENOMEM;
        return -1;
    }
    *kept = (struct kept_address){ .address = *address };
    /* In their order: the first of a network is the one that packets are sent from. */
    *keeping->last = kept;
    keeping->last = &kept->next;
    return 0;
}

static int restore_addresses(int netlink, int index, const struct moved *device)
{
    for (const struct kept_address *kept = device->addresses; kept; kept = kept->next)
        if (netlink_add_address(netlink, index, &kept->address) < 0)
            return -1;
    return 0;
}

/* Best effort: the host has what it had. */
static void give_back(const struct net_devices *devices, const struct moved *device)
{
    int index;

    if (netlink_move(devices->inside, device->index, devices->host_net, device->name) < 0)
        return;
    index = netlink_find(devices->host, device->name, NULL);
    if (index < 0)
        return;
    (void)restore_addresses(devices->host, index, device);
    if (device->was_up)
        (void)netlink_raise(devices->host, index);
}

/* The name of the moment: a pattern's number is known to the kernel alone, and a device must be
   found again. */
static const char *landing_name(const char *name, char room[IFNAMSIZ])
{
    if (!strchr(name, '%'))
        return name;
    (void)snprintf(room, IFNAMSIZ, "zo%x", (unsigned)getpid());
    return room;
}

static int find_on_host(const struct net_devices *devices, struct moved *device, struct error *why)
{
    struct keeping keeping = { devices->arena, &device->addresses };
    unsigned flags;
    int index = netlink_find(devices->host, device->name, &flags);

    if (index < 0)
        return fail(why, errno, "find the network device %s", device->name);
    if (flags & IFF_LOOPBACK)
        return fail(why, EINVAL, "move the loopback device %s", device->name);
    device->was_up = flags & IFF_UP;
    if (netlink_addresses(devices->host, index, keep_address, &keeping) < 0)
        return fail(why, errno, "read the addresses of %s", device->name);
    return index;
}

static int settle(const struct net_devices *devices, const struct moved *device, const char *name,
                  struct error *why)
{
    if (strchr(name, '%') && netlink_rename(devices->inside, device->index, name) < 0)
        return fail(why, errno, "give the network device %s the name %s", device->name, name);
    if (restore_addresses(devices->inside, device->index, device) < 0)
        return fail(why, errno, "give %s its addresses back", device->name);
    if (netlink_raise(devices->inside, device->index) < 0)
        return fail(why, errno, "set %s up", device->name);
    return 0;
}

static int move_one(struct net_devices *devices, const char *host, const char *name,
                    struct error *why)
{
    struct moved *device = arena_alloc(devices->arena, sizeof *device);
    char room[IFNAMSIZ];
    const char *landing = landing_name(name, room);
    int index;

    if (device == NULL)
        return fail(why, ENOMEM, "remember a network device");
    *device = (struct moved){ .name = host, .next = devices->moved };
    index = find_on_host(devices, device, why);
    if (index < 0)
        return -1;
    /* The kernel moves first and gives the name then. */
    if (netlink_find(devices->inside, landing, NULL) >= 0)
        return fail(why, EEXIST, "give the network device %s the name %s in the container", host,
                    landing);
    if (netlink_move(devices->host, index, devices->inside_net, landing) < 0)
        return fail(why, errno, "move the network device %s", host);
    device->index = netlink_find(devices->inside, landing, NULL);
    if (device->index < 0)
        return fail(why, errno, "find %s in the container", landing);
    devices->moved = device;
    return settle(devices, device, name, why);
}

/* --- the steps --- */

int net_devices_return(struct container *c, struct error *why)
{
    struct net_devices *devices = c->net_devices;

    (void)why;
    if (devices == NULL)
        return 0;
    for (const struct moved *device = devices->moved; device; device = device->next)
        give_back(devices, device);
    close_namespaces(devices);
    c->net_devices = NULL;
    return 0;
}

int net_devices_move(struct container *c, struct error *why)
{
    const struct oci_linux *linux_ = c->spec->linux;
    struct net_devices *devices = arena_alloc(c->arena, sizeof *devices);
    int result;

    if (devices == NULL)
        return fail(why, ENOMEM, "remember network devices");
    *devices = (struct net_devices){ -1, -1, -1, -1, c->arena, NULL };
    c->net_devices = devices;
    result = open_namespaces(c, devices, why);
    for (size_t i = 0; result == 0 && i < linux_->net_devices.n; i++) {
        const char *host = linux_->net_devices.key[i];

        result = move_one(devices, host, name_inside(linux_, i), why);
        if (result < 0)
            (void)fail_at(why, "linux.netDevices[\"%s\"]", host);
    }
    if (result < 0) {
        struct error unused;

        (void)fail_at(why, "linux.netDevices");
        (void)net_devices_return(c, &unused);
    }
    return result;
}

/* config-linux.md, "Namespace Lifecycle and Container Termination": what a container got is not
 * taken back. */
int net_devices_leave(struct container *c, struct error *why)
{
    close_namespaces(c->net_devices);
    c->net_devices = NULL;
    return keep(c, why);
}

int net_devices_await(struct container *c, struct error *why)
{
    /* That they are there is all that there is to say. */
    return keep(c, why);
}
