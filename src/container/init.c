// SPDX-License-Identifier: Apache-2.0
/* INIT's birth, its waiting for `start`, and its end. */
#include "container/init.h"
#include "base/io.h"
#include "base/names.h"
#include "container/fault.h"
#include "container/last-words.h"
#include "container/peer.h"
#include "container/plan.h"
#include "container/start-socket.h"
#include "container/state.h"
#include "kernel/clone.h"
#include "kernel/end-signals.h"
#include "kernel/fd.h"
#include "kernel/mount.h"
#include "kernel/pidfd.h"
#include "sections/capabilities.h"
#include "sections/id-mappings.h"
#include "sections/namespaces.h"
#include "sections/seccomp.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { END_DEADLINE_MS = 10000, KNOCK_DEADLINE_S = 10 };

/* --- birth --- */

/* What the joiner tells: INIT's pid as the host sees it, or why there is none. */
struct joined {
    pid_t pid;
    struct error why;
};

/* What INIT of exec is born with; all else, the caller's, too, is closed. */
static int keep_for_exec(const struct container *c, int cgroup, int writer, struct error *why)
{
    const struct seccomp_filter *filter = c->seccomp;
    int kept[8 + sizeof c->cgroup_entrance.at / sizeof *c->cgroup_entrance.at] = {
        c->peer, c->console_fd, c->root_fd, c->timings_fd, c->killer, c->log->fd, cgroup, writer,
    };
    size_t n = 8;

    for (size_t i = 0; i < c->cgroup_entrance.n; i++)
        kept[n++] = c->cgroup_entrance.at[i].fd;
    if (filter && filter->agent >= 0)
        kept[n++] = filter->agent;
    return fd_close_others(3 + c->options.preserve_fds, kept, n, why);
}

/* A process of the container that holds CAP_SYS_PTRACE is not kept off by our being untraceable: in
   a user namespace of its own that right counts for nothing against us, but without one INIT must
   be worth nothing from its first instruction on. No way to the host among its fds, and no
   capability that the container could not have. */
static int strip_for_exec(struct container *c, int cgroup, int writer, struct error *why)
{
    c->proc_fd = c->state_fd = c->lock_fd = c->target_pidfd = -1;
    if (keep_for_exec(c, cgroup, writer, why) < 0)
        return -1;
    return c->joined_namespaces & CLONE_NEWUSER ? 0 : capabilities_prepare(c, why);
}

/* Processes in the namespaces that are joined could trace us or reach our files through /proc; so
   could a root of the host without capabilities, as containers have it, for whom its user owns a
   new user namespace. Who is not root could not write the maps of that one then. */
static int become_untraceable(const struct container *c, struct error *why)
{
    if ((geteuid() == 0 || !container_has_new(c, CLONE_NEWUSER)) && prctl(PR_SET_DUMPABLE, 0) < 0)
        return fail(why, errno, "become untraceable");
    return 0;
}

/* The clocks of a user namespace that is joined: while their file in /proc still is the caller's.
 */
static int enter_namespaces(struct container *c, struct error *why)
{
    bool makes_time = container_has_new(c, CLONE_NEWTIME) && (c->joined_namespaces & CLONE_NEWUSER);

    if ((makes_time && namespaces_open_clocks(c, why) < 0) || become_untraceable(c, why) < 0)
        return -1;
    if (c->target_pidfd < 0)
        return namespaces_join(c, why) < 0 || (makes_time && namespaces_enter_time(c, why) < 0) ? -1
                                                                                                : 0;
    /* All at once, in the kernel's right order: Linux 5.8. */
    if (!c->joined_namespaces || setns(c->target_pidfd, (int)c->joined_namespaces) == 0)
        return 0;
    if (errno == ESRCH && pidfd_wait_end(c->target_pidfd, 0) == 0)
        return namespaces_join_threads(c, why);
    return fail(why, errno, "join the container's namespaces");
}

/* setns changes who calls it for good: a short-lived process does it and bears INIT as RUNTIME's
 * own. */
static pid_t spawn_through_joiner(struct container *c, const struct clone_request *request,
                                  struct error *why)
{
    int pair[2];
    struct joined joined = { .pid = -1 };
    struct clone_request bear = *request;
    struct clone_request join = { .cgroup_fd = -1 };

