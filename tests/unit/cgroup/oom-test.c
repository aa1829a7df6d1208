// SPDX-License-Identifier: Apache-2.0
// Lack of memory on cgroup v1 is told once for each kill, however often the kernel gives notice
// (Documentation/admin-guide/cgroup-v1/memory.rst, "OOM Control").
#include "../tap.h"
#include "cgroup/stats/oom.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

static struct oom_watch watch;

static void killed(const char *count)
{
    int fd = openat(watch.folder, "memory.oom_control", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    dprintf(fd, "oom_kill_disable 0\nunder_oom 0\noom_kill %s\n", count);
    (void)close(fd);
}

static bool is_told(unsigned notices)
{
    uint64_t n = notices;

    return write(watch.fd, &n, sizeof n) == sizeof n && oom_watch_take(&watch);
}

int main(void)
{
    char folder[] = "/tmp/oom-test-XXXXXX";

    if (mkdtemp(folder) == NULL)
        return 1;
    watch.folder = open(folder, O_RDONLY | O_DIRECTORY);
    watch.fd = eventfd(0, EFD_NONBLOCK);
    killed("0");
    ok(!oom_watch_take(&watch), "without_a_notice_nothing_is_told");
    ok(is_told(1), "a_notice_that_is_ahead_of_the_kill_is_told");
    killed("1");
    ok(!is_told(1), "another_one_for_the_same_kill_is_not");
    killed("2");
    ok(is_told(2), "two_for_the_next_are_told_once");
    ok(!oom_watch_take(&watch), "and_no_more");
    watch.told_at = 1;
    ok(is_told(1), "long_after_it_is_news_also_if_it_is_not_counted");
    (void)unlinkat(watch.folder, "memory.oom_control", 0);
    ok(!is_told(1), "that_the_cgroup_is_gone_is_no_lack_of_memory");
    watch.told_at = 0;
    ok(is_told(2), "what_came_with_its_end_is");
    oom_watch_end(&watch);
    (void)rmdir(folder);
    return done_testing();
}
