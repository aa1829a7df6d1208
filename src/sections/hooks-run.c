// SPDX-License-Identifier: Apache-2.0
/* Running one hook: its own session, its stdin and environment, its deadline, and what it had to
 * say when it fails. */
#include "base/clock.h"
#include "base/io.h"
#include "kernel/clone.h"
#include "kernel/end-signals.h"
#include "kernel/host-program.h"
#include "kernel/self.h"
#include "sections/capabilities.h"
#include "sections/hooks.h"
#include "sections/rlimits.h"
#include "sections/seccomp.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TAIL_BYTES = 2048, TOLD_TO_END = -2 };

/* A hook at work, seen from our side. */
struct run {
    const struct hook_call *call;
    pid_t pid;
    int pidfd;
    int output; /* what it writes to stdout and stderr */
    int failed; /* the errno of its execve, if that fails */
    uint64_t begin;
    char tail[TAIL_BYTES]; /* the last of its output */
    size_t tail_length;
};

/* In the hook's process, when it cannot be run */
static void say_errno(int failed)
{
    int number = errno;

    (void)io_write_all(failed, &number, sizeof number);
    _exit(127);
}

/* With what INIT itself gets at last, in the same order: no_new_privs, the filter, the capabilities
   and the limits of a container hold for each program of its image. Its user and its label INIT has
   already. */
static int confine_self(const struct container *c, struct error *why)
{
    if (rlimits_limit_self(c, why) < 0)
        return -1;
    if (seccomp_needs_privilege(c) && seccomp_confine(c, why) < 0)
        return -1;
    if (capabilities_drop_own(c, why) < 0)
        return -1;
    return seccomp_needs_no_privilege(c) ? seccomp_confine(c, why) : 0;
}

/* The program's umask is INIT's by then; before, and on the host, it is the caller's. */
static int prepare_self(const struct hook_call *call, struct error *why)
{
    if (call->is_confined)
        return confine_self(call->c, why);
    (void)umask(call->c->umask);
    return 0;
}

/* --- on our side --- */

/* A file, not a pipe: a hook that never reads cannot hold us up, nor kill us with SIGPIPE. */
static int make_input(const char *state, size_t length)
{
    autoclose int fd = memfd_create("state", MFD_CLOEXEC);

    if (fd < 0 || io_write_all(fd, state, length) < 0 || lseek(fd, 0, SEEK_SET) < 0)
        return -1;
    return take_fd(fd);
}

/* A NULL-ended copy, on the heap; where LIST is empty, of FIRST alone (NULL: of nothing). */
static char **copy_list(const struct json_string_list *list, const char *first)
{
    char **copy = calloc(list->n + 2, sizeof *copy);

    if (copy == NULL)
        return NULL;
    if (list->n)
        memcpy(copy, list->at, list->n * sizeof *copy);
    else
        copy[0] = (char *)(uintptr_t)first;
    return copy;
}

/* What we set ourselves is none of the caller's. */
static char **copy_callers(void)
{
    struct json_string_list all = { .at = (const char *const *)environ };
    char **copy;
    size_t n = 0;

    while (environ && environ[all.n])
        all.n++;
    copy = copy_list(&all, NULL);
    for (size_t i = 0; copy && i < all.n; i++)
        if (!self_is_variable(copy[i]))
            copy[n++] = copy[i];
    if (copy)
        copy[n] = NULL;
    return copy;
}

/* On the heap. Without env, as with runc and crun, a hook of the host has the caller's environment,
   and one of the image the program's; what is given, be it nothing, is all. */
static char **make_environment(const struct oci_hook *hook, const struct hook_call *call)
{
    if (hook->env.at != NULL)
        return copy_list(&hook->env, NULL);
    return call->is_confined ? copy_list(&call->c->process->env, NULL) : copy_callers();
}

static int spawn(const struct oci_hook *hook, int input, struct run *run, struct error *why)
{
    autofree char **argv = copy_list(&hook->args, hook->path);
    autofree char **envp = make_environment(hook, run->call);
    const int *files = run->call->files;
    int output[2], failed[2];
    pid_t runner = getpid();

    if (argv == NULL || envp == NULL)
        return fail(why, ENOMEM, "run the hook %s", hook->path);
    if (pipe2(output, O_CLOEXEC | O_NONBLOCK) < 0)
        return fail(why, errno, "make a pipe for the hook %s", hook->path);
    run->output = output[0];
    if (pipe2(failed, O_CLOEXEC | O_NONBLOCK) < 0) {
        (void)fail(why, errno, "make a pipe for the hook %s", hook->path);
        close_fd(&output[1]);
        return -1;
    }
    run->failed = failed[0];
    /* Only our end may not block: a hook expects its stdout to wait for it. */
    (void)fcntl(output[1], F_SETFL, 0);
    run->begin = clock_ms();
    run->pid = clone_process(&(struct clone_request){ .cgroup_fd = -1, .ret_pidfd = &run->pidfd });
    if (run->pid == 0) {
        const int stdio[] = { input, files[0] >= 0 ? files[0] : output[1],
                              files[1] >= 0 ? files[1] : output[1] };

        /* Once its runner is killed nobody would heed its deadline, so it ends then. What it
           leaves behind on purpose does not. */
        if (host_program_settle(runner, stdio) == 0 && prepare_self(run->call, why) == 0)
            (void)execve(hook->path, argv, envp);
        say_errno(failed[1]);
    }
    if (run->pid < 0)
        (void)fail(why, errno, "make a process for the hook %s", hook->path);
    close_fd(&output[1]);
    close_fd(&failed[1]);
    return run->pid < 0 ? -1 : 0;
}

