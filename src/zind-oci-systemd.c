// SPDX-License-Identifier: Apache-2.0
/* zind-oci-systemd: asks systemd for what the systemd cgroup manager of zind-oci wants, which comes
   over the socket that is its stdin (cgroup/systemd/wire.h). In the scope that it has had started
   it holds a place, until that socket ends. */
#include "cgroup/systemd/bus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool read_all(void *data, size_t length)
{
    for (char *at = data; length > 0;) {
        ssize_t n = read(STDIN_FILENO, at, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

static bool send_all(const void *data, size_t length)
{
    for (const char *at = data; length > 0;) {
        ssize_t n = send(STDIN_FILENO, at, length, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

static bool is_ours(const struct systemd_request *request)
{
    return request->version == SYSTEMD_WIRE_VERSION && request->length <= SYSTEMD_WORDS_MAX &&
           memchr(request->unit, 0, sizeof request->unit);
}

/* False: nobody asks any more. */
static bool serve(struct systemd_manager *manager)
{
    static struct systemd_answer answer;
    struct systemd_request request;
    char *words;
    bool is_whole;

    memset(&answer, 0, sizeof answer);
    answer.version = SYSTEMD_WIRE_VERSION;
    answer.outcome = SYSTEMD_REFUSED;
    if (!read_all(&request, sizeof request))
        return false;
    if (!is_ours(&request))
        return send_all(&answer, sizeof answer) && false;
    words = malloc(request.length + 1);
    is_whole = words && read_all(words, request.length);
    if (is_whole && (manager->bus || systemd_bus_open(manager, request.is_user != 0, &answer) == 0))
        systemd_job_perform(manager, &request, words, &answer);
    free(words);
    return is_whole && send_all(&answer, sizeof answer);
}

int main(void)
{
    struct systemd_manager manager = { 0 };

    while (serve(&manager))
        ;
    systemd_bus_close(&manager);
    return 0;
}
