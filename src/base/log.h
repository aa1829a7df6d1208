// SPDX-License-Identifier: Apache-2.0
/* Where messages go: stderr, a file or a daemon, as text or as JSON lines. Only the RUNTIME side
   and commands/ log; INIT's warnings travel to RUNTIME as messages, because its stderr is the
   container's. */
#pragma once

#include "base/error.h"

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_DEBUG };

enum log_target { LOG_TO_FILE, LOG_TO_JOURNALD, LOG_TO_SYSLOG };

struct log {
    int fd; /* 2 unless --log names a file or a daemon */
    enum log_target target;
    const char *name; /* under which a daemon keeps it */
    bool is_json;     /* --log-format json: {"level":…,"msg":…,"time":…}, one write(2) a line;
                         errors also have "code" (errors.def) */
    enum log_level level; /* the chattiest that is written; LOG_LEVEL_WARNING unless asked */
};

void log_debug(const struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_warning(const struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The last word of a command that failed: "zind-oci: create web: …" and, as text, a `hint:` line.
   With --log, callers such as conmon read stderr all the same: the text goes there too. */
void log_error(const struct log *log, const char *command, const char *id, const struct error *why);