/* Take what is there. False where nothing was. */
static bool take_output(struct run *run)
{
    char piece[TAIL_BYTES];
    ssize_t n = read(run->output, piece, sizeof piece);
    size_t kept;

    if (n <= 0)
        return n < 0 && errno == EINTR;
    kept = TAIL_BYTES - (size_t)n < run->tail_length ? TAIL_BYTES - (size_t)n : run->tail_length;
    memmove(run->tail, run->tail + run->tail_length - kept, kept);
    memcpy(run->tail + kept, piece, (size_t)n);
    run->tail_length = kept + (size_t)n;
    return true;
}

static int time_left(const struct run *run, const struct oci_hook *hook)
{
    uint64_t passed = clock_ms() - run->begin;

    if (!hook->has_timeout || hook->timeout > INT_MAX / 1000)
        return -1;
    return passed < (uint64_t)hook->timeout * 1000 ? (int)((uint64_t)hook->timeout * 1000 - passed)
                                                   : 0;
}

/* Until the hook itself ends: a daemon that it leaves behind may keep the pipe. 1; 0 on timeout;
   TOLD_TO_END; -1: poll failed. */
static int await(struct run *run, const struct oci_hook *hook)
{
    bool is_open = true;
    int signals = run->call->is_last ? -1 : run->call->c->end_signals;

    for (;;) {
        struct pollfd fds[] = {
            { .fd = run->pidfd, .events = POLLIN },
            { .fd = is_open ? run->output : -1, .events = POLLIN },
            { .fd = signals, .events = POLLIN },
        };
        int n = poll(fds, sizeof fds / sizeof *fds, time_left(run, hook));

        if (n < 0 && errno != EINTR)
            return -1;
        if (n == 0)
            return 0;
        if (n > 0 && fds[1].revents)
            is_open = take_output(run); /* readable and empty: the last writer is gone */
        if (n > 0 && fds[0].revents)
            return 1;
        if (n > 0 && fds[2].revents)
            return TOLD_TO_END;
        if (time_left(run, hook) == 0)
            return 0;
    }
}

static void collect(struct run *run, int *status)
{
    while (waitpid(run->pid, status, 0) < 0 && errno == EINTR)
        ;
    /* What it wrote last is still in the pipe: as much as a pipe holds, and no more of a daemon's.
     */
    for (int i = 0; i < 64 && take_output(run); i++)
        ;
}

/* The end of the output, for the error's text, as one line. */
static const char *quote(struct run *run, char out[TAIL_BYTES + 3])
{
    while (run->tail_length && run->tail[run->tail_length - 1] == '\n')
        run->tail_length--;
    if (run->tail_length == 0)
        return "";
    memcpy(out, ": ", 2);
    memcpy(out + 2, run->tail, run->tail_length);
    out[2 + run->tail_length] = 0;
    for (size_t i = 2; i < 2 + run->tail_length; i++)
        if (out[i] == '\n' || out[i] == 0)
            out[i] = ' ';
    return out;
}

static int judge(struct run *run, const struct oci_hook *hook, int awaited, int status,
                 struct error *why)
{
    unsigned long long ms = clock_ms() - run->begin;
    char said[TAIL_BYTES + 3];
    int number = 0;

    if (read(run->failed, &number, sizeof number) == (ssize_t)sizeof number)
        return fail(why, number, "run the hook %s", hook->path);
    if (awaited == TOLD_TO_END) {
        (void)end_signals_fail(run->call->c->end_signals, why);
        return fail_in(why, "the hook %s did not end by itself", hook->path);
    }
    if (awaited == 0)
        return fail(why, 0, "the hook %s was killed: still running after its timeout of %lld s%s",
                    hook->path, (long long)hook->timeout, quote(run, said));
    if (WIFSIGNALED(status))
        return fail(why, 0, "the hook %s was killed by signal %d (%s) after %llu ms%s", hook->path,
                    WTERMSIG(status), strsignal(WTERMSIG(status)), ms, quote(run, said));
    if (WEXITSTATUS(status) != 0)
        return fail(why, 0, "the hook %s ended with exit status %d after %llu ms%s", hook->path,
                    WEXITSTATUS(status), ms, quote(run, said));
    return 0;
}

int hooks_run_one(const struct oci_hook *hook, const char *name, const struct hook_call *call,
                  struct error *why)
{
    autoclose int input = make_input(call->state, call->state_length);
    struct run run = { .call = call, .pid = -1, .pidfd = -1, .output = -1, .failed = -1 };
    int result = -1, awaited, status = 0;

    if (input < 0) {
        (void)fail(why, errno, "write the state for the hook %s", hook->path);
    } else if (spawn(hook, input, &run, why) == 0) {
        awaited = await(&run, hook);
        if (awaited <= 0) {
            (void)kill(-run.pid, SIGKILL);
            (void)kill(run.pid, SIGKILL);
        }
        collect(&run, &status);
        result = judge(&run, hook, awaited, status, why);
    }
    close_fd(&run.pidfd);
    close_fd(&run.output);
    close_fd(&run.failed);
    if (result == 0)
        return 0;
    (void)fail_code(why, ERROR_HOOK);
    return fail_at(why, "%s", name);
}
