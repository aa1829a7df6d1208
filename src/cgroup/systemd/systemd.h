// SPDX-License-Identifier: Apache-2.0
/* The systemd driver's parts: names, properties, and the calls to zind-oci-systemd. Private to
 * cgroup/. */
#pragma once

#include "cgroup/driver.h"
#include "cgroup/systemd/wire.h"

/* --- unit.c: names --- */

struct systemd_unit {
    char name[SYSTEMD_UNIT_MAX];  /* "libpod-web.scope" */
    char slice[SYSTEMD_UNIT_MAX]; /* "a-b.slice"; "" when the unit is itself a slice */
    char path[4096];              /* of its cgroup below that of the manager */
};

/* CGROUPS_PATH: "slice:prefix:name" or NULL. What is wrong with it, or NULL. Bytes that systemd has
   no room for in a name are escaped as systemd-escape does. */
const char *systemd_unit_name(struct systemd_unit *ret, const char *cgroups_path, const char *id,
                              bool is_user);

/* Whether it is the user's own manager that makes units for us: we are not root where the system's
 * manager is. */
bool systemd_is_for_user(void);

/* The cgroup that a user's manager has by convention: a guess until it tells. */
void systemd_unit_guess_base(char *out, size_t room, bool is_user);

/* --- words.c: a request's words --- */

struct systemd_words {
    char *at; /* on the heap */
    size_t length, room;
    bool is_short; /* there was no memory for all of them */
};

void systemd_words_add(struct systemd_words *to, const char *word);
void systemd_words_addf(struct systemd_words *to, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void systemd_words_append(struct systemd_words *to, const struct systemd_words *more);
void systemd_words_free(struct systemd_words *words);

/* --- properties.c --- */

/* What new values are combined with; -1 and 0: not known, or no limit. */
struct systemd_now {
    int64_t memory_limit, cpu_quota;
    uint64_t cpu_period;
    bool is_idle;
};

/* What makes the unit a container's. */
void systemd_properties_begin(struct systemd_words *to, const struct systemd_unit *unit,
                              const char *id, bool is_v2);

/* The limits that are asked for, as far as systemd knows such: the files are written all the same.
 *RET_COMPLETE: false when device rules cannot be said to systemd. */
void systemd_properties_limit(struct systemd_words *to, const struct oci_resources *resources,
                              bool devices, bool is_v2, const struct systemd_now *now,
                              bool *ret_complete);

/* Whether a row's property is one that systemd_properties_limit can say (for the test). */
bool systemd_properties_know(const char *property);

/* --- annotations.c --- */

/* Annotations org.systemd.property.NAME whose values are GVariant texts. TO may be NULL. */
void systemd_annotations(struct systemd_words *to, const struct oci_config *spec,
                         struct problems *all);

/* --- call.c --- */

/* zind-oci-systemd at work for us. */
struct cgroup_session {
    int socket; /* -1: none */
    pid_t pid;
    bool is_user;
    char path[4096]; /* room for what the unit's cgroup turned out to be */
};

int systemd_call_open(struct cgroup_session *session, struct error *why);
/* On failure WHY; ANSWER is always whole. */
int systemd_call(struct cgroup_session *session, enum systemd_verb verb, const char *unit,
                 pid_t pid, const struct systemd_words *words, struct systemd_answer *answer,
                 struct error *why);
/* Ends the program, and with it the place that it keeps in a scope. */
void systemd_call_close(struct cgroup_session *session);

/* --- limit.c --- */

/* cgroup_limit of the driver; ends the session. */
int systemd_limit(const struct cgroup *cgroup, const struct oci_resources *resources, bool devices,
                  const struct log *log, struct error *why);
