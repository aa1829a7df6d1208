// SPDX-License-Identifier: Apache-2.0
// Waiting with a deadline.
#include "../tap.h"
#include "base/clock.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void sleep_ms(long ms)
{
    (void)nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

// How often somebody looks who has 300 ms, and is stopped for longer than that.
static int looks_of_the_stopped(void)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        uint64_t deadline = clock_ms() + 300;
        unsigned step = 50;
        int n = 0;

        while (clock_pause(&step, &deadline))
            n++;
        _exit(n);
    }
    sleep_ms(25);
    (void)kill(pid, SIGSTOP);
    sleep_ms(500);
    (void)kill(pid, SIGCONT);
    (void)waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

static void a_deadline_ends_the_pauses(void)
{
    uint64_t begin = clock_ms(), deadline = begin + 20;
    unsigned step = 1;
    int n = 0;

    while (clock_pause(&step, &deadline))
        n++;
    ok(n > 1, "there are pauses");
    ok(clock_ms() - begin >= 20, "until the deadline");
    ok(step > 1, "longer and longer ones");
}

int main(void)
{
    a_deadline_ends_the_pauses();
    ok(looks_of_the_stopped() >= 3, "time in which nothing could move does not count");
    return done_testing();
}
