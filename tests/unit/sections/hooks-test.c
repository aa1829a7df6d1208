// SPDX-License-Identifier: Apache-2.0
// Hooks as real programs: what they get, and what they can do to us (config.md, "POSIX-platform
// Hooks").
#include "check.h"
#include "sections/hooks.h"

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/zind-hooks-XXXXXX";
static struct error why;

/* Run `sh -c SCRIPT` as a createRuntime hook, $0 being the folder of the test. */
static int run(const char *script, const char *members)
{
    char json[1024];
    struct container c = {
        .id = "web",
        .bundle = "/bundle",
        .init = 4242,
        .side = RUNTIME,
        .peer = -1,
        .end_signals = -1,
    };

    (void)snprintf(json, sizeof json,
                   "{\"ociVersion\":\"1.0.0\",\"annotations\":{\"a\":\"b\\\"c\"},\"hooks\":"
                   "{\"createRuntime\":[{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"%s\","
                   "\"%s\"]%s}]}}",
                   script, folder, members);
    c.spec = config_of(json);
    memset(&why, 0, sizeof why);
    return hooks_run(&c, HOOK_CREATE_RUNTIME, &why);
}

static const char *slurp(const char *name)
{
    static char text[4096];
    char path[128];
    ssize_t n;
    int fd;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    text[n > 0 ? n : 0] = 0;
    (void)close(fd);
    return text;
}

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void what_they_get(void)
{
    (void)is_int(run("/bin/cat > $0/state; /usr/bin/env > $0/env", ",\"env\":[]"), 0,
                 "a_hook_runs");
    (void)is_str(slurp("state"),
                 "{\"ociVersion\":\"1.0.0\",\"id\":\"web\",\"status\":\"created\",\"pid\":4242,"
                 "\"bundle\":\"/bundle\",\"annotations\":{\"a\":\"b\\\"c\"}}",
                 "its_stdin_is_the_state");
    ok(strstr(slurp("env"), "HOME=") == NULL, "its_environment_is_what_is_given");
    (void)run("/usr/bin/env > $0/env", ",\"env\":[\"A=1\"]");
    ok(strstr(slurp("env"), "A=1\n") != NULL, "its_environment_is_what_is_given");
    (void)signal(SIGTERM, SIG_IGN);
    (void)is_int(run("kill -TERM $$; exit 0", ""), -1, "signals_are_back_at_their_default");
    ok(strstr(why.text, "signal 15") != NULL, "the_error_names_the_signal");
    (void)signal(SIGTERM, SIG_DFL);
}

static void how_they_fail(void)
{
    (void)is_int(run("echo no such bridge >&2; exit 3", ""), -1, "a_hook_that_fails_is_an_error");
    (void)is_str(why.pointer, "hooks.createRuntime[0]", "the_error_says_which_hook");
    ok(strstr(why.text, "exit status 3") && strstr(why.text, "no such bridge"),
       "the_error_has_status_and_output");
    (void)is_int(why.code, ERROR_HOOK, "the_error_has_the_code_of_hooks");
    ok(run("/bin/sleep 20 & /bin/sleep 20", ",\"timeout\":1") < 0 && strstr(why.text, "timeout"),
       "a_hook_that_takes_too_long_is_killed");
}

static void what_they_can_do(void)
{
    double begin = seconds();

    (void)is_int(run("exec 0<&- 1<&- 2<&-; exit 0", ""), 0, "a_hook_may_close_its_fds");
    (void)is_int(run("/bin/sleep 20 & echo $! > $0/daemon", ""), 0, "a_hook_may_leave_a_daemon");
    ok(seconds() - begin < 10, "nobody_waits_for_the_daemon");
    // 0 would be all of us.
    if (atoi(slurp("daemon")) > 0)
        (void)kill(atoi(slurp("daemon")), SIGKILL);
    (void)is_int(run("/usr/bin/head -c 3000000 /dev/zero; exit 1", ""), -1,
                 "a_hook_that_floods_its_output_is_read");
}

static void poststop(void)
{
    struct container c = {
        .id = "web", .bundle = "/b", .side = INIT, .peer = -1, .end_signals = -1
    };

    c.spec =
        config_of("{\"ociVersion\":\"1.0.0\",\"hooks\":{\"poststop\":[{\"path\":\"/none\"}]}}");
    (void)is_int(hooks_run(&c, HOOK_POSTSTOP, &why), 0, "a_failing_poststop_hook_only_warns");
    c.spec =
        config_of("{\"ociVersion\":\"1.0.0\",\"hooks\":{\"poststart\":[{\"path\":\"/none\"}]}}");
    (void)is_int(hooks_run(&c, HOOK_POSTSTART, &why), -1, "a_missing_hook_is_an_error");
    (void)is_int(why.number, ENOENT, "the_error_has_the_errno_of_execve");
}

int main(void)
{
    char command[64];

    if (mkdtemp(folder) == NULL)
        return 1;
    what_they_get();
    how_they_fail();
    what_they_can_do();
    poststop();
    arena_free(&check_arena);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    (void)!system(command);
    return done_testing();
}
