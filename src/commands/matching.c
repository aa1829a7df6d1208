// SPDX-License-Identifier: Apache-2.0
/* --regex: one command for all containers whose ids match. */
#include "commands/matching.h"

#include <regex.h>
#include <stdlib.h>

static int fail_expression(const regex_t *expression, int number, const char *text,
                           struct error *why)
{
    char reason[128];

    (void)regerror(number, expression, reason, sizeof reason);
    (void)fail(why, 0, "\"%s\" is no regular expression: %s", text, reason);
    return fail_code(why, ERROR_USAGE);
}

static int act_on_all(const struct runtime *runtime, const regex_t *expression, matching_act *act,
                      const void *asked, struct error *why)
{
    struct state_names names;
    struct error each;
    int rc = 0;

    if (state_list(runtime, &names, why) < 0)
        return -1;
    for (size_t i = 0; i < names.n; i++) {
        char text[1024];

        if (regexec(expression, names.at[i], 0, NULL, 0) == 0 &&
            act(runtime, names.at[i], asked, &each) < 0) {
            error_format(&each, text, sizeof text);
            if (rc == 0)
                *why = each;
            else
                log_warning(runtime->log, "%s: %s", names.at[i], text);
            rc = -1;
        }
        free(names.at[i]);
    }
    free(names.at);
    return rc;
}

int matching_each(const struct runtime *runtime, const struct command_line *line, matching_act *act,
                  const void *asked, struct error *why)
{
    regex_t expression;
    int number, rc;

    if (!line->regex)
        return act(runtime, line->args[0], asked, why);
    number = regcomp(&expression, line->args[0], REG_EXTENDED | REG_NOSUB);
    if (number != 0)
        return fail_expression(&expression, number, line->args[0], why);
    rc = act_on_all(runtime, &expression, act, asked, why);
    regfree(&expression);
    return rc;
}
