// SPDX-License-Identifier: Apache-2.0
// A message is one line and, as JSON, one object, whatever is in it.
#include "../tap.h"
#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

// A pipe in place of stderr and of the log file.
static int pipe_ends[2], kept_stderr;
static char text[32768];

static void begin(void)
{
    if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) < 0)
        perror("pipe2");
    kept_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
}

static const char *written(void)
{
    ssize_t length = read(pipe_ends[0], text, sizeof text - 1);

    text[length > 0 ? length : 0] = 0;
    return text;
}

static void end(void)
{
    (void)dup2(kept_stderr, STDERR_FILENO);
    (void)close(kept_stderr);
    (void)close(pipe_ends[0]);
    (void)close(pipe_ends[1]);
}

static void text_messages_name_their_level(void)
{
    struct log log = { .level = LOG_LEVEL_WARNING };

    begin();
    log.fd = pipe_ends[1];
    log_debug(&log, "not asked for");
    is_str(written(), "", "debug is off unless asked for");
    log_warning(&log, "a%s", "b");
    is_str(written(), "zind-oci: warning: ab\n", "a warning");
    log_warning(&log, "a\nb\033[1m");
    is_str(written(), "zind-oci: warning: a?b?[1m\n", "control characters do not reach a terminal");
    log_warning(&log, "a\302\233"
                      "1m\302\240b");
    is_str(written(), "zind-oci: warning: a??1m\302\240b\n", "nor do those of UTF-8");
    end();
}

static void json_messages_are_escaped(const char *message, const char *expected)
{
    struct log log = { .level = LOG_LEVEL_DEBUG, .is_json = true };
    char front[256];

    begin();
    log.fd = pipe_ends[1];
    log_warning(&log, "%s", message);
    (void)written();
    (void)snprintf(front, sizeof front, "{\"level\":\"warning\",\"msg\":\"%s\",\"time\":\"",
                   expected);
    ok(strncmp(text, front, strlen(front)) == 0, expected);
    ok(strlen(text) == strlen(front) + strlen("2026-01-02T03:04:05Z\"}\n"),
       "then an RFC 3339 time");
    end();
}

static void an_error_reaches_stderr_and_the_log_file(void)
{
    struct log log = { .level = LOG_LEVEL_WARNING };
    struct error why;

    (void)fail(&why, ENOENT, "open %s", "/x");
    begin();
    (void)dup2(pipe_ends[1], STDERR_FILENO);
    log.fd = pipe_ends[1];
    log_error(&log, "create", "web", &why);
    (void)written();
    end();
    is_str(text,
           "zind-oci: create web: open /x: No such file or directory\n"
           "zind-oci: create web: open /x: No such file or directory\n",
           "text, in both");
    begin();
    (void)dup2(pipe_ends[1], STDERR_FILENO);
    log.fd = pipe_ends[1];
    log.is_json = true;
    (void)fail_hint(&why, "make it");
    log_error(&log, "create", "web", &why);
    (void)written();
    end();
    ok(strstr(text, "\"msg\":\"create web: open /x: No such file or directory (hint: make it)\"") !=
           NULL,
       "JSON has the hint in the message");
    ok(strstr(text,
              "}\nzind-oci: create web: open /x: No such file or directory\nhint: make it\n") !=
           NULL,
       "stderr has it as a line");
}

// journald would take what follows a newline for a field.
static void a_hint_is_one_line(void)
{
    struct log log = { .level = LOG_LEVEL_WARNING, .fd = STDERR_FILENO };
    struct error why;

    (void)fail(&why, 0, "no");
    (void)fail_hint(&why, "look into %s", "a\nOBJECT_PID=1\033[1m");
    begin();
    (void)dup2(pipe_ends[1], STDERR_FILENO);
    log_error(&log, "start", NULL, &why);
    (void)written();
    end();
    is_str(text, "zind-oci: start: no\nhint: look into a?OBJECT_PID=1?[1m\n", "a hint is one line");
}

static void json_alone_is_one_line_on_stderr(void)
{
    struct log log = { .level = LOG_LEVEL_WARNING, .is_json = true, .fd = STDERR_FILENO };
    struct error why;

    (void)fail(&why, 0, "no");
    begin();
    (void)dup2(pipe_ends[1], STDERR_FILENO);
    log_error(&log, "start", NULL, &why);
    (void)written();
    end();
    ok(strncmp(text, "{\"level\":\"error\",\"msg\":\"start: no\",", 35) == 0, "an object");
    ok(strchr(text, '\n') == text + strlen(text) - 1, "and nothing else");
}

int main(void)
{
    text_messages_name_their_level();
    a_hint_is_one_line();
    json_messages_are_escaped("a\"b\\c", "a\\\"b\\\\c");
    json_messages_are_escaped("gr\303\274n \360\237\220\263", "gr\303\274n \360\237\220\263");
    json_messages_are_escaped("a\377b", "a\\ufffdb");
    json_messages_are_escaped("a\300\200b", "a\\ufffd\\ufffdb");
    json_messages_are_escaped("\355\240\200", "\\ufffd\\ufffd\\ufffd");
    json_messages_are_escaped("cut\303", "cut\\ufffd");
    json_messages_are_escaped("\302\23331m \177", "\\u009b31m \\u007f");
    an_error_reaches_stderr_and_the_log_file();
    json_alone_is_one_line_on_stderr();
    return done_testing();
}
