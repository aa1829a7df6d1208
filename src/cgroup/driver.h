// SPDX-License-Identifier: Apache-2.0
/* Who makes a cgroup and what is in its files: private to cgroup/. */
#pragma once

#include "cgroup/cgroup.h"
#include "cgroup/mounted.h"

/* Every function has the contract of cgroup_<name> in cgroup.h. A driver that is not in this build
   is an empty row of the table in cgroup.c. */
struct cgroup_driver {
    const char *name;
    /* PATH: linux.cgroupsPath or NULL */
    int (*choose)(struct cgroup *ret, const char *path, const char *id, struct arena *arena,
                  struct error *why);
    int (*make)(struct cgroup *cgroup, struct error *why);
    int (*open_birthplace)(const struct cgroup *cgroup);
    int (*open_entrance)(const struct cgroup *cgroup, struct cgroup_entrance *ret,
                         struct error *why);
    int (*enter)(const struct cgroup *cgroup, pid_t pid, const char *subpath, struct error *why);
    int (*limit)(const struct cgroup *cgroup, const struct oci_resources *resources, bool devices,
                 const struct log *log, struct error *why);
    int (*freeze)(const struct cgroup *cgroup, bool frozen, struct error *why);
    bool (*is_frozen)(const struct cgroup *cgroup);
    ssize_t (*processes)(const struct cgroup *cgroup, pid_t **ret, struct error *why);
    int (*kill)(const struct cgroup *cgroup, struct error *why);
    int (*remove)(const struct cgroup *cgroup, struct error *why);
};

extern const struct cgroup_driver cgroupfs_driver;
extern const struct cgroup_driver none_driver;

/* What is wrong with linux.cgroupsPath, or NULL (cgroup.c). */
const char *cgroup_path_problem(const char *path);

/* An fd of the cgroup's folder in HIERARCHY, or -1 with errno (cgroupfs.c). */
int cgroupfs_open(const struct cgroup *cgroup, const struct hierarchy *hierarchy);

/* --- v1.c --- */

/* A new cpuset has neither cpus nor memory nodes, and takes no process before it has: give it, and
   those before it that are as empty, what the one above has. 0 or -1 with errno. */
int v1_seed_cpuset(const char *root, const char *path);

/* FD: the folder in the freezer's hierarchy. 0 or -1 with errno (ETIMEDOUT). */
int v1_freeze(int fd, bool frozen, uint64_t deadline);
bool v1_is_frozen(int fd);

/* --- v2.c --- */

/* Let ROOT + PATH have WANTED controllers: they go into cgroup.subtree_control of each folder above
   it. Bits that it has at the end. */
uint32_t v2_enable(const char *root, const char *path, uint32_t wanted);

/* 0 or -1 with errno (ETIMEDOUT). */
int v2_freeze(int fd, bool frozen, uint64_t deadline);
bool v2_is_frozen(int fd);

/* SIGKILL all in FD and below at once (Linux 5.14); false: the kernel cannot. */
bool v2_kill(int fd);
