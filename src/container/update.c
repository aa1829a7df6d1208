// SPDX-License-Identifier: Apache-2.0
/* update: other limits for a container that is there. */
#include "base/io.h"
#include "base/text.h"
#include "container/bundle.h"
#include "container/hold.h"
#include "container/record.h"
#include "container/state.h"
#include "json-decode.h"
#include "json-encode.h"
#include "kernel/resctrl.h"
#include "sections/intel-rdt.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define RESOURCES "linux.resources."

/* --- what is asked for --- */

static char *read_text(const char *file, size_t *ret_length, struct error *why)
{
    /* A fifo is as good as a file: whoever asks has the same rights as we. */
    autoclose int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return fail(why, errno, "open %s", file), NULL;
    return io_read_fd(fd, file, JSON_MAX_SIZE, ret_length, why);
}

struct source {
    const char *name;
    const struct log *log;
};

/* A misspelt limit must not pass for one that was set. */
static void warn_unknown(void *context, const struct json_finding *finding)
{
    const struct source *source = context;

    log_warning(source->log, "%s:%u:%u: %s is no member of linux.resources, and is ignored",
                source->name, finding->error->line, finding->error->column, finding->error->path);
}

static const struct oci_resources *read_resources(const char *file, const struct log *log,
                                                  struct arena *arena, struct error *why)
{
    bool is_input = strcmp(file, "-") == 0;
    struct source source = { .name = is_input ? "standard input" : file, .log = log };
    struct json_watch watch = { .unknown = warn_unknown, .ctx = &source };
    size_t length;
    struct json_error json;
    autofree char *text = is_input
                              ? io_read_fd(STDIN_FILENO, source.name, JSON_MAX_SIZE, &length, why)
                              : read_text(file, &length, why);

    if (text == NULL)
        return NULL;

    const struct oci_resources *resources =
        json_decode_watched(&oci_resources_object, text, length, arena, &watch, &json);

    if (resources == NULL) {
        (void)fail(why, 0, "%s:%u:%u: %s%s%s", source.name, json.line, json.column, json.path,
                   json.path[0] ? ": " : "", json.text);
        (void)fail_code(why, ERROR_JSON);
    }
    return resources;
}

/* Problems have the names that the caller used: of an option, or of a member of the file. */
static void rename_pointer(char pointer[160], const struct update_request *request)
{
    char field[160];

    if (!text_starts(pointer, RESOURCES))
        return;
    (void)snprintf(field, sizeof field, "%s", pointer + strlen(RESOURCES));
    for (size_t i = 0; request->file == NULL && i < request->n_names; i++)
        if (strcmp(field, request->names[i].field) == 0) {
            (void)snprintf(pointer, 160, "%s", request->names[i].option);
            return;
        }
    if (request->file)
        (void)snprintf(pointer, 160, "%s", field);
}

/* --- intelRdt: decided by resctrl, not by a cgroup --- */

static bool asks_rdt(const struct update_request *request)
{
    return request->l3_cache_schema || request->mem_bw_schema;
}

/* An error names the option, of which there is at least one. */
static int fail_rdt(const struct update_request *request, struct error *why)
{
    (void)fail_at(why, "%s", request->l3_cache_schema ? "--l3-cache-schema" : "--mem-bw-schema");
    return fail_code(why, ERROR_UNSUPPORTED);
}

static int merge_rdt(struct oci_intel_rdt *ret, const struct oci_linux *linux,
                     const struct update_request *request, struct error *why)
{
    autoclose int root = resctrl_open(why);

    if (root < 0)
        return fail_rdt(request, why);
    if (linux->intel_rdt == NULL) {
        (void)fail(why, 0, "the container was made without linux.intelRdt");
        return fail_rdt(request, why);
    }
    *ret = *linux->intel_rdt;
    if (request->l3_cache_schema)
        ret->l3_cache_schema = request->l3_cache_schema;
    if (request->mem_bw_schema)
        ret->mem_bw_schema = request->mem_bw_schema;
    return 0;
}

/* --- the change --- */

/* What holds afterwards must be right as a whole; warnings are given of what is asked for only. */
static int check(struct container *c, const struct oci_config *after,
                 const struct oci_resources *asked, const struct update_request *request,
                 struct error *why)
{
    struct oci_linux with_asked = { .resources = asked };
    struct oci_config spec = { .linux = &with_asked };
    autoproblems struct problems warnings = { 0 };
    autoproblems struct problems all = { 0 };

