// SPDX-License-Identifier: Apache-2.0
/* An example of a seccomp agent: it answers the system calls that profiles hand over with
 * SCMP_ACT_NOTIFY, for any number of containers. See README.md. */
#include "json-decode.h"
#include "oci-spec.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONTAINERS_MAX = 256, RULES_MAX = 64, MESSAGE_MAX = 1 << 20, ID_MAX = 256 };

/* What to answer to one call. */
struct rule {
    int call; /* its number */
    enum { CONTINUE, ERRNO, RETURN } kind;
    long value;
};

struct agent {
    size_t n_rules, n;
    struct rule rules[RULES_MAX];
    /* Row 0 is the socket where runtimes connect, the others are listeners. */
    struct pollfd fds[CONTAINERS_MAX];
    char ids[CONTAINERS_MAX][ID_MAX];
};

static int die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* --- the command line --- */

/* mkdir=continue, mkdir=errno:13, getppid=return:1 */
static bool read_rule(const char *text, struct rule *ret)
{
    const char *equals = strchr(text, '=');
    char name[64];
    char none[] = "", *end = none;

    if (equals == NULL || (size_t)(equals - text) >= sizeof name)
        return false;
    memcpy(name, text, (size_t)(equals - text));
    name[equals - text] = 0;
    *ret = (struct rule){ .call = seccomp_syscall_resolve_name(name) };
    if (strncmp(equals, "=errno:", 7) == 0)
        ret->kind = ERRNO, ret->value = strtol(equals + 7, &end, 10);
    else if (strncmp(equals, "=return:", 8) == 0)
        ret->kind = RETURN, ret->value = strtol(equals + 8, &end, 10);
    else if (strcmp(equals, "=continue") != 0)
        return false;
    return ret->call >= 0 && *end == 0;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof address.sun_path)
        return errno = ENAMETOOLONG, die(path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    (void)unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 16) < 0)
        die(path);
    return fd;
}

/* --- a container that comes --- */

/* The state in one or more messages up to the end of the connection, the listener with the first.
 */
static size_t receive(int peer, char *text, int *ret_listener)
{
    size_t length = 0;
    ssize_t n;

    *ret_listener = -1;
    do {
        _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
        struct iovec iov = { text + length, MESSAGE_MAX - length };
        struct msghdr message = { .msg_iov = &iov,
                                  .msg_iovlen = 1,
                                  .msg_control = control,
                                  .msg_controllen = sizeof control };
        struct cmsghdr *header;

        n = recvmsg(peer, &message, MSG_CMSG_CLOEXEC);
        header = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
        if (header && header->cmsg_type == SCM_RIGHTS && *ret_listener < 0)
            memcpy(ret_listener, CMSG_DATA(header), sizeof *ret_listener);
        length += n > 0 ? (size_t)n : 0;
    } while (n > 0);
    return length;
}

static void welcome(struct agent *agent)
{
    static char text[MESSAGE_MAX];
    struct arena arena = { 0 };
    struct json_error why;
    int peer = accept4(agent->fds[0].fd, NULL, NULL, SOCK_CLOEXEC), listener = -1;
    size_t length = peer >= 0 ? receive(peer, text, &listener) : 0;
    const struct oci_container_process_state *state =
        json_decode(&oci_container_process_state_object, text, length, &arena, &why);

    (void)close(peer);
    if (state == NULL || listener < 0 || agent->n == CONTAINERS_MAX) {
        fprintf(stderr, "seccomp-agent: a message that is no state with a listener\n");
        (void)close(listener);
    } else {
        (void)snprintf(agent->ids[agent->n], ID_MAX, "%s", state->state->id);
        printf("%s welcome pid=%d metadata=%s\n", state->state->id, state->pid,
               state->metadata ? state->metadata : "");
        agent->fds[agent->n++] = (struct pollfd){ .fd = listener, .events = POLLIN };
    }
    arena_free(&arena);
}

/* --- a call that waits for an answer --- */

static struct rule find_rule(const struct agent *agent, int call)
{
    for (size_t i = 0; i < agent->n_rules; i++)
        if (agent->rules[i].call == call)
            return agent->rules[i];
    return (struct rule){ .call = call, .kind = CONTINUE };
}

static void answer(const struct agent *agent, size_t at)
{
    static const char *const kinds[] = { "continue", "errno", "return" };
    /* The kernel's structs may be longer than ours. */
    union {
        struct seccomp_notif call;
        char room[1024];
    } got = { .room = { 0 } };
    union {
        struct seccomp_notif_resp answer;
        char room[1024];
    } give = { .room = { 0 } };

    /* ENOENT: the caller died meanwhile. */
    if (ioctl(agent->fds[at].fd, SECCOMP_IOCTL_NOTIF_RECV, &got) < 0)
        return;

    struct rule rule = find_rule(agent, got.call.data.nr);
    char *name = seccomp_syscall_resolve_num_arch(got.call.data.arch, got.call.data.nr);

    give.answer.id = got.call.id;
    if (rule.kind == CONTINUE)
        give.answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    else if (rule.kind == ERRNO)
        give.answer.error = (int)-rule.value;
    else
        give.answer.val = rule.value;
    printf("%s %s pid=%u %s\n", agent->ids[at], name ? name : "?", got.call.pid, kinds[rule.kind]);
    free(name);
    (void)ioctl(agent->fds[at].fd, SECCOMP_IOCTL_NOTIF_SEND, &give);
}

static void forget(struct agent *agent, size_t at)
{
    printf("%s farewell\n", agent->ids[at]);
    (void)close(agent->fds[at].fd);
    agent->n--;
    agent->fds[at] = agent->fds[agent->n];
    memmove(agent->ids[at], agent->ids[agent->n], ID_MAX);
}

int main(int argc, char **argv)
{
    static struct agent agent;

    for (int i = 2; i < argc; i++)
        if (agent.n_rules == RULES_MAX || !read_rule(argv[i], &agent.rules[agent.n_rules++]))
            return fprintf(stderr, "seccomp-agent: %s is no rule\n", argv[i]), EXIT_FAILURE;
    if (argc < 2)
        return fprintf(stderr, "usage: seccomp-agent SOCKET [CALL=continue|errno:N|return:N]...\n"),
               EXIT_FAILURE;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    agent.fds[agent.n++] = (struct pollfd){ .fd = listen_at(argv[1]), .events = POLLIN };
    for (;;) {
        if (poll(agent.fds, agent.n, -1) < 0 && errno != EINTR)
            return die("poll");
        for (size_t i = agent.n; i-- > 1;) {
            if (agent.fds[i].revents & POLLIN)
                answer(&agent, i);
            else if (agent.fds[i].revents)
                forget(&agent, i);
        }
        if (agent.fds[0].revents & POLLIN)
            welcome(&agent);
    }
}
