// SPDX-License-Identifier: Apache-2.0
// From a piece of config.json to what a section's check says of it.
#ifndef CHECK_H
#define CHECK_H

#include "../tap.h"
#include "json-decode.h"
#include "sections/container.h"

#include <stdlib.h>

static struct arena check_arena;

static inline const struct oci_config *config_of(const char *json)
{
    struct json_error why;
    const struct oci_config *spec =
        json_decode(&oci_config_object, json, strlen(json), &check_arena, &why);

    if (spec == NULL) {
        printf("Bail out! %s: %s in %s\n", why.path, why.text, json);
        exit(1);
    }
    return spec;
}

// The members of "process" that every one must have.
#define PROCESS(members)                                                                   \
    "{\"ociVersion\":\"1.3.0\",\"process\":{\"user\":{\"uid\":0,\"gid\":0},\"cwd\":\"/\"," \
    "\"args\":[\"true\"]" members "}}"
#define LINUX(members) "{\"ociVersion\":\"1.3.0\",\"linux\":{" members "}}"

typedef void check_function(const struct oci_config *, struct problems *);

static inline const struct problems *check_of(check_function *check, const char *json)
{
    static struct problems all;

    problems_free(&all);
    check(config_of(json), &all);
    return &all;
}

static inline void accepts(check_function *check, const char *json, const char *name)
{
    const struct problems *all = check_of(check, json);

    for (size_t i = 0; i < problems_kept(all); i++)
        printf("# %s: %s\n", all->at[i].pointer, all->at[i].text);
    (void)is_int((intmax_t)all->n, 0, name);
}

// Exactly one problem, an error at POINTER.
static inline void refuses(check_function *check, const char *json, const char *pointer,
                           const char *name)
{
    const struct problems *all = check_of(check, json);

    (void)(is_int((intmax_t)all->errors, 1, name) &&
           is_str(all->kept ? all->at[0].pointer : "", pointer, "  ... and says where"));
}

static inline void warns(check_function *check, const char *json, const char *pointer,
                         const char *name)
{
    const struct problems *all = check_of(check, json);

    (void)(ok(all->errors == 0 && all->n == 1, name) &&
           is_str(all->kept ? all->at[0].pointer : "", pointer, "  ... and says where"));
}

#endif
