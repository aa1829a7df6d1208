// SPDX-License-Identifier: Apache-2.0
/* What the options mean. */
#include "commands/options.h"

#include "base/log-daemon.h"
#include "base/names.h"
#include "base/own.h"
#include "base/text.h"
#include "commands/hints.h"
#include "kernel/host-folder.h"
#include "kernel/userns.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_one_of(const char *word, const char *const known[], size_t n, size_t *ret)
{
    for (*ret = 0; *ret < n; (*ret)++)
        if (strcmp(word, known[*ret]) == 0)
            return true;
    return false;
}

static int unknown_value(const char *option, const char *value, const char *const known[],
                         const char *all, struct error *why)
{
    (void)fail(why, 0, "%s %s: only %s are known", option, value, all);
    hint_value(value, known, why);
    (void)fail_hint(why, "as in: %s %s", option, known[0]);
    return fail_code(why, ERROR_USAGE);
}

static int usage(struct error *why)
{
    return fail_code(why, ERROR_USAGE);
}

static int read_log_format(const struct command_line *line, struct log *log, struct error *why)
{
    static const char *const formats[] = { "text", "json", NULL };
    size_t found = 0;

    if (line->log_format && !is_one_of(line->log_format, formats, 2, &found))
        return unknown_value("--log-format", line->log_format, formats, "text and json", why);
    log->is_json = found == 1;
    return 0;
}

static int read_log_level(const struct command_line *line, struct log *log, struct error *why)
{
    /* crun's names, and those that youki and logrus have beside them. */
    static const struct name levels[] = {
        { "error", LOG_LEVEL_ERROR },
        { "warning", LOG_LEVEL_WARNING },
        { "debug", LOG_LEVEL_DEBUG },
        { "warn", LOG_LEVEL_WARNING },
        { "info", LOG_LEVEL_WARNING },
        { "trace", LOG_LEVEL_DEBUG },
        { "fatal", LOG_LEVEL_ERROR },
        { "panic", LOG_LEVEL_ERROR },
        { 0 },
    };
    static const char *const known[] = { "debug", "info", "warning", "error", NULL };
    /* podman takes the whole JSON log for one object, the error: a warning is there only for who
     * asks. */
    enum log_level level = log->is_json ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING;
    const struct name *given = line->log_level ? name_find(levels, line->log_level) : NULL;

    if (line->log_level && !given)
        return unknown_value("--log-level", line->log_level, known, "error, warning and debug",
                             why);
    if (given)
        level = (enum log_level)given->number;
    log->level = line->debug ? LOG_LEVEL_DEBUG : level;
    return 0;
}

/* An error goes to stderr besides: it must not come twice, nor one over the other. A socket cannot
   be opened by such a name at all. */
static bool is_stderr(const char *path)
{
    struct stat named, ours;

    return stat(path, &named) == 0 && fstat(STDERR_FILENO, &ours) == 0 &&
           named.st_dev == ours.st_dev && named.st_ino == ours.st_ino;
}

/* A reader that is not there, or does not read, must not stop us: a fifo is opened and written
   without waiting. */
static int open_log_file(const char *path, struct error *why)
{
    int fd;

    if (is_stderr(path))
        return STDERR_FILENO;
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
    if (fd >= 0)
        return fd;
    (void)fail(why, errno, "open log %s", path);
    return why->number == ENXIO ? fail_hint(why, "nobody reads this fifo") : -1;
}

/* NAME goes into the daemon's own format. */
static int open_log_daemon(struct log *log, enum log_target target, const char *name,
                           struct error *why)
{
    int fd;

    if (!text_is_id(name)) {
        (void)fail(why, 0, "--log: \"%.64s\" is no name for a log: use letters, digits and _+.-",
                   name);
        return usage(why);
    }
    fd = log_daemon_open(target, why);
    if (fd < 0)
        return -1;
    log->fd = fd;
    log->target = target;
    log->name = name;
    return 0;
}

