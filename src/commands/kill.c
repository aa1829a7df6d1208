// SPDX-License-Identifier: Apache-2.0
/* zind-oci kill */
#include "base/text.h"
#include "commands/matching.h"
#include "commands/signal-names.h"

#include <signal.h>

static int read_signal(const struct command_line *line, int *ret, struct error *why)
{
    *ret = SIGTERM;
    if (line->n_args < 2 || signal_parse(line->args[1], ret))
        return 0;
    (void)fail(why, 0, "no signal is called %s", line->args[1]);
    if (signal_parse(line->args[0], ret) && text_is_id(line->args[1]))
        (void)fail_hint(why, "the ID comes first: zind-oci kill %s %.16s", line->args[1],
                        line->args[0]);
    (void)fail_hint(why, "KILL, SIGKILL, kill, 9 and RTMIN+1 are ways to write one");
    return fail_code(why, ERROR_USAGE);
}

struct asked {
    int signal;
    bool all;
};

static int kill_one(const struct runtime *runtime, const char *id, const void *asked,
                    struct error *why)
{
    const struct asked *it = asked;

    return lifecycle_kill(runtime, id, it->signal, it->all, why);
}

int command_kill(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    struct asked asked = { .all = line->all };

    /* Here, since a wrong name is wrong also where nothing matches. */
    if (read_signal(line, &asked.signal, why) < 0)
        return -1;
    return matching_each(runtime, line, kill_one, &asked, why);
}
