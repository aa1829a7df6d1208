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
    mode_t umask;    /* the caller's: for programs and hooks, not for what we make */
    int timings_fd;  /* --timings; -1: none */
    uint64_t origin; /* when the command began, trace_now() */
};

int lifecycle_create(const struct runtime *runtime, const char *id, const char *bundle,
                     const struct container_options *options, struct error *why);

/* The program's exit status (128 + signal); 0 when detached; -1 on error. KEEP: do not delete it at
 * the end. */
int lifecycle_run(const struct runtime *runtime, const char *id, const char *bundle,
                  const struct container_options *options, bool keep, struct error *why);

/* NOTIFY_SOCKET: whom to tell when the program is ready, which is then waited for; or NULL. */
int lifecycle_start(const struct runtime *runtime, const char *id, const char *notify_socket,
                    struct error *why);
int lifecycle_kill(const struct runtime *runtime, const char *id, int signal, bool all,
                   struct error *why);
int lifecycle_delete(const struct runtime *runtime, const char *id, bool force, struct error *why);
int lifecycle_pause(const struct runtime *runtime, const char *id, struct error *why);
int lifecycle_resume(const struct runtime *runtime, const char *id, struct error *why);

/* Mount what FILE lists, as `mounts` in config.json does, in a container that is there; all of it
   or nothing. The state folder's config.json stays as it is. */
int lifecycle_add_mounts(const struct runtime *runtime, const char *id, const char *file,
                         struct error *why);
/* Take away what is mounted at the destinations that FILE lists. */
int lifecycle_remove_mounts(const struct runtime *runtime, const char *id, const char *file,
                            struct error *why);

/* What is absent stays as it is. */
struct update_request {
    const char *file; /* of a linux.resources object, "-": standard input; NULL: what follows */
    const struct oci_resources *resources;
    const char *l3_cache_schema, *mem_bw_schema; /* of linux.intelRdt; also beside a file */
    /* For messages: the option that a field ("memory.limit") comes from */
    struct update_name {
        const char *field, *option;
    } const *names;
    size_t n_names;
};

/* Of a created, running or paused container; all of it or nothing. The state folder's config.json
   has it afterwards. */
int lifecycle_update(const struct runtime *runtime, const char *id,
                     const struct update_request *request, struct error *why);

struct exec_request {
    const char *process_file; /* NULL: the process is built from the rest */
    const char *cwd;          /* NULL: that of config.json; so with all below */
    const char *user;         /* "UID[:GID]", checked with ids_parse */
    const char *apparmor;
    const char *process_label;
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

/* What checkpoint and restore ask of criu; names as its own options have them. */
struct criu_options {
    const char *image_path;          /* folder of the images; NULL: ./checkpoint */
    const char *work_path;           /* folder of logs and statistics; NULL: that of the images */
    const char *parent_path;         /* of an earlier pre-dump, from image_path on; or NULL */
    const char *manage_cgroups_mode; /* soft, full, strict, ignore; NULL: soft */
    const char *network_lock;        /* iptables, nftables, skip; or NULL */
    const char *empty_ns;            /* network; or NULL */
    const char *page_server;         /* ADDRESS:PORT; or NULL */
    const char *status_fd;           /* number of an open fd; or NULL */
    const char *lsm_profile;         /* apparmor:NAME, selinux:NAME; or NULL */
    const char *lsm_mount_context;   /* or NULL */
    bool leave_running, pre_dump, lazy_pages, auto_dedup, shell_job, file_locks, ext_unix_sk;
    bool link_remap, tcp_established, tcp_close, tcp_skip_in_flight;
};

/* Write the processes of a running or paused container to a folder. With leave_running or pre_dump
   it goes on as before; else it is deleted afterwards. After a failure it goes on as before. */
int lifecycle_checkpoint(const struct runtime *runtime, const char *id,
                         const struct criu_options *options, struct error *why);

/* Make a container of BUNDLE whose processes are those of the images. The exit status of the first
   of them (128 + signal), 0 when detached, -1 on error: then nothing is left. */
int lifecycle_restore(const struct runtime *runtime, const char *id, const char *bundle,
                      const struct container_options *options, const struct criu_options *criu,
                      struct error *why);

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
    uint64_t start_time;           /* of that process, for pidfd_find */
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
