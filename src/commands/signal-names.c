// SPDX-License-Identifier: Apache-2.0
/* The names of the signals. */
#include "commands/signal-names.h"

#include "base/names.h"
#include "base/text.h"

#include <signal.h>
#include <stddef.h>
#include <strings.h>

#ifndef SIGSTKFLT
#define SIGSTKFLT 0 /* MIPS has none: no such name, then */
#endif

/* signal(7); the numbers differ between architectures. */
static const struct name signal_names[] = {
    { "HUP", SIGHUP },       { "INT", SIGINT },     { "QUIT", SIGQUIT }, { "ILL", SIGILL },
    { "TRAP", SIGTRAP },     { "ABRT", SIGABRT },   { "IOT", SIGIOT },   { "BUS", SIGBUS },
    { "FPE", SIGFPE },       { "KILL", SIGKILL },   { "USR1", SIGUSR1 }, { "SEGV", SIGSEGV },
    { "USR2", SIGUSR2 },     { "PIPE", SIGPIPE },   { "ALRM", SIGALRM }, { "TERM", SIGTERM },
    { "STKFLT", SIGSTKFLT }, { "CHLD", SIGCHLD },   { "CLD", SIGCHLD },  { "CONT", SIGCONT },
    { "STOP", SIGSTOP },     { "TSTP", SIGTSTP },   { "TTIN", SIGTTIN }, { "TTOU", SIGTTOU },
    { "URG", SIGURG },       { "XCPU", SIGXCPU },   { "XFSZ", SIGXFSZ }, { "VTALRM", SIGVTALRM },
    { "PROF", SIGPROF },     { "WINCH", SIGWINCH }, { "IO", SIGIO },     { "POLL", SIGIO },
    { "PWR", SIGPWR },       { "SYS", SIGSYS },     { NULL, 0 },
};

/* RTMIN, RTMIN+N, RTMAX, RTMAX-N as libc counts them, which keeps the kernel's first two for
 * itself. */
static bool parse_real_time(const char *text, int *ret)
{
    bool from_min = strncasecmp(text, "RTMIN", 5) == 0;
    uint64_t offset = 0;

    if (!from_min && strncasecmp(text, "RTMAX", 5) != 0)
        return false;
    text += 5;
    if (*text && (*text != (from_min ? '+' : '-') ||
                  !text_to_number(text + 1, (uint64_t)(SIGRTMAX - SIGRTMIN), &offset)))
        return false;
    *ret = from_min ? SIGRTMIN + (int)offset : SIGRTMAX - (int)offset;
    return true;
}

bool signal_parse(const char *text, int *ret)
{
    uint64_t number;

    if (text_to_number(text, (uint64_t)SIGRTMAX, &number)) {
        *ret = (int)number;
        return true;
    }
    if (strncasecmp(text, "SIG", 3) == 0)
        text += 3;
    for (const struct name *row = signal_names; row->name; row++)
        if (row->number && strcasecmp(row->name, text) == 0) {
            *ret = (int)row->number;
            return true;
        }
    return parse_real_time(text, ret);
}
