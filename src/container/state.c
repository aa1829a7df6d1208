// SPDX-License-Identifier: Apache-2.0
/* The state folder of a container. */
#include "container/state.h"
#include "base/io.h"
#include "base/passwd.h"
#include "base/text.h"
#include "container/bundle.h"
#include "container/hold.h"
#include "container/record.h"
#include "container/start-socket.h"
#include "container/trusted-folder.h"
#include "kernel/host-folder.h"
#include "kernel/path.h"
#include "kernel/pidfd.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

enum { LOCK_DEADLINE_MS = 10000, MOMENT_MS = 2000, LOOK_MS = 20, DEPTH_MAX = 8 };

/* --- writing --- */

static const char *now_as_text(struct arena *arena)
{
    struct timespec now;
    struct tm tm;
    char date[32];

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &tm) == NULL || strftime(date, sizeof date, "%FT%T", &tm) == 0)
        return "";
    return arena_sprintf(arena, "%s.%09ldZ", date, now.tv_nsec);
}

static int remove_files(int folder, unsigned depth, struct error *why);

/* To make something in it: on no path that others could lead elsewhere. Without links, as nearly
 * always, the kernel says so at once. */
static int open_own_root(const char *root, struct error *why)
{
    const struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                                  .resolve = RESOLVE_NO_SYMLINKS };
    const char *user = getenv("XDG_RUNTIME_DIR");
    autoclose int fd = path_open_how(AT_FDCWD, root, &how);
    bool is_new = false;

    if (fd >= 0)
        return take_fd(fd);
    fd = host_folder_make(root, 0711, &is_new, why);
    if (fd < 0)
        return -1;
    /* systemd's and other cleaners of $XDG_RUNTIME_DIR spare what is sticky (XDG base directory
     * specification). */
    if (is_new && user && text_starts(root, user))
        (void)fchmod(fd, 01711);
    return take_fd(fd);
}

static int make_folder(const struct container *c, int root_fd, struct error *why)
{
    if (mkdirat(root_fd, c->id, 0700) == 0)
        return 0;
    if (errno != EEXIST)
        return fail(why, errno, "make the state folder %s/%s", c->root, c->id);
    (void)fail(why, 0, "container %s already exists", c->id);
    return fail_code(why, ERROR_EXISTS);
}

static int fail_absent(const char *id, struct error *why)
{
    (void)fail(why, 0, "container %s does not exist", id);
    return fail_code(why, ERROR_ABSENT);
}

