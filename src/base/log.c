// SPDX-License-Identifier: Apache-2.0
/* Messages as text or as JSON lines, each one write(2), so that a reader never sees a part of one.
 */
#include "base/log.h"

#include "base/io.h"
#include "base/log-daemon.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_ROOM = 3584, LINE_ROOM = 8 * MESSAGE_ROOM };

/* A line under construction; what does not fit is left out. */
struct line {
    size_t used;
    char at[LINE_ROOM];
};

static void line_add(struct line *line, const char *text, size_t length)
{
    if (length > sizeof line->at - line->used)
        return;
    memcpy(line->at + line->used, text, length);
    line->used += length;
}

static void line_add_text(struct line *line, const char *text)
{
    line_add(line, text, strlen(text));
}

/* Bytes of the UTF-8 sequence (RFC 3629) that TEXT begins with; 0 where it is none. */
static size_t utf8_length(const unsigned char *text)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t length;

    if (text[0] < 0x80)
        return 1;
    if (text[0] < 0xc2 || text[0] > 0xf4)
        return 0;
    length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
    if (text[0] == 0xe0)
        low = 0xa0;
    else if (text[0] == 0xf0)
        low = 0x90;
    else if (text[0] == 0xed)
        high = 0x9f;
    else if (text[0] == 0xf4)
        high = 0x8f;
    if (text[1] < low || text[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (text[i] < 0x80 || text[i] > 0xbf)
            return 0;
    return length;
}

static void line_add_json(struct line *line, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    char escape[8];

    while (*at) {
        size_t length = utf8_length(at);

        if (length == 0) {
            line_add_text(line, "\\ufffd");
            length = 1;
        } else if (*at == '"' || *at == '\\') {
            line_add(line, (char[2]){ '\\', (char)*at }, 2);
        } else if (*at < ' ' || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0)) {
            (void)snprintf(escape, sizeof escape, "\\u%04x", at[length - 1]);
            line_add_text(line, escape);
        } else {
            line_add(line, (const char *)at, length);
        }
        at += length;
    }
}

/* There is nowhere left to report that a message cannot be written. A log that is full, a fifo for
   instance, is not waited for. */
static void line_write(const struct line *line, int fd)
{
    if (fd == STDERR_FILENO) {
        (void)io_write_all(fd, line->at, line->used);
        return;
    }
    while (write(fd, line->at, line->used) < 0 && errno == EINTR)
        ;
}

/* CODE is NULL for what is no error. */
static void write_json(int fd, const char *level, const char *message, const char *code)
{
    struct line line;
    struct timespec now;
    struct tm parts;
    char time[32] = "";

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &parts))
        (void)strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &parts);
    line.used = 0;
    line_add_text(&line, "{\"level\":\"");
    line_add_text(&line, level);
    line_add_text(&line, "\",\"msg\":\"");
    line_add_json(&line, message);
    line_add_text(&line, "\",\"time\":\"");
    line_add_text(&line, time);
    if (code) {
        line_add_text(&line, "\",\"code\":\"");
        line_add_text(&line, code);
    }
    line_add_text(&line, "\"}\n");
    line_write(&line, fd);
}

static void write_text(int fd, const char *front, const char *message, const char *hint)
{
    struct line line;

    line.used = 0;
    line_add_text(&line, "zind-oci: ");
    line_add_text(&line, front);
    line_add_text(&line, message);
    line_add_text(&line, "\n");
    if (hint[0]) {
        line_add_text(&line, "hint: ");
        line_add_text(&line, hint);
        line_add_text(&line, "\n");
    }
    line_write(&line, fd);
}

/* As syslog(3) numbers them: err, warning, debug. */
static const int severities[] = {
    [LOG_LEVEL_ERROR] = 3,
    [LOG_LEVEL_WARNING] = 4,
    [LOG_LEVEL_DEBUG] = 7,
};

static void log_message(const struct log *log, enum log_level level, const char *format,
                        va_list args)
{
    static const char *const names[] = { "error", "warning", "debug" };
    char message[MESSAGE_ROOM], front[16];

    if (level > log->level)
        return;
    (void)vsnprintf(message, sizeof message, format, args);
    /* JSON has escapes, with which nothing is lost. */
    if (log->target != LOG_TO_FILE || !log->is_json)
        text_make_printable(message);
    (void)snprintf(front, sizeof front, "%s: ", names[level]);
    if (log->target != LOG_TO_FILE)
        log_daemon_send(log->fd, log->target, log->name, severities[level], message);
    else if (log->is_json)
        write_json(log->fd, names[level], message, NULL);
    else
        write_text(log->fd, front, message, "");
}

void log_debug(const struct log *log, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_message(log, LOG_LEVEL_DEBUG, format, args);
    va_end(args);
}

void log_warning(const struct log *log, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_message(log, LOG_LEVEL_WARNING, format, args);
    va_end(args);
}

void log_error(const struct log *log, const char *command, const char *id, const struct error *why)
{
    char reason[sizeof why->text + 256], message[MESSAGE_ROOM],
        whole[sizeof message + sizeof why->hint + 16];

    error_format(why, reason, sizeof reason);
    (void)snprintf(message, sizeof message, "%s%s%.128s%s%s", command, id ? " " : "", id ? id : "",
                   command[0] ? ": " : "", reason);
    text_make_printable(message);
    /* Who reads text does not act on the code, unless they look for where to look it up. */
    if (log->level == LOG_LEVEL_DEBUG && !log->is_json) {
        size_t used = strlen(message);

        (void)snprintf(message + used, sizeof message - used, " [%s]", error_code_name(why->code));
    }
    (void)snprintf(whole, sizeof whole, "%s%s%s%s", message, why->hint[0] ? " (hint: " : "",
                   why->hint, why->hint[0] ? ")" : "");
    if (log->target != LOG_TO_FILE)
        log_daemon_send(log->fd, log->target, log->name, severities[LOG_LEVEL_ERROR], whole);
    else if (log->is_json)
        write_json(log->fd, "error", whole, error_code_name(why->code));
    else if (log->fd != STDERR_FILENO)
        write_text(log->fd, "", message, why->hint);
    /* conmon and containerd read stderr, whatever --log says */
    if (!log->is_json || log->fd != STDERR_FILENO)
        write_text(STDERR_FILENO, "", message, why->hint);
}
