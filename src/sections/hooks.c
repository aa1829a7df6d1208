// SPDX-License-Identifier: Apache-2.0
/* hooks: which run when, and what they are told. */
#include "sections/hooks.h"
#include "base/text.h"
#include "json-encode.h"
#include "kernel/path.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

/* runtime.md: a container is created once the create operation is over, "after step 2"; hooks begin
 * with step 3. */
static const struct kind {
    const char *name;   /* in config.json */
    const char *status; /* of the container, as hooks of this kind are told */
    size_t offset;      /* in struct oci_hooks */
} kinds[] = {
    [HOOK_PRESTART] = { "prestart", "created", offsetof(struct oci_hooks, prestart) },
    [HOOK_CREATE_RUNTIME] = { "createRuntime", "created",
                              offsetof(struct oci_hooks, create_runtime) },
    [HOOK_CREATE_CONTAINER] = { "createContainer", "created",
                                offsetof(struct oci_hooks, create_container) },
    [HOOK_START_CONTAINER] = { "startContainer", "created",
                               offsetof(struct oci_hooks, start_container) },
    [HOOK_POSTSTART] = { "poststart", "running", offsetof(struct oci_hooks, poststart) },
    [HOOK_POSTSTOP] = { "poststop", "stopped", offsetof(struct oci_hooks, poststop) },
};

/* Annotations that name the files which hooks write to. */
static const char *const outputs[] = { "run.oci.hooks.stdout", "run.oci.hooks.stderr" };

enum { N_KINDS = sizeof kinds / sizeof kinds[0], N_OUTPUTS = sizeof outputs / sizeof outputs[0] };

static const struct oci_hook_list *list_of(const struct oci_config *spec, enum hook_kind kind)
{
    static const struct oci_hook_list none = { 0 };

    if (spec->hooks == NULL)
        return &none;
    return (const void *)((const char *)spec->hooks + kinds[kind].offset);
}

static void check_hook(const struct oci_hook *hook, const char *kind, size_t i,
                       struct problems *all)
{
    if (hook->path == NULL || hook->path[0] != '/')
        refuse(all, at("hooks.%s[%zu].path", kind, i), "\"%s\" is not an absolute path",
               hook->path ? hook->path : "");
    if (hook->has_timeout && hook->timeout <= 0)
        refuse(all, at("hooks.%s[%zu].timeout", kind, i), "a timeout is above 0 seconds");
    for (size_t entry = 0; entry < hook->env.n; entry++)
        if (strchr(hook->env.at[entry], '=') == NULL)
            caution(all, at("hooks.%s[%zu].env[%zu]", kind, i, entry), "\"%s\" has no \"=\"",
                    hook->env.at[entry]);
}

void hooks_check(const struct oci_config *spec, struct problems *all)
{
    for (int kind = 0; kind < N_KINDS; kind++) {
        const struct oci_hook_list *list = list_of(spec, kind);

        for (size_t i = 0; i < list->n; i++)
            check_hook(&list->at[i], kinds[kind].name, i, all);
    }
    /* No word on prestart being deprecated: Docker gives one to each container. */
    for (size_t i = 0; i < N_OUTPUTS; i++) {
        const char *path = annotation_of(spec, outputs[i]);

        if (path && (path[0] != '/' || text_climbs(path)))
            refuse(all, at("annotations[\"%s\"]", outputs[i]), "\"%s\" is not an absolute path%s",
                   path, path[0] == '/' ? " without \"..\"" : "");
    }
}

/* What the container can write to is no place for a file of the host. */
static bool is_in_rootfs(const struct container *c, const char *path)
{
    size_t length = c->root_path ? strlen(c->root_path) - 1 : 0;
    char plain[PATH_MAX];

    if (length == 0 || strlen(path) >= sizeof plain)
        return false;
    path_simplify(path, plain);
    return text_starts(plain, c->root_path + 1) && (plain[length] == '/' || plain[length] == 0);
}

static int open_output(const struct container *c, const char *path, struct error *why)
{
    int fd;

    if (is_in_rootfs(c, path))
        return fail(why, 0, "%s is in the rootfs: the output of hooks goes to the host", path);
    fd = path_append(path, 0600);
    if (fd >= 0)
        return fd;
    if (errno == ELOOP)
        return fail(why, 0, "a part of %s is a link: the output of hooks follows none", path);
    return fail(why, errno, "open %s for the output of hooks", path);
}

static int copy_output(int fd, const char *path, struct error *why)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    return copy < 0 ? fail(why, errno, "pass %s to hooks", path) : copy;
}

/* -1: the end of the output is for the error. After the pivot a path is one of the container, who
   could lay a trap there. */
static int open_outputs(const struct container *c, enum hook_kind kind, int files[N_OUTPUTS],
                        struct error *why)
{
    for (size_t i = 0; i < N_OUTPUTS; i++) {
        const char *path = annotation_of(c->spec, outputs[i]);

        if (path == NULL || kind == HOOK_START_CONTAINER)
            continue;
        files[i] = c->hook_outputs[i] >= 0 ? copy_output(c->hook_outputs[i], path, why)
                                           : open_output(c, path, why);
        if (files[i] < 0)
            return fail_at(why, "annotations[\"%s\"]", outputs[i]);
    }
    return 0;
}

