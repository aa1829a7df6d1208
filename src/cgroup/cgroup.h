// SPDX-License-Identifier: Apache-2.0
/* Control groups: where a container's processes are counted, limited, frozen and killed, on cgroup
 * v1, hybrid and v2.
 *
 * A driver decides who makes the cgroup (us through cgroupfs, systemd, nobody); a hierarchy says
 * what the host has. `struct cgroup` is all that the state record keeps: from it alone everything
 * can be found and removed again. */
#pragma once

#include "arena.h"
#include "base/error.h"
#include "oci-spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;
struct cgroup_session;
struct log;
struct mounted;

enum cgroup_hierarchy {
    CGROUP_NONE,   /* no cgroup file system is mounted */
    CGROUP_V1,     /* each controller mounted under /sys/fs/cgroup/NAME */
    CGROUP_HYBRID, /* v1 controllers, and a cgroup2 at /sys/fs/cgroup/unified */
    CGROUP_V2,     /* one cgroup2 at /sys/fs/cgroup */
};

enum cgroup_manager { CGROUP_CGROUPFS, CGROUP_SYSTEMD, CGROUP_DISABLED };

struct cgroup {
    enum cgroup_hierarchy hierarchy;
    enum cgroup_manager manager;
    const char *path;  /* below each hierarchy's mount: "/zind-oci-web"; "" when disabled */
    const char *scope; /* systemd unit, or "" */
    bool is_ours;      /* create makes or made a folder of it: delete removes what it made */
    /* How many leading parts of the path were there before create, 4 bits a hierarchy
       (cgroup/mounted.h numbers them; 15: that many or more). Delete removes the folders beyond.
       cgroup_choose fills it in by looking, so that the record is right even when the runtime dies
       while it makes the cgroup. */
    uint64_t there_before;
    bool is_guessed; /* not in the record, which is lost: cgroup_claim */
    /* Not in the record: what is mounted at /sys/fs/cgroup, found out when first asked for, once a
       command; NULL: each time. */
    struct mounted *mounted;
    /* Not in the record, and only where cgroup_choose was called, for the systemd manager: what the
       unit is made from, and the process that holds its place until INIT is in
       (cgroup/systemd/systemd.h).
     */
    const struct oci_config *spec;
    const char *id;
    struct cgroup_session *session;
    /* Not in the record: the device rules in force, from which those that are asked for differ;
       NULL: whatever there is, all of them are written. */
    const struct oci_device_rule_list *devices_held;
};

/* --- finding out (cgroup.c) --- */

/* What is mounted at /sys/fs/cgroup; never parses mountinfo. */
enum cgroup_hierarchy cgroup_detect(void);

/* Decide hierarchy, path and scope from linux.cgroupsPath and the id; looks, but touches nothing.
   Strings are allocated in ARENA. A cgroupsPath with ".." or that names the root is refused. Paths
   are below each hierarchy's mount, whether they begin with a slash or not; without one it is
   "/zind-oci-ID": flat, so that no shared folder is left behind; on v2, for a caller who may make
   none there, beside or below its own cgroup. */
int cgroup_choose(struct cgroup *ret, enum cgroup_manager manager, const struct oci_config *spec,
                  const char *id, struct arena *arena, struct error *why);

/* Room for what is found out of the host; without memory nothing is remembered. */
void cgroup_remember(struct cgroup *cgroup, struct arena *arena);

/* The record is lost, and CGROUP comes from cgroup_choose: presume that create made its last
 * folder. */
void cgroup_claim(struct cgroup *cgroup);

/* Pure: problems of linux.resources and linux.cgroupsPath, given the hierarchy (a v1-only field on
   v2 is refused by name); CGROUP_NONE: only what is wrong on every host. */
void cgroup_check(const struct oci_config *spec, enum cgroup_hierarchy hierarchy,
                  struct problems *all);

/* Write to OUT, a line each, every file and value that `limit` would write: for `zind-oci plan`. */
typedef void cgroup_print(void *context, const char *file, const char *value);
void cgroup_explain(const struct cgroup *cgroup, const struct oci_resources *resources,
                    cgroup_print *print, void *context);

/* Whether a limit is asked for that needs a cgroup; device rules, which are always set up, do not
   count. */
bool cgroup_has_limits(const struct oci_resources *resources);

/* --- doing (dispatched to the driver) --- */

/* Create the cgroup in every hierarchy that is in use; sets is_ours and there_before. A cgroup that
   has processes, or is frozen, is refused. On failure what was made is removed. */
int cgroup_make(struct cgroup *cgroup, struct error *why);

/* v2: give it to OWNER, a uid of the caller's user namespace, with the files that the kernel says
 * one may give away (config-linux.md, "Cgroup ownership"). */
