// SPDX-License-Identifier: Apache-2.0
/* The program criu(8): found, started, and understood when it fails. It is run by its documented
 * command line: its library would have to be linked into every start of ours. */
#pragma once

#include "container/criu-options.h"

struct criu {
    struct arena *arena;
    const char *path; /* of the program; "/usr/sbin/criu" */
    const char *work; /* the folder of its log, as it was given */
    int images_fd, work_fd;
    bool was_made, was_empty; /* the folder of the images, for a dump */
    const char *log;          /* its name in WORK */
    struct criu_words words;  /* its command line */
    int folders[2];           /* of those: of the images and of the work */
    size_t n_folders;
    int passed[16]; /* fds that it gets, by their numbers here; see criu_pass */
    size_t n_passed;
    int output; /* what it says beside the log, in memory */
};

/* Find the program, in a version that can do what we need, and open the folders that OPTIONS name;
   a dump makes that of the images. Fills the command line as far as OPTIONS say. */
int criu_open(struct criu *ret, const struct criu_options *options, enum criu_action action,
              struct arena *arena, struct error *why);

/* Let criu have FD, and close it with the rest in criu_close. */
void criu_pass(struct criu *criu, int fd);

/* In a process that has a mount namespace of its own by now: let the folders be those of that one,
   for criu mounts in them. One that another has the place of is an error. */
int criu_reopen_folders(const struct criu *criu, struct error *why);

/* In a process made for it: become criu. Returns only on failure. */
int criu_become(const struct criu *criu, struct error *why);

/* Wait for PID, a child that became criu: 0 when it succeeded; else what its log says. */
int criu_await(const struct criu *criu, pid_t pid, struct error *why);

/* After a dump that failed: half of an image, which may hold secrets, is of no use. The log stays,
   and so does what was in the folder before. */
void criu_discard(const struct criu *criu);

void criu_close(struct criu *criu);
