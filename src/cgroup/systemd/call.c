// SPDX-License-Identifier: Apache-2.0
/* Starting zind-oci-systemd, asking it, and ending it. Ours is linked statically and cannot load
   libsystemd; only who uses the systemd manager pays for that program. */
#include "base/own.h"
#include "cgroup/systemd/systemd.h"
#include "config.h"
#include "kernel/clone.h"
#include "kernel/fd.h"
#include "kernel/host-program.h"
#include "kernel/self.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* The program itself waits 30 s for a job. */
enum { ANSWER_DEADLINE_MS = 60000 };

static const char program[] = "zind-oci-systemd";

/* --- finding it --- */

/* A file that anybody may write to is not ours. */
static int open_program(const char *path)
{
    autoclose int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -1;
    if (!S_ISREG(st.st_mode) || st.st_mode & S_IWOTH)
        return errno = EACCES, -1;
    return take_fd(fd);
}

/* Beside us in a build tree; else where it was to be installed. */
static int find_program(struct error *why)
{
    static const char installed[] = PKGLIBEXECDIR "/zind-oci-systemd";
    char beside[PATH_MAX];
    int fd = self_beside(beside, program) ? open_program(beside) : -1;

    if (fd < 0)
        fd = open_program(installed);
    if (fd >= 0)
        return fd;
    /* No errno: whoever asks for systemd does not want to do without a cgroup. */
    (void)fail(why, 0, "open %s, which speaks to systemd for us: %s", installed, strerror(errno));
    (void)fail_hint(why, "install it, or use --cgroup-manager cgroupfs");
    return fail_code(why, ERROR_CGROUP);
}

/* --- starting it --- */

/* "NAME=value" of our environment; "" without one. */
static void copy_variable(char *out, size_t room, const char *name)
{
    const char *value = secure_getenv(name);
    int n = value ? snprintf(out, room, "%s=%s", name, value) : 0;

    if (n <= 0 || (size_t)n >= room)
        out[0] = 0;
}

static void become_program(int fd, int socket, bool is_user, pid_t runtime)
{
    char bus[4096], runtime_dir[4096], name[sizeof program];
    char *argv[] = { name, NULL }, *envp[3] = { NULL };
    size_t n = 0;

    memcpy(name, program, sizeof name);
    copy_variable(bus, sizeof bus, "DBUS_SESSION_BUS_ADDRESS");
    copy_variable(runtime_dir, sizeof runtime_dir, "XDG_RUNTIME_DIR");
    if (is_user && bus[0])
        envp[n++] = bus;
    if (is_user && runtime_dir[0])
        envp[n++] = runtime_dir;

    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    const int stdio[] = { socket, null, null };

    /* It keeps a place in the container's cgroup: that must end with us, at any instant. */
    if (host_program_settle(runtime, stdio) == 0 && chdir("/") == 0)
        (void)syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
    _exit(127);
}

int systemd_call_open(struct cgroup_session *session, struct error *why)
{
    pid_t runtime = getpid();
    int pair[2];

    session->socket = -1;
    session->pid = -1;
    session->is_user = systemd_is_for_user();

    autoclose int fd = find_program(why);

    if (fd < 0)
        return -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return fail(why, 0, "make a socket for %s: %s", program, strerror(errno));

    autoclose int ours = pair[0], theirs = pair[1];

    session->pid = clone_process(&(struct clone_request){ .cgroup_fd = -1 });
    if (session->pid == 0)
        become_program(fd, theirs, session->is_user, runtime);
    if (session->pid < 0)
        return fail(why, 0, "make a process for %s: %s", program, strerror(errno));
    session->socket = take_fd(ours);
    return 0;
}