    cgroup_check(&spec, c->cgroup.hierarchy, &warnings);
    for (size_t i = 0; i < problems_kept(&warnings); i++)
        if (warnings.at[i].is_warning) {
            rename_pointer(warnings.at[i].pointer, request);
            log_warning(c->log, "%s: %s", warnings.at[i].pointer, warnings.at[i].text);
        }
    cgroup_check(after, c->cgroup.hierarchy, &all);
    intel_rdt_check(after, &all);
    for (size_t i = 0; i < problems_kept(&all); i++)
        rename_pointer(all.at[i].pointer, request);
    return problems_fail(&all, why);
}

static int fail_state(const struct container *c, enum status status, struct error *why)
{
    /* Callers look for these words. */
    if (status == STATUS_STOPPED)
        (void)fail(why, 0, "container not running: %s", c->id);
    else
        (void)fail(why, 0, "container %s is still being made", c->id);
    return fail_code(why, ERROR_STATE);
}

static int open_locked(struct container *c, const struct runtime *runtime, const char *id,
                       struct error *why)
{
    /* Read again under the lock: another update may have been at work. */
    if (state_open(c, runtime, id, why) < 0 || state_lock(c, why) < 0 || state_reopen(c, why) < 0)
        return -1;

    int status = state_status(c, why);

    if (status < 0)
        return -1;
    if (status == STATUS_STOPPED || status == STATUS_CREATING)
        return fail_state(c, status, why);
    if (c->cgroup.manager == CGROUP_DISABLED) {
        (void)fail(why, 0, "container %s has no cgroup: it cannot be limited", c->id);
        return fail_code(why, ERROR_CGROUP);
    }
    return 0;
}

static int limit(const struct container *c, const struct cgroup_change *limits, struct error *why)
{
    struct error unused;
    int rc;

    if (!cgroup_update_needs_freeze(&c->cgroup, limits))
        return cgroup_update(&c->cgroup, limits, c->log, why);
    if (hold_begin(c, why) < 0)
        return -1;
    rc = cgroup_update(&c->cgroup, limits, c->log, why);
    return hold_end(c, rc < 0 ? &unused : why) < 0 ? -1 : rc;
}

static int apply(struct container *c, const struct oci_linux *after,
                 const struct cgroup_change *limits, struct error *why)
{
    bool has_rdt = after->intel_rdt && after->intel_rdt != c->spec->linux->intel_rdt;
    struct error unused;

    if (has_rdt && intel_rdt_update(c, after->intel_rdt, why) < 0)
        return -1;
    if (limit(c, limits, why) == 0)
        return 0;
    if (has_rdt)
        (void)intel_rdt_update(c, c->spec->linux->intel_rdt, &unused);
    return -1;
}

/* All that can fail of saving comes before the first limit is changed. */
static int save(struct container *c, const struct oci_config *after,
                const struct cgroup_change *limits, struct error *why)
{
    struct json_error json;
    size_t length;
    autofree char *text = json_encode(&oci_config_object, after, JSON_COMPACT, &length, &json);

    if (text == NULL)
        return fail(why, 0, "write the changed config.json: %s", json.text);
    if (io_prepare(c->state_fd, "config.json", text, length, 0600, why) < 0)
        return -1;
    if (apply(c, after->linux, limits, why) == 0)
        return io_replace(c->state_fd, "config.json", why);
    io_discard(c->state_fd, "config.json");
    return -1;
}

static int update(struct container *c, const struct oci_resources *asked,
                  const struct update_request *request, struct error *why)
{
    static const struct oci_linux nothing = { 0 };
    struct oci_config after = *c->spec;
    struct oci_linux linux = after.linux ? *after.linux : nothing;
    struct oci_intel_rdt rdt;
    struct cgroup_change limits;

    if (cgroup_merge(&limits, linux.resources, asked, c->arena, why) < 0)
        return -1;
    if (asks_rdt(request) && merge_rdt(&rdt, &linux, request, why) < 0)
        return -1;
    linux.resources = limits.merged;
    if (asks_rdt(request))
        linux.intel_rdt = &rdt;
    after.linux = &linux;
    if (check(c, &after, asked, request, why) < 0)
        return -1;
    if (save(c, &after, &limits, why) == 0)
        return 0;
    rename_pointer(why->pointer, request);
    return -1;
}

int lifecycle_update(const struct runtime *runtime, const char *id,
                     const struct update_request *request, struct error *why)
{
    struct arena arena = { 0 };
    struct container c = container_empty(runtime, &arena);
    const struct oci_resources *asked =
        request->file ? read_resources(request->file, runtime->log, &arena, why)
                      : request->resources;

    if (asked == NULL || open_locked(&c, runtime, id, why) < 0)
        return -1;
    return update(&c, asked, request, why);
}
