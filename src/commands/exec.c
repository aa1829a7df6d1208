// SPDX-License-Identifier: Apache-2.0
/* zind-oci exec */
#include "base/ids.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "sections/capabilities.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static int check_user(const char *user, struct error *why)
{
    struct ids ids;

    if (!user || ids_parse(user, &ids))
        return 0;
    (void)fail(why, 0, "--user %s: UID or UID:GID is wanted, each from 0 to 4294967294", user);
    return fail_code(why, ERROR_USAGE);
}

static int check_env(const struct texts *env, struct error *why)
{
    for (size_t i = 0; i < env->n; i++) {
        const char *equals = strchr(env->at[i], '=');

        if (equals && equals != env->at[i])
            continue;
        (void)fail(why, 0, "--env %s: NAME=VALUE is wanted", env->at[i]);
        return fail_code(why, ERROR_USAGE);
    }
    return 0;
}

static int read_gids(const struct command_line *line, struct exec_request *ret, struct error *why)
{
    const struct texts *texts = &line->additional_gids;
    uint32_t *gids;

    if (texts->n == 0)
        return 0;
    gids = arena_alloc(line->arena, texts->n * sizeof *gids);
    if (!gids)
        return fail(why, ENOMEM, "read the command line");
    for (size_t i = 0; i < texts->n; i++)
        if (!ids_parse_one(texts->at[i], &gids[i])) {
            (void)fail(why, 0, "--additional-gids %s: a number from 0 to 4294967294 is wanted",
                       texts->at[i]);
            return fail_code(why, ERROR_USAGE);
        }
    ret->additional_gids.n = texts->n;
    ret->additional_gids.at = gids;
    return 0;
}

static int check_program(const struct command_line *line, struct error *why)
{
    if (line->n_args > 1 && strcmp(line->args[1], "--") == 0) {
        (void)fail(why, 0, "\"--\" is no program");
        (void)fail_hint(why, "without it: zind-oci exec %.64s %.64s", line->args[0],
                        line->n_args > 2 ? line->args[2] : "PROGRAM");
        return fail_code(why, ERROR_USAGE);
    }
    if (line->process || line->n_args > 1)
        return 0;
    (void)fail(why, 0, "neither a program nor --process is given");
    (void)fail_hint(why, "as in: zind-oci exec -t %.64s sh", line->args[0]);
    return fail_code(why, ERROR_USAGE);
}

/* A name without CAP_ is known to nobody: the program would run without the capability, and the
   warnings would be about config.json. */
static int check_caps(const struct texts *caps, struct error *why)
{
    for (size_t i = 0; i < caps->n; i++) {
        const char *given = caps->at[i];
        char name[32];

        (void)snprintf(name, sizeof name, "%s%s", strncasecmp(given, "cap_", 4) ? "CAP_" : "",
                       given);
        for (char *c = name; *c; c++)
            *c = (char)toupper((unsigned char)*c);
        if (strcmp(name, given) == 0 || !name_find(capabilities_names, name))
            continue;
        (void)fail(why, 0, "--cap %s: unknown capability", given);
        (void)fail_hint(why, "with its whole name: zind-oci exec --cap %s ID PROGRAM", name);
        return fail_code(why, ERROR_USAGE);
    }
    return 0;
}

int command_exec(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    struct exec_request request = {
        .process_file = line->process,
        .cwd = line->cwd,
        .user = line->user,
        .apparmor = line->apparmor,
        .process_label = line->process_label,
        .tty = line->tty,
        .no_new_privs = line->no_new_privs,
        .ignore_paused = line->ignore_paused,
    };

    if (check_program(line, why) < 0 || check_user(line->user, why) < 0 ||
        check_env(&line->env, why) < 0 || check_caps(&line->caps, why) < 0 ||
        read_gids(line, &request, why) < 0)
        return -1;
    request.env.n = line->env.n;
    request.env.at = line->env.at;
    request.caps.n = line->caps.n;
    request.caps.at = line->caps.at;
    request.args.n = (size_t)line->n_args - 1;
    request.args.at = (const char *const *)line->args + 1;
    options_read_container(line, &request.options);
    return lifecycle_exec(runtime, line->args[0], &request, why);
}