    if (pipe2(pair, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe");

    autoclose int reader = pair[0], writer = pair[1];
    pid_t joiner = clone_process(&join);

    if (joiner < 0)
        return fail(why, errno, "clone3");
    if (joiner == 0) {
        bear.flags |= CLONE_PARENT;
        bear.ret_pidfd = NULL;
        if (enter_namespaces(c, &joined.why) == 0 &&
            (c->verb != VERB_EXEC ||
             strip_for_exec(c, request->cgroup_fd, writer, &joined.why) == 0)) {
            joined.pid = clone_process(&bear);
            if (joined.pid < 0)
                (void)fail(&joined.why, errno, "clone3");
        }
        if (joined.pid == 0)
            return 0;
        (void)io_write_all(writer, &joined, sizeof joined);
        _exit(0);
    }
    while (waitpid(joiner, NULL, 0) < 0 && errno == EINTR)
        ;
    close_fd(&writer);
    if (read(reader, &joined, sizeof joined) != (ssize_t)sizeof joined)
        return fail(why, 0, "the process that joins the namespaces was killed");
    if (joined.pid < 0) {
        *why = joined.why;
        return -1;
    }
    /* It is our child: until we have waited for it nobody else gets its number. */
    *request->ret_pidfd = (int)syscall(SYS_pidfd_open, joined.pid, 0);
    if (*request->ret_pidfd >= 0)
        return joined.pid;
    (void)fail(why, errno, "open a pidfd of INIT");
    (void)kill(joined.pid, SIGKILL);
    return -1;
}

static pid_t spawn_with(struct container *c, const struct clone_request *request, struct error *why)
{
    pid_t pid;

    c->cgroup_is_birthplace = request->cgroup_fd >= 0;
    if (c->joined_namespaces || c->verb == VERB_EXEC)
        return spawn_through_joiner(c, request, why);
    if (container_has_new(c, CLONE_NEWUSER) && become_untraceable(c, why) < 0)
        return -1;
    pid = clone_process(request);
    if (pid < 0) {
        (void)fail(why, errno, "clone3 with new namespaces");
        if (why->number == EPERM)
            (void)fail_hint(why, "not root? add a user namespace with id mappings");
    }
    return pid;
}

/* Who gets hold of INIT's fds must not climb from its cgroup to the host's root, nor write limits.
   A copy of the mount has nothing above it. Who may not make one has strangers in a user namespace
   only, who cannot get hold of anything. */
static void fence_off(int *folder)
{
    autoclose int tree = mount_clone(*folder, "", false);

    if (tree < 0 || mount_change(tree, MOUNT_ATTR_RDONLY, 0, false) < 0)
        return;
    close_fd(folder);
    *folder = take_fd(tree);
}

static pid_t spawn(struct container *c, struct error *why)
{
    /* The cgroup namespace comes once INIT is in its cgroup, the time namespace once its offsets
     * are written. */
    uint64_t later = CLONE_NEWCGROUP | CLONE_NEWTIME;
    autoclose int cgroup = c->options.exec_cgroups.n ? -1 : cgroup_open_birthplace(&c->cgroup);

    if (cgroup >= 0 && c->verb == VERB_EXEC)
        fence_off(&cgroup);

    struct clone_request request = {
        .flags = c->new_namespaces & ~later,
        .cgroup_fd = cgroup,
        .ret_pidfd = &c->init_pidfd,
    };

    pid_t pid = spawn_with(c, &request, why);

    /* Of a joiner that was killed (no errno) nobody knows whether it has borne one. */
    if (pid >= 0 || cgroup < 0 || why->number == 0)
        return pid;
    /* Nobody can be born where the v2 cgroup has processes only further down, nor across the border
       of a cgroup namespace: cgroups_enter finds a way. */
    request.cgroup_fd = -1;
    return spawn_with(c, &request, why);
}

/* Those that end RUNTIME's work are none of INIT's, whom its own may be sent. */
static void heed_signals(struct container *c)
{
    if (c->end_signals < 0)
        return;
    close_fd(&c->end_signals);
    (void)sigprocmask(SIG_SETMASK, &c->mask, NULL);
}

int init_spawn(struct container *c, struct error *why)
{
    int pair[2];

    if (peer_make(pair, why) < 0)
        return -1;

    autoclose int ours = pair[0], inits = pair[1];

    if (c->verb == VERB_CREATE && start_socket_listen(c, why) < 0)
        return -1;
    c->killer = fault_open_killer();

    c->peer = inits;

    pid_t pid = spawn(c, why);

    c->peer = -1;
    if (pid < 0)
        return -1;
    c->side = pid ? RUNTIME : INIT;
    c->init = pid;
    /* Now: INIT that becomes another user may be hidden from this one (proc(5), hidepid). */
    if (pid && c->verb == VERB_CREATE)
        c->init_start_time = pidfd_start_time(pid);
    c->peer = pid ? take_fd(ours) : take_fd(inits);
    if (pid == 0) {
        cgroup_forget_session(&c->cgroup);
        heed_signals(c);
    }
    /* Only INIT listens: when it is gone, knocking fails. */
    if (pid) {
        close_fd(&c->start_fd);
        close_fd(&c->killer);
        cgroup_close_entrance(&c->cgroup_entrance);
    }
    return 0;
}

/* After every change of ids, which unties. */
static int tie_to_creator(const struct container *c, struct error *why)
{
    char byte;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return fail(why, errno, "tie INIT to its creator");
    /* It may have died before that: then its end of the socket is closed. */
    if (fd_wait_readable(c->peer, 0) > 0 && recv(c->peer, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
        return fail(why, 0, "the creator is gone");
    return 0;
}

int init_settle(struct container *c, struct error *why)
{
    /* That it is done is all that there is to say. */
    return keep(c, why);
}

/* Or, where id 0 is not mapped, one that is: else nothing could be made in the container's file
   systems. EINVAL: in one that is joined nobody knows which; INIT goes on with the rights it has
   and no name. */
static int become_root(const struct container *c)
{
    const struct oci_linux *linux_ = c->spec->linux;
    gid_t gid = id_mappings_lowest(&linux_->gid_mappings);
    uid_t uid = id_mappings_lowest(&linux_->uid_mappings);

    if (setresgid(gid, gid, gid) < 0 && errno != EINVAL)
        return -1;
    return setresuid(uid, uid, uid) < 0 && errno != EINVAL ? -1 : 0;
}

int init_begin(struct container *c, struct error *why)
{
    uint64_t user = c->new_namespaces | c->joined_namespaces;

    close_fd(&c->state_fd);
    /* Until it is done with mounts that outlive it, a dying INIT holds off delete. */
    if (c->verb == VERB_EXEC || !root_is_shared(c))
        close_fd(&c->lock_fd);
    close_fd(&c->target_pidfd);
    (void)prctl(PR_SET_NAME, "zind-oci:init");
    /* Away from the caller's terminal: who keeps it can type into it (TIOCSTI). */
    if (setsid() < 0)
        return fail(why, errno, "begin a session for INIT");
    if ((user & CLONE_NEWUSER) && become_root(c) < 0)
        return fail(why, errno, "become root of the user namespace");
    return tie_to_creator(c, why);
}

/* --- waiting for start --- */

/* From "created" on others may come in with exec. They could reach what INIT holds through
   /proc/1/fd, or trace it (CVE-2016-9962): so it holds nothing of the host any more, and is not
   theirs to look at. A user that is not root keeps its own INIT within reach: exec joins it. */
static int hide(struct container *c, struct error *why)
{
    const struct seccomp_filter *filter = c->seccomp;
    int kept[] = { c->peer, c->start_fd, c->timings_fd, c->killer, filter ? filter->agent : -1 };

    close_fd(&c->proc_fd);
    close_fd(&c->root_fd);
    close_fd(&c->console_fd);
    if (c->owner == 0 && prctl(PR_SET_DUMPABLE, 0) < 0)
        return fail(why, errno, "become untraceable");
    return fd_close_others(3 + c->options.preserve_fds, kept, sizeof kept / sizeof *kept, why);
}

int init_release(struct container *c, struct error *why)
{
    if (c->verb == VERB_CREATE && hide(c, why) < 0)
        return -1;
    if (prctl(PR_SET_PDEATHSIG, 0) < 0)
        return fail(why, errno, "let INIT outlive its creator");
    return 0;
}

static void refuse_start(int socket)
{
    struct error why;

    (void)fail(&why, 0, "process is not set in config.json: there is nothing to start");
    (void)fail_code(&why, ERROR_SPEC);
    (void)peer_send(socket, MESSAGE_FAILED, 0, &why);
}

int start_await(struct container *c, struct error *why)
{
    close_fd(&c->peer);
    for (;;) {
        autoclose int knock = accept4(c->start_fd, NULL, NULL, SOCK_CLOEXEC);
        struct timeval deadline = { .tv_sec = KNOCK_DEADLINE_S };
        autoclose int words = -1;

        if (knock < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (knock < 0)
            return fail(why, errno, "wait for start");
        /* `state` knocks too, and says nothing: it only wants to know whether INIT still waits. */
        (void)setsockopt(knock, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
        if (!peer_receive_go(knock, &words))
            continue;
        if (c->process == NULL) {
            refuse_start(knock);
            continue;
        }
        last_words_borrow(c, words);
        c->peer = take_fd(knock);
        return 0;
    }
}

int init_announce(struct container *c, struct error *why)
{
    if (peer_send(c->peer, MESSAGE_DONE, c->step, NULL) < 0 && errno != EPIPE)
        return fail(why, errno, "tell that the program is next");
    return 0;
}

int init_confirm(const struct container *c, int socket, struct error *why)
{
    bool is_announced = false;

    for (;;) {
        struct message message;
        int got = end_signals_wait(socket, c->end_signals, why);

        if (got < 0)
            return -1;
        got = peer_receive(socket, &message);
        if (got < 0)
            return fail(why, errno, "hear from INIT");
        if (got == 0)
            break;
        if (message.kind == MESSAGE_FAILED) {
            *why = message.why;
            return -1;
        }
        if (message.kind == MESSAGE_WARNING)
            container_warn(c, "%s", message.why.text);
        is_announced |= message.kind == MESSAGE_DONE && message.step >= STEP_init_announce;
    }
    if (last_words_heard(c, why))
        return -1;
    if (is_announced)
        return 0;
    (void)fail(why, 0, "INIT was killed before it became the program");
    return fail_code(why, ERROR_DIED);
}

int exec_confirm(struct container *c, struct error *why)
{
    return init_confirm(c, c->peer, why);
}

/* --- end --- */

int init_kill(struct container *c, struct error *why)
{
    if (c->init_pidfd < 0)
        return 0;
    if (pidfd_signal(c->init_pidfd, SIGKILL) < 0 && errno != ESRCH)
        return fail(why, errno, "kill process %d", (int)c->init);
    /* On v1 the frozen do not even die. */
    if (c->verb != VERB_EXEC && cgroup_is_frozen(&c->cgroup) &&
        cgroup_freeze(&c->cgroup, false, why) < 0)
        return -1;
    if (pidfd_wait_end(c->init_pidfd, END_DEADLINE_MS) == 0)
        return fail(why, ETIMEDOUT, "wait for the end of process %d", (int)c->init);
    /* ECHILD: not ours, so somebody else reaps it. */
    (void)waitpid(c->init, NULL, WNOHANG);
    return 0;
}

void init_explain(const struct container *c, struct explain *to)
{
    static const struct name flags[] = {
        { "NEWUSER", CLONE_NEWUSER }, { "NEWPID", CLONE_NEWPID },       { "NEWNET", CLONE_NEWNET },
        { "NEWIPC", CLONE_NEWIPC },   { "NEWUTS", CLONE_NEWUTS },       { "NEWNS", CLONE_NEWNS },
        { "NEWTIME", CLONE_NEWTIME }, { "NEWCGROUP", CLONE_NEWCGROUP }, { 0 },
    };
    char names[128] = "";

    for (const struct name *flag = flags; flag->name; flag++)
        if (c->new_namespaces & flag->number)
            (void)snprintf(names + strlen(names), sizeof names - strlen(names), " CLONE_%s",
                           flag->name);
    explain(to, "clone3 flags 0x%llx%s%s", (unsigned long long)c->new_namespaces, names,
            c->joined_namespaces ? ", through a process that joins the namespaces given by path"
                                 : "");
}