void systemd_call_close(struct cgroup_session *session)
{
    close_fd(&session->socket);
    if (session->pid <= 0)
        return;
    /* It would end by itself; there is nothing for it to finish. */
    (void)kill(session->pid, SIGKILL);
    while (waitpid(session->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    session->pid = -1;
}

/* --- asking it --- */

static int send_all(int socket, const void *data, size_t length)
{
    for (const char *at = data; length > 0;) {
        ssize_t n = send(socket, at, length, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        at += n;
        length -= (size_t)n;
    }
    return 0;
}

static int receive_all(int socket, void *data, size_t length)
{
    for (char *at = data; length > 0;) {
        int ready = fd_wait_readable(socket, ANSWER_DEADLINE_MS);
        ssize_t n = ready > 0 ? recv(socket, at, length, 0) : -1;

        if (ready == 0)
            return errno = ETIMEDOUT, -1;
        if (ready < 0 || (n < 0 && errno != EINTR))
            return -1;
        if (n == 0)
            return errno = EPIPE, -1;
        if (n > 0) {
            at += n;
            length -= (size_t)n;
        }
    }
    return 0;
}

static int explain(const struct cgroup_session *session, const char *unit,
                   const struct systemd_answer *answer, struct error *why)
{
    const char *whose = session->is_user ? "the user's systemd manager" : "the systemd manager";

    switch ((enum systemd_outcome)answer->outcome) {
    case SYSTEMD_DONE:
        return 0;
    case SYSTEMD_UNREACHABLE:
        (void)fail(why, 0, "%s cannot be reached at %s", whose, answer->text);
        (void)fail_hint(
            why, "%s",
            session->is_user
                ? "loginctl enable-linger USER starts one, and XDG_RUNTIME_DIR or "
                  "DBUS_SESSION_BUS_ADDRESS tells where; or use --cgroup-manager cgroupfs"
                : "is systemd running here? else use --cgroup-manager cgroupfs");
        break;
    case SYSTEMD_IN_USE:
        (void)fail(why, 0, "unit %s is already there and %s", unit, answer->word);
        (void)fail_at(why, "linux.cgroupsPath");
        (void)fail_hint(why, "delete the container that uses it, or choose another cgroupsPath");
        break;
    case SYSTEMD_JOB_FAILED:
        (void)fail(why, 0, "the job of systemd for unit %s ended with \"%s\"", unit, answer->word);
        (void)fail_hint(why, "journalctl%s -u %s tells more", session->is_user ? " --user" : "",
                        unit);
        break;
    case SYSTEMD_NO_PROPERTY:
        (void)fail(why, 0, "systemd knows no property %s that could be set for unit %s",
                   answer->word, unit);
        (void)fail_at(why, "annotations[\"org.systemd.property.%s\"]", answer->word);
        break;
    case SYSTEMD_LATE:
        (void)fail(why, 0, "%s did not finish its job for unit %s in 30 s", whose, unit);
        break;
    case SYSTEMD_REFUSED:
        (void)fail(why, 0, "systemd refuses unit %s: %s (%s)", unit, answer->text, answer->word);
        break;
    }
    return fail_code(why, ERROR_CGROUP);
}

static int ask(struct cgroup_session *session, const struct systemd_request *request,
               const struct systemd_words *words, struct systemd_answer *answer, struct error *why)
{
    if (send_all(session->socket, request, sizeof *request) < 0 ||
        (words && send_all(session->socket, words->at, words->length) < 0) ||
        receive_all(session->socket, answer, sizeof *answer) < 0) {
        (void)fail(why, errno, "hear from %s about unit %s", program, request->unit);
        /* It ends before its first word when it, or a library of it, cannot be loaded. */
        (void)fail_hint(why, "does %s start? it needs libsystemd", program);
        return fail_code(why, ERROR_CGROUP);
    }
    if (answer->version != SYSTEMD_WIRE_VERSION) {
        (void)fail(why, 0, "%s is of another version than we are", program);
        return fail_code(why, ERROR_CGROUP);
    }
    answer->text[sizeof answer->text - 1] = answer->word[sizeof answer->word - 1] = 0;
    answer->left_out[sizeof answer->left_out - 1] = answer->path[sizeof answer->path - 1] = 0;
    return explain(session, request->unit, answer, why);
}

int systemd_call(struct cgroup_session *session, enum systemd_verb verb, const char *unit,
                 pid_t pid, const struct systemd_words *words, struct systemd_answer *answer,
                 struct error *why)
{
    struct systemd_request request = {
        .version = SYSTEMD_WIRE_VERSION,
        .verb = verb,
        .is_user = session->is_user,
        .length = words ? (uint32_t)words->length : 0,
        .pid = pid,
    };

    *answer = (struct systemd_answer){ .outcome = SYSTEMD_REFUSED };
    if (words && (words->is_short || words->length > SYSTEMD_WORDS_MAX))
        return fail(why, words->is_short ? ENOMEM : E2BIG, "describe unit %s to systemd", unit);
    (void)snprintf(request.unit, sizeof request.unit, "%s", unit);
    return ask(session, &request, words, answer, why);
}
