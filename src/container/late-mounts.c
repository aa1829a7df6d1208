// SPDX-License-Identifier: Apache-2.0
/* Mounts in a container that is there already: an INIT like that of exec goes in, mounts or
 * unmounts, and ends. */
#include "base/io.h"
#include "container/bundle.h"
#include "container/init.h"
#include "container/peer.h"
#include "container/state.h"
#include "json-decode.h"
#include "kernel/missing.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "kernel/proc.h"
#include "sections/mounts.h"
#include "sections/namespaces-wanted.h"
#include "sections/namespaces.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* --- what is asked for --- */

static void note_unknown(void *ctx, const struct json_finding *finding)
{
    bool *has_more = ctx;

    *has_more |= finding->object == &oci_mount_file_object;
}

/* FILE holds the list alone. */
static int read_list(struct container *c, const char *file, struct oci_mount_list *ret,
                     struct error *why)
{
    static const char before[] = "{\"mounts\":";
    bool has_more = false;
    const struct json_watch watch = { .unknown = note_unknown, .ctx = &has_more };
    const struct oci_mount_file *whole;
    struct json_error json;
    size_t length;
    autofree char *list = io_read_file(AT_FDCWD, file, JSON_MAX_SIZE / 2, &length, why);
    char *text = list ? arena_sprintf(c->arena, "%s%s}", before, list) : NULL;

    if (text == NULL)
        return list ? fail(why, ENOMEM, "read %s", file) : -1;
    whole =
        json_decode_watched(&oci_mount_file_object, text, strlen(text), c->arena, &watch, &json);
    if (whole && !has_more && strlen(list) == length) {
        *ret = whole->mounts;
        return 0;
    }
    if (whole)
        (void)fail(why, 0, "%s: something follows the list", file);
    else
        (void)fail(why, 0, "%s:%u:%u: %s%s%s", file, json.line,
                   json.line == 1 && json.column > sizeof before - 1
                       ? json.column - (unsigned)(sizeof before - 1)
                       : json.column,
                   json.path, json.path[0] ? ": " : "", json.text);
    (void)fail_code(why, ERROR_JSON);
    return fail_hint(why, "it must hold a JSON array of objects as `mounts` in config.json has");
}

static void check_destination(const struct oci_mount *mount, size_t i, struct problems *all)
{
    char path[PATH_MAX];

    if (strlen(mount->destination) >= sizeof path)
        return;
    path_simplify(mount->destination, path);
    if (*path == 0)
        refuse(all, at("mounts[%zu].destination", i), "/ of a container stays what it is");
}

/* What create takes, but for what could not be undone. */
static int check_addition(const struct oci_config *spec, struct problems *all, struct error *why)
{
    mounts_check(spec, all);
    for (size_t i = 0; i < spec->mounts.n; i++) {
        const struct oci_mount *mount = &spec->mounts.at[i];
        struct mount_options options;

        mount_options_read(mount, &options);
        check_destination(mount, i, all);
        if (options.is_remount)
            refuse(all, at("mounts[%zu].options", i), "remount changes what is there: not at once");
        else if (!options.is_bind && mount->type &&
                 (strcmp(mount->type, "cgroup") == 0 || strcmp(mount->type, "proc") == 0))
            refuse(all, at("mounts[%zu].type", i), "%s can be mounted by create only", mount->type);
    }
    return problems_fail(all, why);
}

static int check_removal(const struct oci_config *spec, struct problems *all, struct error *why)
{
    for (size_t i = 0; i < spec->mounts.n; i++) {
        if (strlen(spec->mounts.at[i].destination) >= PATH_MAX)
            refuse(all, at("mounts[%zu].destination", i), "is longer than a path can be");
        check_destination(&spec->mounts.at[i], i, all);
    }
    return problems_fail(all, why);
}

/* --- in the container --- */

static int name_mount(const struct container *c, size_t i, struct error *why)
{
    (void)fail_in(why, "%s", c->spec->mounts.at[i].destination);
    return fail_at(why, "mounts[%zu]", i);
}

static int add_all(struct container *c, int *trees, struct error *why)
{
    for (size_t i = 0; i < c->spec->mounts.n; i++) {
        if (mounts_attach_late(c, i, &trees[i], why) == 0)
            continue;
        for (size_t j = i + 1; j-- > 0;)
            if (trees[j] >= 0)
                (void)mount_detach_any(c->proc_fd, trees[j]);
        return name_mount(c, i, why);
    }
    return 0;
}

static int open_destination(const struct container *c, size_t i)
{
    char path[PATH_MAX];

    path_simplify(c->spec->mounts.at[i].destination, path);
    return path_open(c->root_fd, path, O_PATH, 0);
}

