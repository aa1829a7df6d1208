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
    int (*enter)(const struct cgroup *cgroup, pid_t pid, const char *preferred, struct error *why);
    int (*limit)(const struct cgroup *cgroup, const struct oci_resources *resources, bool devices,
                 const struct log *log, struct error *why);
    int (*freeze)(const struct cgroup *cgroup, bool frozen, struct error *why);
    int (*is_frozen)(const struct cgroup *cgroup);
    ssize_t (*processes)(const struct cgroup *cgroup, pid_t **ret, struct error *why);
    int (*kill)(const struct cgroup *cgroup, struct error *why);
    int (*remove)(const struct cgroup *cgroup, struct error *why);
};

extern const struct cgroup_driver cgroupfs_driver;
extern const struct cgroup_driver none_driver;
extern const struct cgroup_driver systemd_driver;

/* What is wrong with linux.cgroupsPath, or NULL (cgroup.c). */
const char *cgroup_path_problem(const char *path);

/* What the systemd driver has in common with it (cgroupfs.c): how many folders of the path were
   there before create; errors that a hierarchy without limits may have. */
void cgroupfs_set_there(struct cgroup *cgroup, const struct hierarchy *hierarchy, unsigned there);
bool cgroupfs_may_lack(const struct hierarchy *hierarchy, int number);

/* Whether every hierarchy that the container is in can be reached from here: else it would be
   entered or removed in part (cgroupfs.c). */
int cgroupfs_check_mounted(const struct cgroup *cgroup, const struct mounted *mounted,
                           struct error *why);

/* An fd of the cgroup's folder in HIERARCHY, or -1 with errno (cgroupfs.c). */
int cgroupfs_open(const struct cgroup *cgroup, const struct hierarchy *hierarchy);

/* Freeze or thaw by DEADLINE (clock_ms()); 0 or -1 with errno (cgroupfs.c). */
int cgroupfs_freeze_until(const struct cgroup *cgroup, bool frozen, uint64_t deadline);

/* --- entering.c: for every driver whose cgroups are folders --- */

int entering_open(const struct cgroup *cgroup, struct cgroup_entrance *ret, struct error *why);
int entering_enter(const struct cgroup *cgroup, pid_t pid, const char *preferred,
                   struct error *why);

/* --- v1.c --- */

/* A new cpuset has neither cpus nor memory nodes, and takes no process before it has: give it, and
   those before it that are as empty, what the one above has. 0 or -1 with errno. */
int v1_seed_cpuset(const char *root, const char *path);

/* FD: the folder in the freezer's hierarchy. 0 or -1 with errno (ETIMEDOUT). */
int v1_freeze(int fd, bool frozen, uint64_t deadline);
int v1_is_frozen(int fd); /* 1, 0; -1 with errno where that is not known */

/* --- v2.c --- */

/* Let ROOT + PATH have WANTED controllers: they go into cgroup.subtree_control of each folder above
   it. Bits that it has at the end. */
uint32_t v2_enable(const char *root, const char *path, uint32_t wanted);

/* Whether FD has processes of its own, so that it must hand no controller on. The real root, which
   has no cgroup.type, may have both; that of a cgroup namespace may not. */
bool v2_has_processes(int fd);

/* 0 or -1 with errno (ETIMEDOUT). */
int v2_freeze(int fd, bool frozen, uint64_t deadline);
int v2_is_frozen(int fd); /* 1, 0; -1 with errno where that is not known */

/* SIGKILL all in FD and below at once (Linux 5.14); false: the kernel cannot. */
bool v2_kill(int fd);
