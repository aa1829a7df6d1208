// SPDX-License-Identifier: Apache-2.0
/* The engine behind the commands: what can be done to a container, and what is known of one. */
#pragma once

#include "arena.h"
#include "base/error.h"
#include "base/log.h"
#include "cgroup/cgroup.h"
#include "oci-spec.h"
#include "sections/container.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What the global options say. */
struct runtime {
    const char *root; /* folder of all containers' state; absolute */
    const struct log *log;
    enum cgroup_manager manager;
    bool rootless;
    int timings_fd;  /* --timings; -1: none */
    uint64_t origin; /* when the command began, trace_now() */
};

int lifecycle_create(const struct runtime *runtime, const char *id, const char *bundle,
                     const struct container_options *options, struct error *why);

/* The program's exit status (128 + signal); 0 when detached; -1 on error. KEEP: do not delete it at
 * the end. */
int lifecycle_run(const struct runtime *runtime, const char *id, const char *bundle,
                  const struct container_options *options, bool keep, struct error *why);

int lifecycle_start(const struct runtime *runtime, const char *id, struct error *why);
int lifecycle_kill(const struct runtime *runtime, const char *id, int signal, bool all,
                   struct error *why);
int lifecycle_delete(const struct runtime *runtime, const char *id, bool force, struct error *why);
int lifecycle_pause(const struct runtime *runtime, const char *id, struct error *why);
int lifecycle_resume(const struct runtime *runtime, const char *id, struct error *why);

struct exec_request {
    const char *process_file; /* NULL: the process is built from the rest */
    const char *cwd;          /* NULL: that of config.json; so with all below */
    const char *user;         /* "UID[:GID]", checked with ids_parse */
    const char *apparmor;
    const char *process_label;
    const char *cgroup;
    LIST(const char *) env;
    LIST(const char *) caps;
    LIST(const char *) args;
    LIST(uint32_t) additional_gids;
    bool tty;
    bool no_new_privs;
    bool ignore_paused;
    struct container_options options;
};

/* The program's exit status (128 + signal); 0 when detached; -1 on error. */
int lifecycle_exec(const struct runtime *runtime, const char *id,
                   const struct exec_request *request, struct error *why);

/* Says what create would do, and does none of it. */
int lifecycle_explain(const struct runtime *runtime, const char *id, const char *bundle,
                      const struct container_options *options, struct explain *to,
                      struct error *why);

enum status { STATUS_CREATING, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED };

/* "creating", … */
const char *status_name(enum status status);

struct snapshot {
    const char *id;
    const char *bundle;
    const char *rootfs;
    const char *created; /* RFC 3339 with nanoseconds */
    const char *owner;   /* user name, or "" */
    enum status status;
    pid_t pid;                     /* 0 when stopped */
    const struct oci_config *spec; /* for the annotations */
    struct cgroup cgroup;
    const char *oci_version;
};

/* Strings live in ARENA. */
int state_snapshot(const struct runtime *runtime, const char *id, struct snapshot *ret,
                   struct arena *arena, struct error *why);

struct state_names {
    size_t n;
    char **at;
};

/* The ids below --root, sorted; the list and its strings are on the heap. A root that is not there
 * holds none. */
int state_list(const struct runtime *runtime, struct state_names *ret, struct error *why);
