// SPDX-License-Identifier: Apache-2.0
/* The container as every section and step sees it: what was asked for, and what is held while
 * plan.def is walked.
 *
 * Two processes walk the plan: RUNTIME on the host and, from init_spawn on, INIT in the container.
 * INIT is born with a copy of all that is here; what one side stores afterwards the other one does
 * not see. */
#pragma once

#include "arena.h"
#include "base/error.h"
#include "base/log.h"
#include "base/own.h"
#include "cgroup/cgroup.h"
#include "oci-spec.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

enum verb { VERB_CREATE = 1, VERB_EXEC = 2, VERB_RESTORE = 4, VERB_MOUNT = 8 };
enum side { RUNTIME, INIT };

/* What the command line asks for beyond config.json. */
struct container_options {
    const char *config;         /* in the bundle unless absolute; "config.json" */
    const char *console_socket; /* path, or NULL */
    const char *pidfd_socket;   /* path, or NULL: gets one message with INIT's pidfd */
    const char *notify_socket;  /* NOTIFY_SOCKET of our environment, or NULL */
    const char *pid_file;       /* path, or NULL: gets INIT's pid, no newline, temp + rename */
    unsigned preserve_fds; /* how many fds from 3 on go into the program, LISTEN_FDS included */
    unsigned listen_fds;   /* LISTEN_FDS of our environment when LISTEN_PID is us, else 0 */
    bool no_pivot;         /* MS_MOVE + chroot instead of pivot_root, for a rootfs on ramfs */
    bool no_new_keyring;
    bool no_subreaper; /* orphans of the container are not run's to reap */
    bool detach;
    LIST(const char *) exec_cgroups; /* exec --cgroup: see cgroup_enter_below */
};

struct container {
    /* Asked for; read-only from check on */
    enum verb verb;
    const char *id;
    const char *root;        /* --root: folder of all containers' state */
    const char *bundle;      /* absolute */
    const char *config_text; /* config.json as read: its copy goes into the state folder */
    size_t config_length;
    const struct oci_config *spec;     /* the whole config.json, as it was at create */
    const struct oci_process *process; /* spec->process, or exec's; NULL: start will refuse */
    struct container_options options;
    const char *created; /* RFC 3339, when the state folder was made */
    uid_t owner;         /* who made it */
    const struct log *log;
    struct arena *arena; /* lives as long as the container struct; strings and lists go here */

    /* Held by both sides */
    enum side side;
    unsigned step;      /* the row this side is at, enum step_id */
    unsigned peer_step; /* the last row that the other side said is done */
    int proc_fd;        /* kernel/proc.h; closed before the program starts */
    int state_fd;       /* the container's state folder; RUNTIME only, INIT closes it at once */
    int peer;           /* socket to the other side; -1 before init_spawn */
    int lock_fd;        /* the state folder's lock; RUNTIME only */
    int start_fd;       /* INIT: the listening socket where `start` knocks */
    int killer;         /* socket to who kills for INIT; fault injection only, else -1 */
    int end_signals;    /* RUNTIME of create and run: signals that end the making of it; -1: none */
    sigset_t mask;      /* the signals that were blocked before that */
    int root_fd; /* the rootfs: an O_PATH folder; after root_attach, in INIT, its own mount */
    const char *root_path; /* where the rootfs lies on the host, without links; not for exec */
    int root_tree;  /* create: a detached copy of it for an INIT that may not reach it; -1: none */
    int root_base;  /* create in an inherited mount namespace: what root_tree goes on; -1: none */
    int root_place; /* INIT: the folder where it is attached, opened as the caller; -1: none */
    uint64_t root_mounts[2];     /* mount ids of both, saved; 0: none */
    const char *resctrl_group;   /* made for the container, saved; NULL: none (intel-rdt.c) */
    const char *resctrl_monitor; /* the same */
    int console_fd; /* connected console socket, or a socket to the attending RUNTIME; -1: none */
    int clocks_fd;  /* INIT: its own timens_offsets in /proc (namespaces.c); -1: none */
    int hook_outputs[2]; /* create: files for INIT's hooks to write to (hooks.c); -1: none */
    int notify_tree;     /* create: the folder of the notify socket, for INIT to attach; -1: none */
    int timings_fd;      /* --timings; -1: none */
    uint64_t origin;     /* when the command began, trace_now() */
    mode_t umask;        /* the caller's: for hooks and the program */
    uint64_t new_namespaces;    /* CLONE_NEW… flags to be made for INIT */
    uint64_t joined_namespaces; /* those joined by path (or, for exec, INIT's) */
    int namespace_fds[8];       /* fds to join, in config order; -1: none (namespaces_open) */

