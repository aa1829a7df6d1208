// SPDX-License-Identifier: Apache-2.0
/* zind-oci kill */
#include "commands/commands.h"
#include "commands/signal-names.h"

#include <signal.h>

int command_kill(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    int signal = SIGTERM;

    if (line->n_args == 2 && !signal_parse(line->args[1], &signal)) {
        (void)fail(why, 0, "no signal is called %s", line->args[1]);
        (void)fail_hint(why, "KILL, SIGKILL, kill, 9 and RTMIN+1 are ways to write one");
        return fail_code(why, ERROR_USAGE);
    }
    return lifecycle_kill(runtime, line->args[0], signal, line->all, why);
}
