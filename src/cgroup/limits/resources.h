// SPDX-License-Identifier: Apache-2.0
/* The limits of linux.resources: private to cgroup/. */
#pragma once

#include "cgroup/driver.h"
#include "cgroup/limits/writing.h"

#include <stdint.h>

enum limit_kind { LIMIT_S64, LIMIT_U64, LIMIT_U32, LIMIT_U16, LIMIT_BOOL, LIMIT_TEXT, LIMIT_LIST };

enum limit_flag {
    UNSET_AT_0 = 1,       /* 0 asks for nothing, as in every peer */
    UNSET_AT_MINUS_1 = 2, /* so does -1 */
    /* Asked for this it is so where the controller, the file or the whole cgroup is missing. */
    FREE_BELOW_0 = 4, /* no limit */
    ZERO_HOLDS = 8,
    ONE_HOLDS = 16, /* or true */
    IF_CAN = 32,    /* deprecated: a kernel that cannot is worth a warning */
};

/* One row a limit. The spec's field, where it is in the structs, where it goes, and how. */
struct limit {
    const char *field; /* below linux.resources: "memory.limit" */
    enum limit_kind kind;
    unsigned flags;
    uint16_t object;            /* in struct oci_resources: the pointer to its object; NO_OBJECT */
    uint16_t has, value;        /* in that object */
    enum controller controller; /* CONTROLLERS: the row finds its own */
    const char *v1, *v2;        /* file; NULL: it has none there */
    const char *property; /* of a systemd unit; NULL: none, the file is written all the same */
    const char *word;     /* v2, several limits in one file: "rbps" */
    int (*convert)(struct writing *to, const struct limit *row); /* 0 or -1 with errno */
};

enum { NO_OBJECT = UINT16_MAX };

/* In the order in which they are written; *RET_N rows. */
const struct limit *limit_rows(size_t *ret_n);

bool limit_is_asked(const struct limit *row, const struct oci_resources *resources);

/* The first limit that is asked for and does not hold without a cgroup; device rules, which are
   always set up, aside. NULL: none. */
const struct limit *limit_first_asked(const struct oci_resources *resources);

/* Whether what is asked for cannot be had on v2. */
bool limit_is_for_v1(const struct limit *row, const struct oci_resources *resources);

/* The value of a row that is asked for; unsigned kinds come as they are, 64 bits wide. */
int64_t limit_number(const struct limit *row, const struct oci_resources *resources);
const char *limit_text(const struct limit *row, const struct oci_resources *resources);
/* The list {n, at} itself, to be cast. */
const void *limit_list(const struct limit *row, const struct oci_resources *resources);

/* Give TO, whose objects may be written to, the number or text that FROM has or lacks; not of an
   object that TO lacks. */
void limit_copy(const struct limit *row, struct oci_resources *to,
                const struct oci_resources *from);

/* Pure: what is wrong with the values, and on v2 what it has no file for. */
void resources_check(const struct oci_resources *resources, enum cgroup_hierarchy hierarchy,
                     struct problems *all);

/* cgroup_limit of every driver that has a folder to write to. */
int resources_limit(const struct cgroup *cgroup, const struct oci_resources *resources,
                    bool devices, const struct log *log, struct error *why);

/* The same as a rehearsal: W has a journal, nothing is written. What can be found out without
   writing (a controller or file that is missing, a limit below what is in use) is an error. */
int resources_rehearse(struct writing *w, bool devices, struct error *why);
