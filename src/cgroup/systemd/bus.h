// SPDX-License-Identifier: Apache-2.0
/* systemd's manager over D-Bus: only in zind-oci-systemd, which alone links libsystemd. */
#pragma once

#include "cgroup/systemd/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

/* A connection, and the job that is waited for. */
struct systemd_manager {
    sd_bus *bus;
    char job[256]; /* object path; "" */
    char result[64];
    bool is_over;
};

/* 0, or -1 with ANSWER's outcome, word and text. */
int systemd_bus_open(struct systemd_manager *ret, bool is_user, struct systemd_answer *answer);
void systemd_bus_close(struct systemd_manager *manager);

/* Perform REQUEST; WORDS are its LENGTH bytes. */
void systemd_job_perform(struct systemd_manager *manager, const struct systemd_request *request,
                         const char *words, struct systemd_answer *answer);

/* The words that are left. */
struct systemd_reader {
    const char *at, *end;
};

/* The next one; NULL: there is none. */
const char *systemd_bus_word(struct systemd_reader *from);

/* Add a property's value of type SIGNATURE; without a MESSAGE only walk over it. Negative errno:
   the words do not fit the signature. */
int systemd_bus_append(sd_bus_message *message, struct systemd_reader *from, const char *signature,
                       size_t length);

/* Say in ANSWER what a call failed with; -1. */
int systemd_bus_fail(struct systemd_answer *answer, int number, const sd_bus_error *error);
