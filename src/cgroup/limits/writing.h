// SPDX-License-Identifier: Apache-2.0
/* Where a value goes: the folder of its controller, on v1 or v2, for real or only to be printed.
 * Private to cgroup/. */
#pragma once

#include "cgroup/driver.h"

struct journal;

struct writing {
    const struct cgroup *cgroup;
    const struct oci_resources *asked;
    const struct log *log;
    cgroup_print *print; /* NULL: write */
    void *context;
    struct journal *journal; /* a rehearsal: nothing is written, what stands there is noted */

    struct mounted room;
    const struct mounted *mounted; /* in ROOM, or what the cgroup remembers */
    int folders[CONTROLLERS];      /* by hierarchy slot, opened at need; -1 */
    uint32_t unified_has;          /* controllers of the v2 folder, as far as asked for */
    int file_fd;                   /* of the file written last; -1 */

    /* Where the row at hand goes */
    const struct hierarchy *hierarchy;
    bool is_v2;
    /* What was written last, and for which item of a list (-1: none), for the message */
    char file[128], value[128];
    ssize_t index;
    char reason[128];        /* why the value was not even written; "" */
    enum controller missing; /* that a key of unified needs; CONTROLLERS: none */
};

void writing_begin(struct writing *w, const struct cgroup *cgroup,
                   const struct oci_resources *asked);
void writing_end(struct writing *w);

/* Go to the folder that CONTROLLER rules in, on v1 rather than on v2; there, let it be enabled.
   False: this host has no such controller. */
bool writing_locate(struct writing *w, enum controller controller);

/* An fd of that folder, which stays the writing's, or -1 with errno. */
int writing_folder(struct writing *w);

/* For the message: what would have been written. */
void writing_name(struct writing *w, const char *file, const char *value);

/* Write VALUE to FILE there. 0 or -1 with errno. */
int writing_put(struct writing *w, const char *file, const char *value);
int writing_putf(struct writing *w, const char *file, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* VALUES[i] into the first FILES[i] that is there; the list ends with NULL */
int writing_put_first(struct writing *w, const char *const files[], const char *const values[]);

/* A number that a file holds; -1 with errno ("max" too). */
int64_t writing_get(struct writing *w, const char *file);
