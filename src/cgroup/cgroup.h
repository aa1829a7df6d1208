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
struct log;

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
};

/* --- finding out (cgroup.c) --- */

/* What is mounted at /sys/fs/cgroup; never parses mountinfo. */
enum cgroup_hierarchy cgroup_detect(void);

/* Decide hierarchy, path and scope from linux.cgroupsPath and the id; looks, but touches nothing.
   Strings are allocated in ARENA. A cgroupsPath with ".." or that names the root is refused. Paths
   are below each hierarchy's mount, whether they begin with a slash or not; without one it is
   "/zind-oci-ID": flat, so that no shared folder is left behind. */
int cgroup_choose(struct cgroup *ret, enum cgroup_manager manager, const struct oci_config *spec,
                  const char *id, struct arena *arena, struct error *why);

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

/* Whether a limit is asked for; device rules, which are always set up, do not count. */
bool cgroup_has_limits(const struct oci_resources *resources);

/* --- doing (dispatched to the driver) --- */

/* Create the cgroup in every hierarchy that is in use; sets is_ours and there_before. A cgroup that
   has processes, or is frozen, is refused. On failure what was made is removed. */
int cgroup_make(struct cgroup *cgroup, struct error *why);

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

/* Move PID into it: all hierarchies but one it was born in. SUBPATH ("" or below the container's,
 * for exec --cgroup). */
int cgroup_enter(const struct cgroup *cgroup, pid_t pid, const char *subpath, struct error *why);

/* Apply RESOURCES; values that are absent are left alone. Errors carry the JSON path of the field.
   DEVICES: also the device rules (create does, update does not). */
int cgroup_limit(const struct cgroup *cgroup, const struct oci_resources *resources, bool devices,
                 const struct log *log, struct error *why);

/* Freeze or thaw, with a deadline of 10 s. */
int cgroup_freeze(const struct cgroup *cgroup, bool frozen, struct error *why);
bool cgroup_is_frozen(const struct cgroup *cgroup);

/* Pids of all processes in it and below, on the heap; their number or -1. */
ssize_t cgroup_processes(const struct cgroup *cgroup, pid_t **ret, struct error *why);

/* SIGKILL all of them (cgroup.kill, or freeze + kill + thaw), again until none is left; deadline 10
 * s. */
int cgroup_kill(const struct cgroup *cgroup, struct error *why);

/* Remove it and all below it; deadline 10 s, idempotent, leaves a cgroup that is not ours. */
int cgroup_remove(const struct cgroup *cgroup, struct error *why);
