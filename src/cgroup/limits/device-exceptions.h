// SPDX-License-Identifier: Apache-2.0
/* Device rules as cgroup v1 has them: what holds for all devices, and exceptions from it. Private
 * to cgroup/. */
#pragma once

#include "cgroup/limits/writing.h"

#include <linux/bpf.h>

enum { DEVICE_ANY = -1 };
enum {
    DEVICE_MKNOD = BPF_DEVCG_ACC_MKNOD,
    DEVICE_READ = BPF_DEVCG_ACC_READ,
    DEVICE_WRITE = BPF_DEVCG_ACC_WRITE,
    DEVICE_ALL = DEVICE_MKNOD | DEVICE_READ | DEVICE_WRITE,
};

/* A rule without the spec's ways to leave things out. */
struct device_rule {
    bool allow;
    char type;            /* 'a', 'b', 'c' */
    int64_t major, minor; /* DEVICE_ANY */
    unsigned access;
};

struct device_exceptions {
    bool allow; /* the default; the exceptions say the opposite */
    size_t n, room;
    struct device_rule *at; /* on the heap */
};

enum { DEVICE_LETTERS = 4, DEVICE_LINE = 64 };
void device_exceptions_letters(char out[DEVICE_LETTERS], unsigned access);
/* As devices.allow takes it: "c 1:3 rwm" */
void device_exceptions_line(char out[DEVICE_LINE], const struct device_rule *rule);

/* RULE overrules what came before it. 0 or -1 with errno; EDOM: part of an exception would be left,
   which v1 cannot say. */
int device_exceptions_take(struct device_exceptions *to, struct device_rule rule);

/* What devices.list says; of exceptions from "all" it tells nothing. */
int device_exceptions_parse(struct device_exceptions *ret, const char *list);

/* All of it, whatever was there. In between all devices are denied, or allowed. 0 or -1. */
int device_exceptions_write(struct writing *to, const struct device_exceptions *all);

/* From HELD, with the same default, to ALL. New exceptions come first: at no time is denied what
   both allow, or allowed what both deny. 0 or -1. */
int device_exceptions_change(struct writing *to, const struct device_exceptions *held,
                             const struct device_exceptions *all);
