// SPDX-License-Identifier: Apache-2.0
/* record.json and config.json in the state folder. */
#include "container/record.h"
#include "base/io.h"
#include "base/own.h"
#include "container/start-socket.h"
#include "json-decode.h"
#include "json-encode.h"
#include "kernel/pidfd.h"

enum { RECORD_VERSION = 1, RECORD_MAX = 64 * 1024 };

int record_write(const struct container *c, record_writer *write_it, struct error *why)
{
    struct oci_record_process creator = { .pid = c->creator_pid,
                                          .start_time = c->creator_start_time };
    struct oci_record_process init = { .pid = c->init };
    struct oci_record_cgroup cgroup = {
        .hierarchy = c->cgroup.hierarchy,
        .manager = c->cgroup.manager,
        .path = c->cgroup.path,
        .scope = c->cgroup.scope,
        .is_ours = c->cgroup.is_ours,
        .there_before = c->cgroup.there_before,
    };
    struct oci_record record = {
        .version = RECORD_VERSION,
        .id = c->id,
        .bundle = c->bundle,
        .rootfs = c->root_path,
        .created = c->created,
        .owner = geteuid(),
        .creator = &creator,
        .cgroup = &cgroup,
        .resctrl_group = c->resctrl_group,
        .resctrl_monitor = c->resctrl_monitor,
    };
    struct json_error json;
    size_t length;

    if (c->root_mounts[0]) {
        record.root_mounts.n = sizeof c->root_mounts / sizeof *c->root_mounts;
        record.root_mounts.at = c->root_mounts;
    }
    if (c->init > 0) {
        init.start_time = c->init_start_time ? c->init_start_time : pidfd_start_time(c->init);
        record.init = &init;
    }

    autofree char *text = json_encode(&oci_record_object, &record, JSON_COMPACT, &length, &json);

    if (text == NULL)
        return fail(why, 0, "write the state record: %s", json.text);
    return write_it(c->state_fd, "record.json", text, length, 0600, why);
}

static void *read_json(const struct container *c, const char *name,
                       const struct json_object *object, size_t max, struct error *why)
{
    size_t length;
    autofree char *text = io_read_file(c->state_fd, name, max, &length, why);
    struct json_error json;

    if (text == NULL)
        return NULL;

    void *value = json_decode(object, text, length, c->arena, &json);

    if (value == NULL)
        (void)fail(why, 0, "%s in the state folder is damaged: %s", name, json.text);
    return value;
}

/* In a user namespace an INIT that became another user is hidden from its own, where /proc is
   mounted with hidepid, until it is the program. But as long as somebody listens at its socket it
   lives, and nobody else can have its number. */
static int find_hidden_init(const struct container *c)
{
    autoclose int pidfd = pidfd_open_now(c->init);
    autoclose int knock = pidfd < 0 ? -1 : start_socket_knock(c, 0);

    if (pidfd < 0 || (knock < 0 && errno != EAGAIN))
        return -1;
    return take_fd(pidfd);
}

static int find_init(struct container *c, struct error *why)
{
    int number;

    c->init_pidfd = pidfd_find(c->init, c->init_start_time);
    number = errno;
    if (c->init_pidfd < 0 && number == EACCES)
        c->init_pidfd = find_hidden_init(c);
    if (c->init_pidfd >= 0 || number == ESRCH)
        return 0;
    (void)fail(why, number, "look for process %d", (int)c->init);
    return number == EACCES ? fail_hint(why, "/proc hides it: it is mounted with hidepid") : -1;
}

int record_read(struct container *c, struct error *why)
{
    const struct oci_record *record =
        read_json(c, "record.json", &oci_record_object, RECORD_MAX, why);

    if (record == NULL)
        return -1;
    if (record->version != RECORD_VERSION || record->cgroup->manager > CGROUP_DISABLED)
        return fail(why, 0, "record.json in the state folder is damaged, or of another version");
    c->bundle = record->bundle;
    c->created = record->created;
    c->owner = record->owner;
    c->root_path = record->rootfs;
    c->resctrl_group = record->resctrl_group;
    c->resctrl_monitor = record->resctrl_monitor;
    for (size_t i = 0; i < record->root_mounts.n && i < 2; i++)
        c->root_mounts[i] = record->root_mounts.at[i];
    c->cgroup = (struct cgroup){
        .hierarchy = (enum cgroup_hierarchy)record->cgroup->hierarchy,
        .manager = (enum cgroup_manager)record->cgroup->manager,
        .path = record->cgroup->path,
        .scope = record->cgroup->scope,
        .is_ours = record->cgroup->is_ours,
        .there_before = record->cgroup->there_before,
    };
    cgroup_remember(&c->cgroup, c->arena);
    c->creator_pid = record->creator->pid;
    c->creator_start_time = record->creator->start_time;
    if (record->init) {
        c->init = record->init->pid;
        close_fd(&c->init_pidfd);
        c->init_start_time = record->init->start_time;
        return find_init(c, why);
    }
    return 0;
}

const struct oci_config *record_read_config(const struct container *c, struct error *why)
{
    return read_json(c, "config.json", &oci_config_object, JSON_MAX_SIZE, why);
}
