// SPDX-License-Identifier: Apache-2.0
/* hooks: which run when, and what they are told. */
#include "sections/hooks.h"
#include "json-encode.h"

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

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

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

int hooks_run(const struct container *c, enum hook_kind kind, struct error *why)
{
    const struct oci_hook_list *list = list_of(c->spec, kind);
    autofree char *state = NULL;
    size_t length;

    if (list->n == 0)
        return 0;
    state = write_state(c, kind, &length, why);
    if (state == NULL)
        return -1;
    for (size_t i = 0; i < list->n; i++) {
        const char *name = at("hooks.%s[%zu]", kinds[kind].name, i);
        char text[sizeof why->text + sizeof why->pointer];

        if (hooks_run_one(&list->at[i], name, state, length, why) == 0)
            continue;
        if (kind != HOOK_POSTSTOP)
            return -1;
        error_format(why, text, sizeof text);
        container_warn(c, "%s", text);
    }
    return 0;
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

bool hooks_hold_init(const struct container *c)
{
    return has(c, HOOK_PRESTART) || has(c, HOOK_CREATE_RUNTIME);
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