#define CGROUP_DELEGATE_LIST "/sys/kernel/cgroup/delegate"
int cgroup_delegate(const struct cgroup *cgroup, uid_t owner, struct error *why);

/* cgroup_make was denied, and RESOURCES ask for limits: names the first, the controller that is not
 * delegated, and how to delegate it. -1 */
int cgroup_fail_denied(const struct cgroup *cgroup, const struct oci_resources *resources,
                       struct error *why);

/* The path in the v2 hierarchy, "/a/b", of what stands in TEXT, /proc/PID/cgroup; cuts its line
   off. NULL: none, or outside of our cgroup namespace. */
char *cgroup_v2_path(char *text);

/* INIT, which is born with copies of all fds, lets go of those that only RUNTIME has a use for. */
void cgroup_forget_session(struct cgroup *cgroup);

/* A folder fd to be born in (CLONE_INTO_CGROUP) on v2 and, for its v2 half, on hybrid; -1 without
   an error on v1 and disabled. */
int cgroup_open_birthplace(const struct cgroup *cgroup);

/* v1: a single thread that moves itself need not wait for an RCU grace period, which takes 10 ms
   and more on an idle host; whoever moves another process must (Linux 5.5). What it writes to is
   opened before it is born, by those who see these files and may write to them. */
struct cgroup_entrance {
    size_t n;
    struct {
        int fd;
        const char *controller; /* static: for errors */
    } at[16];
};

/* None on v2 and disabled. */
int cgroup_open_entrance(const struct cgroup *cgroup, struct cgroup_entrance *ret,
                         struct error *why);
/* Move the calling thread, the only one of its process, into all of it. */
int cgroup_pass_entrance(const struct cgroup_entrance *entrance, struct error *why);
void cgroup_close_entrance(struct cgroup_entrance *entrance);

/* Move PID into it: all hierarchies but one it was born in. A v2 cgroup that hands controllers on
   takes no process: then into PREFERRED ("" or "/a/b", below the container's), or the first below
   that takes it. */
int cgroup_enter(const struct cgroup *cgroup, pid_t pid, const char *preferred, struct error *why);

/* Move PID below it (exec --cgroup), N > 0 times "PATH" or, on v1, "CONTROLLER[,CONTROLLER]:PATH".
   Hierarchies that nothing names: into the container's own. */
int cgroup_enter_below(const struct cgroup *cgroup, pid_t pid, const char *const places[], size_t n,
                       struct error *why);

/* Apply RESOURCES; values that are absent are left alone. Errors carry the JSON path of the field.
   DEVICES: also the device rules (create does, update does not). */
int cgroup_limit(const struct cgroup *cgroup, const struct oci_resources *resources, bool devices,
                 const struct log *log, struct error *why);

/* --- changing limits that are in force (update) --- */

struct cgroup_change {
    const struct oci_resources *held;   /* before */
    const struct oci_resources *asked;  /* to be written, with what depends on it */
    const struct oci_resources *merged; /* afterwards */
    bool devices;                       /* the device rules change */
};

/* Pure. HELD may be NULL. What ASKED leaves out stays; items of its lists and maps are added to
   those that are there, or replace the one of the same device, size or name; device rules are
   replaced as a whole. A memory limit of -1 lifts that on swap too. */
int cgroup_merge(struct cgroup_change *ret, const struct oci_resources *held,
                 const struct oci_resources *asked, struct arena *arena, struct error *why);

/* v1: whether device rules will be missing while they are written. Then nobody may run meanwhile:
   the caller freezes the cgroup, and thaws it. False also for a cgroup that is frozen already, or
   that has the caller in it, who would not run either. */
bool cgroup_update_needs_freeze(const struct cgroup *cgroup, const struct cgroup_change *change);

/* All of it, or nothing: what can be found out without writing is an error before the first write,
   and after a failure the files hold again what they held. */
int cgroup_update(const struct cgroup *cgroup, const struct cgroup_change *change,
                  const struct log *log, struct error *why);

/* Freeze or thaw, with a deadline of 10 s. */
int cgroup_freeze(const struct cgroup *cgroup, bool frozen, struct error *why);
/* 1 or 0; -1 with errno where we lack what it takes to know. */
int cgroup_is_frozen(const struct cgroup *cgroup);

/* Pids of all processes in it and below, on the heap; their number or -1. */
ssize_t cgroup_processes(const struct cgroup *cgroup, pid_t **ret, struct error *why);

/* SIGKILL all of them (cgroup.kill, or freeze + kill + thaw), again until none is left; deadline 10
 * s. */
int cgroup_kill(const struct cgroup *cgroup, struct error *why);

/* Remove it and all below it; deadline 10 s, idempotent, leaves a cgroup that is not ours. */
int cgroup_remove(const struct cgroup *cgroup, struct error *why);