bool hooks_have_outputs_in_init(const struct container *c)
{
    bool is_given = false;

    for (size_t i = 0; i < N_OUTPUTS; i++)
        is_given |= annotation_of(c->spec, outputs[i]) != NULL;
    return is_given && list_of(c->spec, HOOK_CREATE_CONTAINER)->n > 0;
}

int hooks_open_outputs(struct container *c, struct error *why)
{
    return open_outputs(c, HOOK_CREATE_CONTAINER, c->hook_outputs, why);
}

/* The spec's state. On the RUNTIME side the pid is the host's, in INIT the container's own. */
static char *write_state(const struct container *c, enum hook_kind kind, size_t *ret_length,
                         struct error *why)
{
    struct oci_state state = {
        .oci_version = c->spec->oci_version,
        .id = c->id,
        .status = kinds[kind].status,
        .pid = (int32_t)(kind == HOOK_POSTSTOP ? 0
                         : c->side == INIT     ? getpid()
                                               : c->init),
        .bundle = c->bundle,
        .annotations = c->spec->annotations,
    };
    struct json_error problem;
    char *text;

    state.has_pid = state.pid > 0;
    text = json_encode(&oci_state_object, &state, JSON_COMPACT, ret_length, &problem);
    if (text == NULL)
        return fail(why, 0, "write the state for the hooks: %s", problem.text), NULL;
    return text;
}

static int run_all(const struct container *c, enum hook_kind kind, const int files[N_OUTPUTS],
                   struct error *why)
{
    const struct oci_hook_list *list = list_of(c->spec, kind);
    struct hook_call call = {
        .c = c,
        .is_confined = kind == HOOK_START_CONTAINER && c->process,
        .is_last = kind == HOOK_POSTSTOP,
        .files = files,
    };
    autofree char *state = write_state(c, kind, &call.state_length, why);

    call.state = state;
    for (size_t i = 0; state && i < list->n; i++) {
        const char *name = at("hooks.%s[%zu]", kinds[kind].name, i);
        char text[sizeof why->text + sizeof why->pointer];

        if (hooks_run_one(&list->at[i], name, &call, why) == 0)
            continue;
        if (files[1] >= 0)
            (void)fail_hint(why, "what it said is in %s", annotation_of(c->spec, outputs[1]));
        if (kind != HOOK_POSTSTOP)
            return -1;
        error_format(why, text, sizeof text);
        container_warn(c, "%s", text);
    }
    return state ? 0 : -1;
}

int hooks_run(const struct container *c, enum hook_kind kind, struct error *why)
{
    int files[N_OUTPUTS] = { -1, -1 }, result;

    if (list_of(c->spec, kind)->n == 0)
        return 0;
    result = open_outputs(c, kind, files, why);
    if (result == 0)
        result = run_all(c, kind, files, why);
    for (size_t i = 0; i < N_OUTPUTS; i++)
        close_fd(&files[i]);
    return result;
}

static bool has(const struct container *c, enum hook_kind kind)
{
    return list_of(c->spec, kind)->n > 0;
}

bool hooks_have_prestart(const struct container *c)
{
    return has(c, HOOK_PRESTART);
}

bool hooks_have_create_runtime(const struct container *c)
{
    return has(c, HOOK_CREATE_RUNTIME);
}

bool hooks_have_create_container(const struct container *c)
{
    return has(c, HOOK_CREATE_CONTAINER);
}

bool hooks_have_start_container(const struct container *c)
{
    return has(c, HOOK_START_CONTAINER);
}

/* Those that INIT runs come after all that RUNTIME does before: rules for devices that are half
 * written (v1) would forbid them /dev/null. */
bool hooks_hold_init(const struct container *c)
{
    return has(c, HOOK_PRESTART) || has(c, HOOK_CREATE_RUNTIME) || has(c, HOOK_CREATE_CONTAINER);
}

int hooks_run_prestart(struct container *c, struct error *why)
{
    return hooks_run(c, HOOK_PRESTART, why);
}

int hooks_run_create_runtime(struct container *c, struct error *why)
{
    return hooks_run(c, HOOK_CREATE_RUNTIME, why);
}

/* Nothing to do: that RUNTIME has come this far is what INIT waits for. */
int hooks_pass(struct container *c, struct error *why)
{
    (void)c;
    (void)why;
    return 0;
}

/* Before the pivot the root of INIT still is the host's, so the path means what it means there. */
int hooks_run_create_container(struct container *c, struct error *why)
{
    return hooks_run(c, HOOK_CREATE_CONTAINER, why);
}

int hooks_run_start_container(struct container *c, struct error *why)
{
    return hooks_run(c, HOOK_START_CONTAINER, why);
}

static void explain_all(const struct container *c, enum hook_kind kind, struct explain *to)
{
    FOREACH (hook, *list_of(c->spec, kind))
        explain(to, "%s%s%lld%s", hook->path, hook->has_timeout ? ", at most " : ", timeout ",
                (long long)hook->timeout, hook->has_timeout ? " s" : " (none)");
}

void hooks_explain_prestart(const struct container *c, struct explain *to)
{
    explain_all(c, HOOK_PRESTART, to);
}

void hooks_explain_create_runtime(const struct container *c, struct explain *to)
{
    explain_all(c, HOOK_CREATE_RUNTIME, to);
}

void hooks_explain_create_container(const struct container *c, struct explain *to)
{
    explain_all(c, HOOK_CREATE_CONTAINER, to);
}

void hooks_explain_start_container(const struct container *c, struct explain *to)
{
    explain_all(c, HOOK_START_CONTAINER, to);
}