int options_open_log(const struct command_line *line, struct log *log, struct error *why)
{
    const char *where = line->log && *line->log ? line->log : NULL;
    int fd;

    *log = (struct log){ .fd = STDERR_FILENO, .level = LOG_LEVEL_WARNING };
    if (read_log_format(line, log, why) < 0 || read_log_level(line, log, why) < 0)
        return -1;
    if (!where && !line->systemd_log)
        return 0;
    if (!where)
        return open_log_daemon(log, LOG_TO_JOURNALD, "zind-oci", why);
    if (text_starts(where, "journald:"))
        return open_log_daemon(log, LOG_TO_JOURNALD, where + strlen("journald:"), why);
    if (text_starts(where, "syslog:"))
        return open_log_daemon(log, LOG_TO_SYSLOG, where + strlen("syslog:"), why);
    fd = open_log_file(text_starts(where, "file:") ? where + strlen("file:") : where, why);
    if (fd < 0)
        return -1;
    log->fd = fd;
    return 0;
}

static int read_manager(const struct command_line *line, enum cgroup_manager *ret,
                        struct error *why)
{
    static const char *const managers[] = {
        [CGROUP_CGROUPFS] = "cgroupfs",
        [CGROUP_SYSTEMD] = "systemd",
        [CGROUP_DISABLED] = "disabled",
        NULL,
    };
    size_t found = line->systemd_cgroup ? CGROUP_SYSTEMD : CGROUP_CGROUPFS;

    if (line->cgroup_manager && !is_one_of(line->cgroup_manager, managers, 3, &found))
        return unknown_value("--cgroup-manager", line->cgroup_manager, managers,
                             "cgroupfs, systemd and disabled", why);
    *ret = (enum cgroup_manager)found;
    return 0;
}

/* Engines tell, but what we may do is asked from the kernel, where it matters. */
static int check_rootless(const struct command_line *line, struct error *why)
{
    static const char *const values[] = { "false", "true", "auto", NULL };
    size_t found;

    if (line->rootless == NULL || *line->rootless == 0 ||
        is_one_of(line->rootless, values, 3, &found))
        return 0;
    return unknown_value("--rootless", line->rootless, values, "true, false and auto", why);
}