static int open_root(const char *root)
{
    return open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Hooks and a cgroup to be removed are read from there: only from who might do all that anyway. */
static int check_owner(const struct container *c, struct error *why)
{
    const char *path = arena_sprintf(c->arena, "%s/%s", c->root, c->id);

    return trusted_folder_check(c->state_fd, "the state folder", path ? path : c->id, why);
}

/* Whether the folder that C holds still is the one by its name: 1, 0, or -1 where that cannot be
 * seen. */
static int is_there(const struct container *c)
{
    autoclose int root_fd = open_root(c->root);
    struct stat held, named;

    if (root_fd < 0 || fstat(c->state_fd, &held) < 0 ||
        fstatat(root_fd, c->id, &named, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -1;
    return held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* The folder, its lock and the record of what comes next. */
static int fill_folder(struct container *c, int root_fd, struct error *why)
{
    c->state_fd = openat(root_fd, c->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (c->state_fd < 0)
        return fail(why, errno, "open the state folder %s/%s", c->root, c->id);
    c->owner = geteuid();
    if (state_lock(c, why) < 0)
        return why->code == ERROR_ABSENT
                   ? fail(why, 0, "container %s was deleted while it was made", c->id)
                   : -1;
    c->created = now_as_text(c->arena);
    c->creator_pid = getpid();
    c->creator_start_time = pidfd_start_time(c->creator_pid);
    /* The record comes last and all at once: where it is, config.json is whole. */
    if (io_write_new(c->state_fd, "config.json", c->config_text, c->config_length, 0600, why) < 0)
        return -1;
    return record_write(c, io_write_atomic, why);
}

int state_claim(struct container *c, struct error *why)
{
    autoclose int root_fd = open_own_root(c->root, why);

    if (root_fd < 0)
        return -1;
    if (make_folder(c, root_fd, why) < 0)
        return -1;
    if (fill_folder(c, root_fd, why) == 0)
        return 0;

    struct error unused;

    /* Descriptors may be what is short. */
    close_fd(&root_fd);
    (void)state_forget(c, &unused);
    return -1;
}

int state_note_root(struct container *c, struct error *why)
{
    return record_write(c, io_write_atomic, why);
}

int state_note_intel_rdt(struct container *c, struct error *why)
{
    return record_write(c, io_write_atomic, why);
}

int state_note_restored(struct container *c, struct error *why)
{
    return record_write(c, io_write_atomic, why);
}

int state_prepare(struct container *c, struct error *why)
{
    return record_write(c, io_prepare, why);
}

int state_save(struct container *c, struct error *why)
{
    return io_replace(c->state_fd, "record.json", why);
}

/* Nothing of ours is a folder, but what somebody put there must not keep the container. */
static int remove_entry(int folder, const char *name, unsigned depth, struct error *why)
{
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno == EISDIR && depth < DEPTH_MAX) {
        autoclose int below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (below >= 0 && remove_files(below, depth + 1, why) < 0)
            return -1;
        if (below >= 0 && unlinkat(folder, name, AT_REMOVEDIR) == 0)
            return 0;
    }
    return fail(why, errno, "remove %s from the state folder", name);
}

static int remove_files(int folder, unsigned depth, struct error *why)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    int result = 0;

    if (dir == NULL)
        return fail(why, errno, "list the state folder");
    for (struct dirent *entry; result == 0 && (entry = readdir(dir));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            result = remove_entry(folder, entry->d_name, depth, why);
    (void)closedir(dir);
    return result;
}

int state_forget(struct container *c, struct error *why)
{
    autoclose int root_fd = -1;

    if (c->state_fd >= 0 && remove_files(c->state_fd, 0, why) < 0)
        return -1;
    root_fd = open_root(c->root);
    if (root_fd < 0)
        return errno == ENOENT ? 0 : fail(why, errno, "open the state root %s", c->root);
    if (unlinkat(root_fd, c->id, AT_REMOVEDIR) < 0 && errno != ENOENT)
        return fail(why, errno, "remove the state folder %s/%s", c->root, c->id);
    close_fd(&c->state_fd);
    close_fd(&c->lock_fd);
    return 0;
}

void state_explain(const struct container *c, struct explain *to)
{
    explain(to, "make %s/%s with record.json and a copy of config.json", c->root, c->id);
}

/* --- reading --- */

int state_reopen(struct container *c, struct error *why)
{
    if (record_read(c, why) < 0)
        return -1;
    c->spec = record_read_config(c, why);
    return c->spec ? 0 : -1;
}

/* Who makes or removes the folder holds its lock: what is half there is whole or gone in a moment.
 */
static int reopen_settled(struct container *c, struct error *why)
{
    for (int waited = 0; state_reopen(c, why) < 0; waited += LOOK_MS) {
        struct container asker = *c;
        struct error busy;
        int held = state_lock_within(&asker, LOOK_MS, &busy);

        close_fd(&asker.lock_fd);
        if (held == 0)
            return state_reopen(c, why);
        if (busy.code == ERROR_ABSENT)
            return *why = busy, -1;
        if (busy.code != ERROR_STATE || waited >= MOMENT_MS)
            return -1;
    }
    return 0;
}

int state_open(struct container *c, const struct runtime *runtime, const char *id,
               struct error *why)
{
    if (bundle_check_id(id, why) < 0)
        return -1;
    c->id = id;
    c->root = runtime->root;

    autoclose int root_fd = open_root(c->root);

    if (root_fd < 0)
        return errno == ENOENT ? fail_absent(id, why)
                               : fail(why, errno, "open the state root %s", c->root);
    c->state_fd = openat(root_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (c->state_fd < 0)
        return errno == ENOENT ? fail_absent(id, why)
                               : fail(why, errno, "open the state folder %s/%s", c->root, id);
    if (check_owner(c, why) < 0) {
        close_fd(&c->state_fd); /* not even for delete --force */
        return -1;
    }
    if (reopen_settled(c, why) == 0)
        return 0;
    if (why->code == ERROR_ABSENT)
        return -1;
    return fail_hint(why,
                     "in the state folder %s/%s; if no create is at work there, delete --force "
                     "removes it and all that was made",
                     c->root, id);
}

int state_salvage(struct container *c, const struct runtime *runtime, struct error *why)
{
    static const struct oci_config nothing = { .oci_version = "" };
    bool has_record = c->bundle != NULL;

    if (c->spec == NULL)
        c->spec = record_read_config(c, why);
    if (c->spec == NULL)
        c->spec = &nothing;
    if (has_record)
        return 0;
    c->bundle = c->created = "";
    if (cgroup_choose(&c->cgroup, runtime->manager, c->spec, c->id, c->arena, why) < 0)
        return -1;
    cgroup_claim(&c->cgroup);
    return 0;
}

int state_lock_within(struct container *c, int ms, struct error *why)
{
    /* The folder itself, opened once more: a file in it could be removed and made anew, and two
       would hold the lock. */
    if (c->lock_fd < 0)
        c->lock_fd = openat(c->state_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c->lock_fd < 0)
        return fail(why, errno, "open the lock of container %s", c->id);
    for (int waited = 0;; waited += 10) {
        struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };

        if (flock(c->lock_fd, LOCK_EX | LOCK_NB) == 0) {
            int there = is_there(c);

            if (there > 0)
                return 0;
            (void)(there < 0 ? fail(why, errno, "look for the state folder %s/%s", c->root, c->id)
                             : fail_absent(c->id, why));
            close_fd(&c->lock_fd);
            return -1;
        }
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail(why, errno, "lock container %s", c->id);
        if (waited >= ms) {
            (void)fail(why, ETIMEDOUT, "another command works on container %s", c->id);
            return fail_code(why, ERROR_STATE);
        }
        (void)nanosleep(&pause, NULL);
    }
}

int state_lock(struct container *c, struct error *why)
{
    return state_lock_within(c, LOCK_DEADLINE_MS, why);
}

static int is_paused(const struct container *c, struct error *why)
{
    int is_frozen = cgroup_is_frozen(&c->cgroup);
    int is_held = is_frozen > 0 ? hold_is_cause(c) : 0;

    if (is_frozen < 0 || is_held < 0)
        return fail(why, errno, "ask whether container %s is paused", c->id);
    return is_frozen && !is_held;
}

int state_status(const struct container *c, struct error *why)
{
    if (c->init <= 0) {
        autoclose int creator = pidfd_find(c->creator_pid, c->creator_start_time);

        if (creator < 0 && error_is_shortage(errno))
            return fail(why, errno, "look for process %d", (int)c->creator_pid);
        return creator >= 0 || errno != ESRCH ? STATUS_CREATING : STATUS_STOPPED;
    }
    if (c->init_pidfd < 0)
        return STATUS_STOPPED;

    int paused = is_paused(c, why);

    if (paused != 0)
        return paused < 0 ? -1 : STATUS_PAUSED;

    autoclose int knock = start_socket_knock(c, 0);

    if (knock < 0 && error_is_shortage(errno))
        return fail(why, errno, "ask whether the program of container %s has begun", c->id);
    return knock >= 0 || errno == EAGAIN ? STATUS_CREATED : STATUS_RUNNING;
}

const char *status_name(enum status status)
{
    static const char *const names[] = {
        [STATUS_CREATING] = "creating", [STATUS_CREATED] = "created", [STATUS_RUNNING] = "running",
        [STATUS_PAUSED] = "paused",     [STATUS_STOPPED] = "stopped",
    };

    return names[status];
}

static const char *owner_name(uid_t uid, struct arena *arena)
{
    autoclose int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *name = fd < 0 ? NULL : passwd_find(fd, uid, PASSWD_NAME, arena);

    return name ? name : "";
}

static const char *rootfs_path(const struct container *c)
{
    if (c->spec->root == NULL)
        return "";
    if (c->spec->root->path[0] == '/')
        return c->spec->root->path;
    return arena_sprintf(c->arena, "%s/%s", c->bundle, c->spec->root->path);
}

int state_snapshot(const struct runtime *runtime, const char *id, struct snapshot *ret,
                   struct arena *arena, struct error *why)
{
    struct container c = container_empty(runtime, arena);
    int result = state_open(&c, runtime, id, why);

    int status = result < 0 ? -1 : state_status(&c, why);

    if (status < 0) {
        result = -1;
    } else {
        *ret = (struct snapshot){
            .id = id,
            .bundle = c.bundle,
            .rootfs = rootfs_path(&c),
            .created = c.created,
            .owner = owner_name(c.owner, arena),
            .status = status,
            .spec = c.spec,
            .cgroup = c.cgroup,
            .oci_version = c.spec->oci_version,
        };
        ret->pid = ret->status == STATUS_STOPPED ? 0 : c.init;
        ret->start_time = ret->pid ? c.init_start_time : 0;
    }
    container_close(&c);
    return result;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int state_list(const struct runtime *runtime, struct state_names *ret, struct error *why)
{
    DIR *dir = opendir(runtime->root);

    *ret = (struct state_names){ 0 };
    if (dir == NULL)
        return errno == ENOENT ? 0 : fail(why, errno, "list the state root %s", runtime->root);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!text_is_id(entry->d_name) || entry->d_name[0] == '.')
            continue;

        char **more = realloc(ret->at, (ret->n + 1) * sizeof *more);
        char *name = strdup(entry->d_name);

        if (more)
            ret->at = more;
        if (more == NULL || name == NULL) {
            free(name);
            (void)closedir(dir);
            return fail(why, ENOMEM, "list the state root %s", runtime->root);
        }
        ret->at[ret->n++] = name;
    }
    (void)closedir(dir);
    if (ret->n > 0)
        qsort(ret->at, ret->n, sizeof *ret->at, by_name);
    return 0;
}
