// SPDX-License-Identifier: Apache-2.0
/* zind-oci events: what a container uses, and when it runs out of memory, a line of JSON each. */
#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"
#include "cgroup/stats/oom.h"
#include "cgroup/stats/stats.h"
#include "commands/commands.h"
#include "commands/output.h"
#include "kernel/pidfd.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { INTERVAL_MS = 5000, NS_PER_MS = 1000000 };

/* Between two lines; 500us is rounded up to a millisecond. */
static int read_interval(const struct command_line *line, uint64_t *ret_ms, struct error *why)
{
    uint64_t ns = INTERVAL_MS * (uint64_t)NS_PER_MS;

    if (line->interval && (!text_to_duration(line->interval, &ns) || ns == 0)) {
        (void)fail(why, 0, "--interval %s: must be a time greater than 0, such as 5s, 500ms, 1m30s",
                   line->interval);
        return fail_code(why, ERROR_USAGE);
    }
    *ret_ms = (ns + NS_PER_MS - 1) / NS_PER_MS;
    return 0;
}

/* One write(2) a line: a reader of a pipe never sees a part of one. */
static int print_event(const struct snapshot *snapshot, const char *type,
                       const struct oci_stats *stats, struct error *why)
{
    struct oci_event event = { .type = type, .id = snapshot->id, .data = stats };
    autofree char *text = output_encode(&oci_event_object, &event, false, why), *line = NULL;

    if (text == NULL)
        return -1;
    if (asprintf(&line, "%s\n", text) < 0) {
        line = NULL;
        return fail(why, ENOMEM, "print an event");
    }
    return output_text(line, why);
}

static int print_stats(const struct snapshot *snapshot, struct error *why)
{
    struct arena arena = { 0 };
    const struct oci_stats *stats = stats_read(&snapshot->cgroup, &arena, why);
    int result = stats ? print_event(snapshot, "stats", stats, why) : -1;

    arena_free(&arena);
    return result;
}

/* --- until its end --- */

enum { AT_END, AT_OOM, AT_READER, N_WATCHED };

struct watching {
    const struct snapshot *snapshot;
    struct oom_watch *oom;
    uint64_t interval, next; /* ms */
    struct pollfd fds[N_WATCHED];
};

static int print_oom(struct watching *w, struct error *why)
{
    return oom_watch_take(w->oom) ? print_event(w->snapshot, "oom", NULL, why) : 0;
}

/* Wait for what comes first: 1 at the end of the container or of the reader. */
static int wait_once(struct watching *w, struct error *why)
{
    uint64_t now = clock_ms(), wait = w->next > now ? w->next - now : 0;

    if (poll(w->fds, N_WATCHED, wait < INT_MAX ? (int)wait : INT_MAX) < 0)
        return errno == EINTR ? 0 : fail(why, errno, "wait for events of %s", w->snapshot->id);
    if (print_oom(w, why) < 0)
        return -1;
    return w->fds[AT_END].revents || w->fds[AT_READER].revents;
}

static int watch(struct watching *w, struct error *why)
{
    for (;;) {
        int is_over = wait_once(w, why);

        if (is_over)
            return is_over < 0 ? -1 : 0;
        if (clock_ms() < w->next)
            continue;
        /* Its end may come between the wait and the reading. */
        if (print_stats(w->snapshot, why) < 0 && pidfd_wait_end(w->fds[AT_END].fd, 0) == 0)
            return -1;
        w->next = clock_ms() + w->interval;
    }
}

static int watch_container(const struct snapshot *snapshot, uint64_t interval, struct error *why)
{
    autoclose int end = pidfd_find(snapshot->pid, snapshot->start_time);
    struct oom_watch oom;
    struct watching w = { snapshot, &oom, interval, clock_ms() + interval, { { 0 } } };
    int result;

    if (end < 0)
        return errno == ESRCH ? 0 : fail(why, errno, "watch process %d", (int)snapshot->pid);
    if (oom_watch_begin(&snapshot->cgroup, &oom, why) < 0)
        return -1;
    w.fds[AT_END] = (struct pollfd){ .fd = end, .events = POLLIN };
    w.fds[AT_OOM] = (struct pollfd){ .fd = oom.fd, .events = POLLIN };
    /* A pipe whose reader is gone tells so unasked. */
    w.fds[AT_READER] = (struct pollfd){ .fd = STDOUT_FILENO };
    result = watch(&w, why);
    oom_watch_end(&oom);
    return result;
}

int command_events(const struct runtime *runtime, const struct command_line *line,
                   struct error *why)
{
    struct snapshot snapshot;
    uint64_t interval = 0;

    if (read_interval(line, &interval, why) < 0 ||
        state_snapshot(runtime, line->args[0], &snapshot, line->arena, why) < 0)
        return -1;
    if (snapshot.status == STATUS_STOPPED || snapshot.status == STATUS_CREATING) {
        (void)fail(why, 0, "container not running: %s is %s", snapshot.id,
                   status_name(snapshot.status));
        return fail_code(why, ERROR_STATE);
    }
    if (line->stats)
        return print_stats(&snapshot, why);
    if (stats_check(&snapshot.cgroup, why) < 0)
        return -1;
    return watch_container(&snapshot, interval, why);
}
