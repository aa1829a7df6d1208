// SPDX-License-Identifier: Apache-2.0
/* rtnetlink(7): finding, moving, naming and raising network devices, and their addresses. */
#include "kernel/netlink.h"
#include "base/own.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { ANSWER_MAX = 32 * 1024, DEADLINE_S = 10 };

/* A message to the kernel: header, what it is about, attributes. */
struct request {
    struct nlmsghdr header;
    union {
        struct ifinfomsg link;
        struct ifaddrmsg address;
    } about;
    unsigned char room[NETLINK_MESSAGE_MAX];
};

int netlink_open(void)
{
    /* The kernel answers at once; a deadline costs nothing. */
    const struct timeval deadline = { .tv_sec = DEADLINE_S };
    autoclose int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline) < 0)
        return -1;
    return take_fd(fd);
}

static struct request begin(uint16_t type, uint16_t flags, size_t size)
{
    return (struct request){
        .header = { .nlmsg_len = (uint32_t)NLMSG_LENGTH(size),
                    .nlmsg_type = type,
                    .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags) },
    };
}

static int put(struct request *request, uint16_t type, const void *value, size_t length)
{
    size_t used = NLMSG_ALIGN(request->header.nlmsg_len);
    struct rtattr attribute = { .rta_len = (uint16_t)RTA_LENGTH(length), .rta_type = type };

    if (used + RTA_SPACE(length) > sizeof *request) {
        errno = EMSGSIZE;
        return -1;
    }
    memcpy((char *)request + used, &attribute, sizeof attribute);
    memcpy((char *)request + used + RTA_LENGTH(0), value, length);
    request->header.nlmsg_len = (uint32_t)(used + RTA_LENGTH(length));
    return 0;
}

/* Called for each part of an answer; what it returns but 0 is the result of ask, with errno, and no
   other part is shown to it. */
typedef int visit_answer(const struct nlmsghdr *header, void *with);

/* Whether HEADER ends the answer; then errno and *RET_RESULT are what the kernel said. */
static bool is_end(const struct nlmsghdr *header, int *ret_result)
{
    const struct nlmsgerr *end = NLMSG_DATA(header);

    *ret_result = 0;
    if (header->nlmsg_type == NLMSG_DONE)
        return true;
    if (header->nlmsg_type != NLMSG_ERROR)
        return false;
    if (end->error) {
        errno = -end->error;
        *ret_result = -1;
    }
    return true;
}

/* Send, and read up to the end of the answer; all of it, even when VISIT has had enough. */
static int ask(int netlink, const struct request *request, visit_answer *visit, void *with)
{
    _Alignas(NLMSG_ALIGNTO) char answer[ANSWER_MAX];
    int visited = 0;

    if (send(netlink, request, request->header.nlmsg_len, 0) < 0)
        return -1;
    for (;;) {
        ssize_t got = recv(netlink, answer, sizeof answer, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        for (struct nlmsghdr *header = (struct nlmsghdr *)answer; NLMSG_OK(header, got);
             header = NLMSG_NEXT(header, got)) {
            int result;

            if (is_end(header, &result))
                return result < 0 ? result : visited;
            if (visit && visited == 0)
                visited = visit(header, with);
        }
    }
}

struct found {
    int index;
    unsigned flags;
};

static int note_link(const struct nlmsghdr *header, void *with)
{
    const struct ifinfomsg *link = NLMSG_DATA(header);
    struct found *found = with;

    *found = (struct found){ link->ifi_index, link->ifi_flags };
    return 0;
}

int netlink_find(int netlink, const char *name, unsigned *ret_flags)
{
    struct request request = begin(RTM_GETLINK, NLM_F_ACK, sizeof request.about.link);
    struct found found = { 0 };

    if (put(&request, IFLA_IFNAME, name, strlen(name) + 1) < 0 ||
        ask(netlink, &request, note_link, &found) < 0)
        return -1;
    if (ret_flags)
        *ret_flags = found.flags;
    return found.index;
}

static struct request begin_change(int index)
{
    struct request request = begin(RTM_NEWLINK, NLM_F_ACK, sizeof request.about.link);

    request.about.link.ifi_index = index;
    return request;
}

int netlink_move(int netlink, int index, int namespace_fd, const char *name)
{
    struct request request = begin_change(index);

    if (put(&request, IFLA_NET_NS_FD, &namespace_fd, sizeof namespace_fd) < 0 ||
        put(&request, IFLA_IFNAME, name, strlen(name) + 1) < 0)
        return -1;
    return ask(netlink, &request, NULL, NULL);
}

int netlink_rename(int netlink, int index, const char *name)
{
    struct request request = begin_change(index);

    if (put(&request, IFLA_IFNAME, name, strlen(name) + 1) < 0)
        return -1;
    return ask(netlink, &request, NULL, NULL);
}

int netlink_raise(int netlink, int index)
{
    struct request request = begin_change(index);

    request.about.link.ifi_flags = request.about.link.ifi_change = IFF_UP;
    return ask(netlink, &request, NULL, NULL);
}

/* --- addresses --- */

struct walk {
    int index;
    netlink_visit *visit;
    void *with;
};

/* The eight flags of the header have long been too few. */
static uint32_t flags_of(const struct ifaddrmsg *address, uint32_t length)
{
    uint32_t flags = address->ifa_flags;

    for (const struct rtattr *at = IFA_RTA(address); RTA_OK(at, length); at = RTA_NEXT(at, length))
        if (at->rta_type == IFA_FLAGS && RTA_PAYLOAD(at) >= sizeof flags)
            memcpy(&flags, RTA_DATA(at), sizeof flags);
    return flags;
}

static int visit_address(const struct nlmsghdr *header, void *with)
{
    const struct walk *walk = with;
    const struct ifaddrmsg *address = NLMSG_DATA(header);
    struct netlink_address kept = { .length = (uint32_t)NLMSG_PAYLOAD(header, 0) };

    if (header->nlmsg_type != RTM_NEWADDR || (int)address->ifa_index != walk->index ||
        address->ifa_scope != RT_SCOPE_UNIVERSE ||
        !(flags_of(address, (uint32_t)IFA_PAYLOAD(header)) & IFA_F_PERMANENT))
        return 0;
    if (kept.length > sizeof kept.at) {
        errno = EMSGSIZE;
        return -1;
    }
    memcpy(kept.at, address, kept.length);
    return walk->visit(&kept, walk->with);
}

int netlink_addresses(int netlink, int index, netlink_visit *visit, void *with)
{
    struct request request = begin(RTM_GETADDR, NLM_F_DUMP, sizeof request.about.address);
    struct walk walk = { index, visit, with };

    return ask(netlink, &request, visit_address, &walk);
}

int netlink_add_address(int netlink, int index, const struct netlink_address *address)
{
    struct request request =
        begin(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, sizeof request.about.address);
    struct ifaddrmsg *about = &request.about.address;
    uint32_t length = address->length - (uint32_t)NLMSG_ALIGN(sizeof *about);

    memcpy(about, address->at, sizeof *about);
    for (const struct rtattr *at = IFA_RTA(address->at); RTA_OK(at, length);
         at = RTA_NEXT(at, length)) {
        /* The label is the device's name, which may be another one now. */
        if (at->rta_type != IFA_LABEL &&
            put(&request, at->rta_type, RTA_DATA(at), RTA_PAYLOAD(at)) < 0)
            return -1;
    }
    about->ifa_index = (uint32_t)index;
    return ask(netlink, &request, NULL, NULL);
}
