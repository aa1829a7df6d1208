// SPDX-License-Identifier: Apache-2.0
/* What zind-oci and zind-oci-systemd, the program that speaks D-Bus for it, say to each other over
   a socket: a request and its words, an answer, as often as wanted. The end of the socket is the
   end of that program. */
#pragma once

#include <stdint.h>

enum { SYSTEMD_WIRE_VERSION = 1, SYSTEMD_WORDS_MAX = 4 << 20, SYSTEMD_UNIT_MAX = 256 };

enum systemd_verb {
    SYSTEMD_START,  /* a transient unit; a scope gets the answering process, until that ends */
    SYSTEMD_SET,    /* properties, until the next boot */
    SYSTEMD_ATTACH, /* PID to the unit */
    SYSTEMD_STOP,   /* the unit, if there is one */
};

/* Followed by LENGTH bytes of words, each with its NUL: for each property its name, its D-Bus
   signature and its value, flattened: an array begins with its number of elements. A name after a
   question mark is that of a property which an older systemd may lack. */
struct systemd_request {
    uint32_t version, verb;
    uint32_t is_user; /* the user's manager, not the system's */
    uint32_t length;
    int32_t pid;
    char unit[SYSTEMD_UNIT_MAX];
};

enum systemd_outcome {
    SYSTEMD_DONE,
    SYSTEMD_UNREACHABLE, /* no manager answers; text: where it was looked for, and errno */
    SYSTEMD_IN_USE,      /* a unit of this name is active; word: its state */
    SYSTEMD_JOB_FAILED,  /* word: the job's result */
    SYSTEMD_NO_PROPERTY, /* word: the property that it does not know */
    SYSTEMD_LATE,        /* no answer in time */
    SYSTEMD_REFUSED,     /* text: what systemd says; word: the D-Bus error's name */
};

struct systemd_answer {
    uint32_t version, outcome;
    char text[512];
    char word[128];
    char left_out[512]; /* properties that it does not know, separated by blanks */
    char path[4096];    /* the unit's cgroup; "" without one */
};