    /* RUNTIME */
    pid_t init;
    int init_pidfd;
    uint64_t
        init_start_time; /* as in the record; in the process that creates as init_spawn saw it */
    pid_t creator_pid;   /* from the record: who made or makes the container */
    uint64_t creator_start_time;
    int target_pidfd; /* exec: the container's INIT, whose namespaces are joined; else -1 */
    struct cgroup cgroup;
    struct cgroup_entrance cgroup_entrance; /* v1, hybrid: for INIT to move itself */
    bool cgroup_is_birthplace; /* INIT is born in it: on v2, and in the v2 half of hybrid */
    /* INIT */
    uint64_t bounding; /* its capabilities' bounding set, from capabilities_bound on */

    int own_oom_score;   /* while INIT is born with the container's (oom-score.c) */
    int own_io_priority; /* the same (io-priority.c) */

    /* Private to a section, allocated in the arena by its first step */
    void *mounts; /* mounts.c: detached trees opened on the host before init_spawn */
    struct last_words *last_words; /* container/last-words.h; NULL: no filter can forbid to say */
    void *seccomp;                 /* seccomp.c: the compiled filter, in memory both sides share */
    void *program;                 /* program.c: the resolved executable */
    void *masks;                   /* masked-paths.c */
    void *net_devices;             /* net-devices.c: what was moved in, should create fail */
    void *restore;                 /* container/restore.c: criu, and how it is told to begin */
};

/* process.user, which may be absent: then, as with runc and crun, it is 0:0. */
static inline const struct oci_user *user_of(const struct oci_process *process)
{
    static const struct oci_user root = { 0 };

    return process->user ? process->user : &root;
}

/* The value of an annotation; NULL: there is none. */
static inline const char *annotation_of(const struct oci_config *spec, const char *key)
{
    for (size_t i = 0; i < spec->annotations.n; i++)
        if (strcmp(spec->annotations.key[i], key) == 0)
            return spec->annotations.at[i];
    return NULL;
}

/* FLAG: a CLONE_NEW…. Whether such a namespace is made for it, not joined. */
static inline bool container_has_new(const struct container *c, uint64_t flag)
{
    return c->new_namespaces & flag;
}

/* INIT's warnings go to RUNTIME by message, RUNTIME's to the log. */
void container_warn(const struct container *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* INIT only: leave WHY in memory, for when no call is allowed any more that could say it
   (container/last-words.h). */
void container_say_last(const struct container *c, const struct error *why);

/* INIT only: tell RUNTIME that this row failed, should INIT itself not be able to any more. */
void container_fail(const struct container *c, const struct error *why);

/* One indented line of `zind-oci plan` below the step at hand. */
struct explain;
void explain(struct explain *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Steps, their undos, predicates and explanations: the order and the reasons stand in plan.def.
   Each step's function is in the file its name begins with. A step that fails has cleaned up after
   itself; undo is idempotent and, where its row says so, works from the saved state alone. */
#define STEP(name, verbs, side, waits_for, on_failure, undo, when, explains, reason) \
    int name(struct container *c, struct error *why);                                \
    int undo(struct container *c, struct error *why);                                \
    bool when(const struct container *c);                                            \
    void explains(const struct container *c, struct explain *to);
#include "container/plan.def"
#undef STEP

/* Each section's check: pure, no system call, reports all it finds. spec->process and spec->linux
 * may be NULL. */
#define SECTION(name) void name##_check(const struct oci_config *spec, struct problems *all);
#define PROPERTY(section, property, rule, file)
#include "sections/sections.def"
#undef SECTION
#undef PROPERTY