/* A fresh descriptor without close-on-exec's absence: the program must not inherit it. */
static int open_timings(const char *where, struct error *why)
{
    uint64_t number = STDERR_FILENO;
    int fd;

    if (strcmp(where, "-") != 0 && !text_starts(where, "fd:")) {
        fd = open(where, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
        return fd < 0 ? fail(why, errno, "open timings %s", where) : fd;
    }
    if (text_starts(where, "fd:") && !text_to_number(where + 3, INT_MAX, &number)) {
        (void)fail(why, 0, "--timings %s: a number must follow fd:", where);
        return usage(why);
    }
    fd = fcntl((int)number, F_DUPFD_CLOEXEC, 3);
    return fd < 0 ? fail(why, errno, "--timings %s", where) : fd;
}

static const char *make_absolute(const struct command_line *line, const char *path,
                                 struct error *why)
{
    char folder[PATH_MAX];
    const char *absolute;

    if (path[0] == '/')
        return path;
    if (!getcwd(folder, sizeof folder)) {
        (void)fail(why, errno, "find the current folder");
        return NULL;
    }
    absolute = arena_sprintf(line->arena, "%s/%s", folder, path);
    if (!absolute)
        (void)fail(why, ENOMEM, "make %s absolute", path);
    return absolute;
}

/* The folder of a user. The sticky bit keeps programs that clean up $XDG_RUNTIME_DIR from removing
   it (XDG Base Directory Specification). */
static const char *user_root(const struct command_line *line, const char *folder, struct error *why)
{
    const char *path = arena_sprintf(line->arena, "%s/zind-oci", folder);

    if (!path) {
        (void)fail(why, ENOMEM, "name the state folder");
        return NULL;
    }
    if (line->command != COMMAND_create && line->command != COMMAND_run &&
        line->command != COMMAND_restore)
        return path;

    autoclose int fd = host_folder_make(path, 0700, NULL, why);

    if (fd >= 0 && fchmod(fd, 0700 | S_ISVTX) == 0)
        return path;
    (void)fail(why, fd < 0 ? why->number : errno, "make the state folder %s", path);
    (void)fail_hint(why, "XDG_RUNTIME_DIR must be a directory of yours; or: zind-oci --root DIR %s",
                    commands[line->command].name);
    return NULL;
}

static const char *find_root(const struct command_line *line, struct error *why)
{
    const char *folder = getenv("XDG_RUNTIME_DIR");

    if (line->root && *line->root)
        return make_absolute(line, line->root, why);
    if (!folder || folder[0] != '/' || userns_caller_is_root())
        return "/run/zind-oci";
    return user_root(line, folder, why);
}

int options_read_runtime(const struct command_line *line, const struct log *log,
                         struct runtime *ret, struct error *why)
{
    ret->log = log;
    ret->timings_fd = -1;
    if (read_manager(line, &ret->manager, why) < 0 || check_rootless(line, why) < 0)
        return -1;
    ret->root = find_root(line, why);
    if (!ret->root)
        return -1;
    if (!line->timings)
        return 0;
    ret->timings_fd = open_timings(line->timings, why);
    return ret->timings_fd < 0 ? -1 : 0;
}

/* Socket activation (sd_listen_fds(3)): the descriptors are meant for the program if they were
 * meant for us. */
static unsigned listen_fds(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    uint64_t number;

    if (!pid || !fds || !text_to_number(pid, INT_MAX, &number) || (pid_t)number != getpid())
        return 0;
    return text_to_number(fds, INT_MAX / 2, &number) ? (unsigned)number : 0;
}

const char *options_notify_socket(void)
{
    const char *name = getenv("NOTIFY_SOCKET");

    return name && *name ? name : NULL;
}

void options_read_container(const struct command_line *line, struct container_options *ret)
{
    *ret = (struct container_options){
        .config = options_config(line),
        .console_socket = line->console_socket,
        .pidfd_socket = line->pidfd_socket,
        .pid_file = line->pid_file,
        .notify_socket = options_notify_socket(),
        .listen_fds = listen_fds(),
        .no_pivot = line->no_pivot,
        .no_new_keyring = line->no_new_keyring,
        .no_subreaper = line->no_subreaper,
        .detach = line->detach,
        .exec_cgroups = { line->cgroups.n, line->cgroups.at },
    };
    ret->preserve_fds = line->preserve_fds + ret->listen_fds;
}

void options_read_criu(const struct command_line *line, struct criu_options *ret)
{
    *ret = (struct criu_options){
        .image_path = line->image_path,
        .work_path = line->work_path,
        .parent_path = line->parent_path,
        .manage_cgroups_mode = line->manage_cgroups_mode,
        .network_lock = line->network_lock,
        .empty_ns = line->empty_ns,
        .page_server = line->page_server,
        .status_fd = line->status_fd,
        .lsm_profile = line->lsm_profile,
        .lsm_mount_context = line->lsm_mount_context,
        .leave_running = line->leave_running,
        .pre_dump = line->pre_dump,
        .lazy_pages = line->lazy_pages,
        .auto_dedup = line->auto_dedup,
        .shell_job = line->shell_job,
        .file_locks = line->file_locks,
        .ext_unix_sk = line->ext_unix_sk,
        .link_remap = line->link_remap,
        .tcp_established = line->tcp_established,
        .tcp_close = line->tcp_close,
        .tcp_skip_in_flight = line->tcp_skip_in_flight,
    };
}

const char *options_bundle(const struct command_line *line, struct error *why)
{
    const char *given = line->bundle && *line->bundle ? line->bundle : ".", *kept;
    char path[PATH_MAX];

    if (!realpath(given, path)) {
        (void)fail(why, errno, "find bundle %s", given);
        return NULL;
    }
    kept = arena_strdup(line->arena, path);
    if (!kept)
        (void)fail(why, ENOMEM, "find bundle %s", given);
    return kept;
}

const char *options_config(const struct command_line *line)
{
    return line->config && *line->config ? line->config : "config.json";
}

int options_read_format(const struct command_line *line, bool *ret_is_json, struct error *why)
{
    static const char *const formats[] = { "table", "json", NULL };
    size_t found = 0;

    if (line->format && !is_one_of(line->format, formats, 2, &found))
        return unknown_value("--format", line->format, formats, "table and json", why);
    *ret_is_json = found == 1;
    return 0;
}
