// SPDX-License-Identifier: Apache-2.0
/* From a bundle to a checked container: read config.json, decode it, let every section look at it.
 */
#include "container/bundle.h"
#include "base/io.h"
#include "base/text.h"
#include "json-decode.h"
#include "container/survey.h"
#include "json-locate.h"
#include "kernel/proc.h"
#include "sections/fds.h"
#include "sections/namespaces.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

struct container container_empty(const struct runtime *runtime, struct arena *arena)
{
    struct container c = {
        .root = runtime->root,
        .log = runtime->log,
        .timings_fd = runtime->timings_fd,
        .origin = runtime->origin,
        .umask = runtime->umask,
        .arena = arena,
        .proc_fd = -1,
        .state_fd = -1,
        .lock_fd = -1,
        .peer = -1,
        .start_fd = -1,
        .killer = -1,
        .end_signals = -1,
        .root_fd = -1,
        .root_tree = -1,
        .root_base = -1,
        .root_place = -1,
        .console_fd = -1,
        .clocks_fd = -1,
        .hook_outputs = { -1, -1 },
        .notify_tree = -1,
        .init_pidfd = -1,
        .target_pidfd = -1,
    };

    for (size_t i = 0; i < sizeof c.namespace_fds / sizeof *c.namespace_fds; i++)
        c.namespace_fds[i] = -1;
    return c;
}

void container_close(struct container *c)
{
    int *const held[] = { &c->proc_fd,     &c->state_fd,   &c->lock_fd,     &c->peer,
                          &c->start_fd,    &c->killer,     &c->root_fd,     &c->console_fd,
                          &c->notify_tree, &c->init_pidfd, &c->target_pidfd };

    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        close_fd(held[i]);
    for (size_t i = 0; i < sizeof c->namespace_fds / sizeof *c->namespace_fds; i++)
        close_fd(&c->namespace_fds[i]);
    for (size_t i = 0; i < sizeof c->hook_outputs / sizeof *c->hook_outputs; i++)
        close_fd(&c->hook_outputs[i]);
}

void bundle_locate(const struct container *c, struct error *why)
{
    if (why->line == 0 && why->pointer[0] && c->config_text)
        (void)json_locate(c->config_text, c->config_length, why->pointer, &why->line, &why->column);
}

/* Only at --debug: the spec wants unknown keys ignored. */
static void tell_unknown(void *ctx, const struct json_finding *finding)
{
    const struct container *c = ctx;

    log_debug(c->log, "config.json:%u:%u: %s is unknown, and ignored", finding->error->line,
              finding->error->column, finding->error->path);
}

/* The decoder ended at the first thing that is wrong: look at all of it. */
static int fail_json(struct container *c, struct error *why)
{
    const struct oci_config *unused;
    autoproblems struct problems all = { 0 };

    if (survey_config(c->config_text, c->config_length, c->arena, false, &unused, &all, why) < 0)
        return -1;
    return problems_fail(&all, why);
}

static int read_config(struct container *c, const char *bundle, struct error *why)
{
    char *path = arena_alloc(c->arena, PATH_MAX);
    const struct json_watch watch = { .unknown = tell_unknown, .ctx = c };
    struct json_error json;

    if (path == NULL || realpath(bundle, path) == NULL)
        return fail(why, errno, "open the bundle %s", bundle);
    c->bundle = path;

    autoclose int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (folder < 0)
        return fail(why, errno, "open the bundle %s", path);
    /* Lives as long as the command: its copy goes into the state folder, and errors are located in
     * it. */
    c->config_text = io_read_file(folder, c->options.config, JSON_MAX_SIZE, &c->config_length, why);
    if (c->config_text == NULL)
        return why->number == ENOENT
                   ? fail_hint(why,
                               "a bundle is a folder with a config.json; zind-oci spec makes one")
                   : -1;
    c->spec = json_decode_watched(&oci_config_object, c->config_text, c->config_length, c->arena,
                                  c->log->level == LOG_LEVEL_DEBUG ? &watch : NULL, &json);
    return c->spec ? 0 : fail_json(c, why);
}

int bundle_check(const struct container *c, const struct oci_config *spec, const char *part,
                 struct error *why)
{
    autoproblems struct problems all = { 0 };

    survey_sections(spec, &all);
    for (size_t i = 0; i < problems_kept(&all); i++)
        if (all.at[i].is_warning && text_starts(all.at[i].pointer, part))
            container_warn(c, "%s: %s", all.at[i].pointer, all.at[i].text);
    return problems_fail(&all, why);
}

int bundle_check_id(const char *id, struct error *why)
{
    if (text_is_id(id))
        return 0;
    (void)fail(why, 0, "\"%.64s\" is not a container id: use up to %d letters, digits and _+.-", id,
               TEXT_ID_MAX);
    return fail_code(why, ERROR_USAGE);
}

/* What the command line and config.json say together. */
static int check_options(const struct container *c, struct error *why)
{
    bool wants_terminal = c->process && c->process->terminal;

    if (c->options.console_socket && !wants_terminal) {
        (void)fail(why, 0, "--console-socket is of no use: process.terminal is false");
        return fail_code(why, ERROR_USAGE);
    }
    if (wants_terminal && c->options.detach && !c->options.console_socket) {
        (void)fail(why, 0, "process.terminal is true and nobody is there to hold the terminal");
        (void)fail_hint(why, "give --console-socket, or set process.terminal to false");
        return fail_code(why, ERROR_USAGE);
    }
    return fds_check_preserved(c, why);
}

static int load(struct container *c, const struct runtime *runtime, const char *bundle,
                struct error *why)
{
    if (bundle_check_id(c->id, why) < 0 || read_config(c, bundle, why) < 0)
        return -1;
    c->process = c->spec->process;
    /* As crun has it, for engines that cannot give options. */
    if (c->options.pidfd_socket == NULL)
        c->options.pidfd_socket = annotation_of(c->spec, "run.oci.pidfd_receiver");
    namespaces_choose(c);
    if (bundle_check(c, c->spec, "", why) < 0 || check_options(c, why) < 0)
        return -1;
    if (cgroup_choose(&c->cgroup, runtime->manager, c->spec, c->id, c->arena, why) < 0)
        return -1;
    c->proc_fd = proc_open(why);
    return c->proc_fd < 0 ? -1 : 0;
}

int bundle_load(struct container *c, const struct runtime *runtime, const char *bundle,
                const struct container_options *options, struct error *why)
{
    c->options = *options;
    if (load(c, runtime, bundle, why) == 0)
        return 0;
    bundle_locate(c, why);
    return -1;
}
