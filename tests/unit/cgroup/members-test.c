// SPDX-License-Identifier: Apache-2.0
/* Signals to a cgroup's processes, with a kernel that recycles pids at the worst moment: what it
 * answers is told by the tests. */
#include "../tap.h"
#include "cgroup/members.h"
#include "kernel/pidfd.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

ssize_t __wrap_cgroup_processes(const struct cgroup *cgroup, pid_t **ret, struct error *why);
int __wrap_pidfd_open_now(pid_t pid);

/* What the cgroup lists, first and later. */
static pid_t first[600], later[600];
static size_t n_first, n_later;
static bool is_first, is_failing;
static pid_t stranger; /* who has any pid by now; 0: nobody else */

ssize_t __wrap_cgroup_processes(const struct cgroup *cgroup, pid_t **ret, struct error *why)
{
    size_t n = is_first ? n_first : n_later;

    (void)cgroup;
    if (!is_first && is_failing)
        return fail(why, EIO, "list");
    *ret = calloc(n + 1, sizeof **ret);
    memcpy(*ret, is_first ? first : later, n * sizeof **ret);
    is_first = false;
    return (ssize_t)n;
}

int __real_pidfd_open_now(pid_t pid);

int __wrap_pidfd_open_now(pid_t pid)
{
    return __real_pidfd_open_now(stranger ? stranger : pid);
}

static pid_t make_process(void)
{
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

/* Whether SIGTERM, if somebody has sent it, has ended PID, which is gone afterwards. */
static bool was_met(pid_t pid)
{
    int status = 0;

    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
}

static int send_term(void)
{
    struct cgroup cgroup = { .manager = CGROUP_DISABLED, .path = "", .scope = "" };
    struct error why;

    is_first = true;
    return members_send(&cgroup, SIGTERM, &why);
}

static void settle(void)
{
    (void)usleep(50000);
}

static void who_is_in_it_gets_it(void)
{
    pid_t a = make_process(), b = make_process();

    n_first = n_later = 2;
    first[0] = later[1] = a;
    first[1] = later[0] = b;
    is_int(send_term(), 0, "all were sent to");
    settle();
    ok(was_met(a), "the first");
    ok(was_met(b), "the second");
}

static void who_got_a_recycled_pid_does_not(void)
{
    pid_t gone = make_process();

    (void)was_met(gone);
    stranger = make_process();
    n_first = 1;
    n_later = 0;
    first[0] = gone;
    is_int(send_term(), 0, "one that has ended is no error");
    settle();
    ok(!was_met(stranger), "who got its pid lives on");
    stranger = 0;
}

static void nobody_gets_it_when_it_cannot_be_checked(void)
{
    pid_t a = make_process();

    n_first = n_later = 1;
    first[0] = later[0] = a;
    is_failing = true;
    is_int(send_term(), -1, "a list that cannot be read is an error");
    is_failing = false;
    settle();
    ok(!was_met(a), "and nobody is signalled");
}

static void we_do_not_signal_ourselves(void)
{
    n_first = n_later = 1;
    first[0] = later[0] = getpid();
    is_int(send_term(), 0, "we live to tell");
}

static void more_processes_than_open_files_fit(void)
{
    size_t met = 0;

    n_first = n_later = sizeof first / sizeof first[0];
    for (size_t i = 0; i < n_first; i++)
        first[i] = later[i] = make_process();
    is_int(send_term(), 0, "600 processes");
    settle();
    for (size_t i = 0; i < n_first; i++)
        met += was_met(first[i]);
    is_int((intmax_t)met, 600, "all of them got it");
}

int main(void)
{
    who_is_in_it_gets_it();
    who_got_a_recycled_pid_does_not();
    nobody_gets_it_when_it_cannot_be_checked();
    we_do_not_signal_ourselves();
    more_processes_than_open_files_fit();
    return done_testing();
}