static int open_mount(const struct container *c, size_t i, struct error *why)
{
    autoclose int fd = open_destination(c, i);
    struct statx st;

    if (fd < 0)
        return fail(why, errno, "open the mount");
    /* STATX_ATTR_MOUNT_ROOT: Linux 5.8 */
    if (missing_statx(fd, "", AT_EMPTY_PATH, 0, &st) < 0)
        return fail(why, errno, "stat the mount");
    if (!(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
        return fail(why, 0, "nothing is mounted there");
    return take_fd(fd);
}

/* A copy of each for the way back. */
static int remove_all(struct container *c, int *copies, struct error *why)
{
    size_t n = c->spec->mounts.n;
    int *fds = copies + n;

    for (size_t i = 0; i < n; i++) {
        fds[i] = open_mount(c, i, why);
        if (fds[i] < 0)
            return name_mount(c, i, why);
        copies[i] = mount_clone(fds[i], "", true);
    }
    for (size_t i = 0; i < n; i++) {
        if (mount_detach_any(c->proc_fd, fds[i]) == 0)
            continue;
        (void)fail(why, errno, "unmount");
        for (size_t j = i; j-- > 0;) {
            autoclose int target = open_destination(c, j);

            (void)mount_attach(copies[j], target);
        }
        return name_mount(c, i, why);
    }
    return 0;
}

typedef int late_step(struct container *c, int *fds, struct error *why);

static _Noreturn void act_inside(struct container *c, late_step *step)
{
    size_t n = 2 * c->spec->mounts.n;
    int *fds = arena_alloc(c->arena, (n + 1) * sizeof *fds);
    struct error why;
    int result = fds ? 0 : fail(&why, ENOMEM, "remember mounts");

    for (size_t i = 0; fds && i < n; i++)
        fds[i] = -1;
    if (result < 0 || init_begin(c, &why) < 0 || root_enter(c, &why) < 0 || step(c, fds, &why) < 0)
        result = peer_send(c->peer, MESSAGE_FAILED, 0, &why);
    else
        result = peer_send(c->peer, MESSAGE_DONE, 0, NULL);
    _exit(result < 0);
}

/* --- outside --- */

static int hear(struct container *c, struct error *why)
{
    bool is_done = false;
    struct message message;
    int got;

    while ((got = peer_receive(c->peer, &message)) > 0) {
        if (message.kind == MESSAGE_FAILED) {
            *why = message.why;
            return -1;
        }
        if (message.kind == MESSAGE_WARNING)
            container_warn(c, "%s", message.why.text);
        is_done |= message.kind == MESSAGE_DONE;
    }
    if (is_done)
        return 0;
    (void)fail(why, got < 0 ? errno : 0, "the process that mounts was killed");
    return fail_code(why, ERROR_DIED);
}

static int act(struct container *c, late_step *step, struct error *why)
{
    int result;

    c->verb = VERB_EXEC;
    namespaces_choose(c);
    /* It keeps rights and fds that exec's INIT has given away: nobody in there may see it. */
    c->verb = VERB_MOUNT;
    c->joined_namespaces &= ~(uint64_t)CLONE_NEWPID;
    c->target_pidfd = take_fd(c->init_pidfd);
    if (init_spawn(c, why) < 0)
        return -1;
    if (c->side == INIT)
        act_inside(c, step);
    result = hear(c, why);
    while (waitpid(c->init, NULL, 0) < 0 && errno == EINTR)
        ;
    return result;
}

static int check_status(const struct container *c, struct error *why)
{
    int status = state_status(c, why);

    if (status < 0)
        return -1;
    if (status != STATUS_CREATED && status != STATUS_RUNNING) {
        (void)fail(why, 0, "container not running: %s is %s", c->id, status_name(status));
        return fail_code(why, ERROR_STATE);
    }
    if (namespace_wanted(c->spec, OCI_NAMESPACE_TYPE_MOUNT))
        return 0;
    (void)fail(why, 0, "container %s has no mount namespace of its own", c->id);
    return fail_code(why, ERROR_STATE);
}

/* The container held still, with SPEC, a copy of its config.json that lists what FILE does. */
static int prepare(struct container *c, const struct runtime *runtime, const char *file,
                   struct oci_config *spec, struct error *why)
{
    if (state_open(c, runtime, c->id, why) < 0 || state_lock(c, why) < 0 ||
        check_status(c, why) < 0)
        return -1;
    *spec = *c->spec;
    c->spec = spec;
    if (read_list(c, file, &spec->mounts, why) < 0)
        return -1;
    c->proc_fd = proc_open(why);
    return c->proc_fd < 0 ? -1 : 0;
}

int lifecycle_add_mounts(const struct runtime *runtime, const char *id, const char *file,
                         struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);
    struct oci_config spec;
    autoproblems struct problems all = { 0 };

    c.id = id;
    if (prepare(&c, runtime, file, &spec, why) < 0 || check_addition(&spec, &all, why) < 0 ||
        mounts_open_late(&c, why) < 0)
        return -1;
    for (size_t i = 0; i < problems_kept(&all); i++)
        container_warn(&c, "%s: %s", all.at[i].pointer, all.at[i].text);
    return act(&c, add_all, why);
}

int lifecycle_remove_mounts(const struct runtime *runtime, const char *id, const char *file,
                            struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);
    struct oci_config spec;
    autoproblems struct problems all = { 0 };

    c.id = id;
    if (prepare(&c, runtime, file, &spec, why) < 0 || check_removal(&spec, &all, why) < 0)
        return -1;
    return act(&c, remove_all, why);
}
