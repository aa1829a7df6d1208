// SPDX-License-Identifier: Apache-2.0
// Signals are found under all the names that engines and people give them.
#include "../tap.h"
#include "commands/signal-names.h"

#include <signal.h>

static int parsed(const char *text)
{
    int number = -1;

    return signal_parse(text, &number) ? number : -1;
}

static void a_signal_has_many_spellings(void)
{
    is_int(parsed("KILL"), SIGKILL, "KILL");
    is_int(parsed("SIGKILL"), SIGKILL, "SIGKILL");
    is_int(parsed("kill"), SIGKILL, "kill");
    is_int(parsed("sigkill"), SIGKILL, "sigkill");
    is_int(parsed("SigTerm"), SIGTERM, "SigTerm");
    is_int(parsed("9"), 9, "9");
    is_int(parsed("0"), 0, "0 asks whether it is there");
    is_int(parsed("64"), 64, "64");
    is_int(parsed("WINCH"), SIGWINCH, "WINCH");
    is_int(parsed("cld"), SIGCHLD, "cld");
    is_int(parsed("POLL"), SIGIO, "POLL");
}

static void real_time_signals_count_from_both_ends(void)
{
    is_int(parsed("RTMIN"), SIGRTMIN, "RTMIN");
    is_int(parsed("SIGRTMIN+3"), SIGRTMIN + 3, "SIGRTMIN+3");
    is_int(parsed("rtmin+1"), SIGRTMIN + 1, "rtmin+1");
    is_int(parsed("RTMAX-2"), SIGRTMAX - 2, "RTMAX-2");
    is_int(parsed("RTMAX"), SIGRTMAX, "RTMAX");
    is_int(parsed("RTMIN-1"), -1, "RTMIN-1 is none");
    is_int(parsed("RTMIN+"), -1, "RTMIN+ is none");
    is_int(parsed("RTMIN3"), -1, "RTMIN3 is none");
    is_int(parsed("RTMIN+99"), -1, "RTMIN+99 is none");
}

static void anything_else_is_no_signal(void)
{
    is_int(parsed(""), -1, "nothing");
    is_int(parsed("SIG"), -1, "SIG");
    is_int(parsed("FOO"), -1, "FOO");
    is_int(parsed("-9"), -1, "-9");
    is_int(parsed("+9"), -1, "+9");
    is_int(parsed("65"), -1, "65");
    is_int(parsed("9x"), -1, "9x");
    is_int(parsed(" 9"), -1, "a space");
    is_int(parsed("SIGSIGKILL"), -1, "SIGSIGKILL");
    is_int(parsed("SIG9"), -1, "SIG9");
    is_int(parsed("18446744073709551625"), -1, "a number that wraps to 9");
}

int main(void)
{
    a_signal_has_many_spellings();
    real_time_signals_count_from_both_ends();
    anything_else_is_no_signal();
    return done_testing();
}
