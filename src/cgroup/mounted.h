// SPDX-License-Identifier: Apache-2.0
/* Which cgroup hierarchies the host has at /sys/fs/cgroup, and what each one controls. */
#pragma once

#include "cgroup/cgroup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOUNTED_AT "/sys/fs/cgroup"

/* The numbers are part of the state record (struct cgroup, there_before): never renumber. */
enum controller {
    CONTROLLER_CPU,
    CONTROLLER_CPUACCT,
    CONTROLLER_CPUSET,
    CONTROLLER_MEMORY,
    CONTROLLER_DEVICES,
    CONTROLLER_FREEZER,
    CONTROLLER_BLKIO, /* v2 calls it io */
    CONTROLLER_PIDS,
    CONTROLLER_NET_CLS,
    CONTROLLER_NET_PRIO,
    CONTROLLER_PERF_EVENT,
    CONTROLLER_HUGETLB,
    CONTROLLER_RDMA,
    CONTROLLER_MISC,
    CONTROLLER_SYSTEMD, /* name=systemd, which controls nothing */
    CONTROLLER_UNIFIED, /* cgroup v2 itself */
    CONTROLLERS,
};

struct hierarchy {
    char name[64];        /* folder of MOUNTED_AT; "" for the only one of v2 */
    uint32_t controllers; /* bits, 1 << CONTROLLER_…; on v2 only CONTROLLER_UNIFIED */
    enum controller slot; /* the lowest of them: this hierarchy's number in the state record */
    bool is_v2;
};

struct mounted {
    bool is_known; /* somebody looked */
    enum cgroup_hierarchy kind;
    int number; /* errno of what could not be looked at; 0: all was seen */
    size_t n;
    struct hierarchy at[CONTROLLERS];
};

/* One statfs on v2; else one reading of the folder and one statfs a hierarchy. */
void mounted_look(struct mounted *ret);

/* What CGROUP remembers, or else, in ROOM, what is there now. */
const struct mounted *mounted_of(const struct cgroup *cgroup, struct mounted *room);

/* The hierarchy that has CONTROLLER, or NULL. */
const struct hierarchy *mounted_find(const struct mounted *mounted, enum controller controller);

/* The same; where no v1 hierarchy has it, that of v2, which may hand it on to a cgroup. NULL: there
   is neither. */
const struct hierarchy *mounted_find_or_v2(const struct mounted *mounted,
                                           enum controller controller);

/* Whether the kernel has a hierarchy with CONTROLLER, mounted here or not (/proc/self/cgroup). */
bool mounted_exists(enum controller controller);

/* "memory"; IS_V2 spells blkio "io". */
const char *mounted_controller_name(enum controller controller, bool is_v2);

/* Bits of the controllers in a list separated by SEPARATOR; what is not known is left out. */
uint32_t mounted_controllers(const char *list, char separator);

/* MOUNTED_AT/name/path; false when it does not fit. */
enum { MOUNTED_PATH_MAX = 4096 };
bool mounted_path(char out[MOUNTED_PATH_MAX], const struct hierarchy *hierarchy, const char *path);

/* The folder where CGROUP is frozen, on v2 or by the freezer of v1; false where there is none. */
bool mounted_freezer_path(char out[MOUNTED_PATH_MAX], const struct cgroup *cgroup);
