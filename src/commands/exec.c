// SPDX-License-Identifier: Apache-2.0
/* zind-oci exec */
#include "base/ids.h"
#include "commands/commands.h"
#include "commands/options.h"

#include <string.h>

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
    if (line->process || line->n_args > 1)
        return 0;
    (void)fail(why, 0, "neither a program nor --process is given");
    return fail_code(why, ERROR_USAGE);
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
        check_env(&line->env, why) < 0 || read_gids(line, &request, why) < 0)
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
