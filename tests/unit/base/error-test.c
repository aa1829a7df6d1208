// SPDX-License-Identifier: Apache-2.0
/* Errors as values: what is said, where, and how it reads. */
#include "../tap.h"
#include "base/error.h"

static void an_error_reads_from_the_outside_in(void)
{
    struct error why;
    char line[512];

    ok(fail(&why, EACCES, "mount %s", "cgroup2") == -1, "fail is -1");
    (void)fail_at(&why, "mounts[%d]", 4);
    (void)fail_in(&why, "/sys/fs/cgroup");
    why.line = 61;
    why.column = 5;
    memcpy(why.step, "mounts_attach", sizeof "mounts_attach");
    error_format(&why, line, sizeof line);
    is_str(line,
           "mounts[4]: /sys/fs/cgroup: mount cgroup2: Permission denied (config.json:61:5; "
           "mounts_attach)",
           "pointer, context, text, errno, place, step");
}

static void the_deepest_place_and_hint_win(void)
{
    struct error why;

    (void)fail(&why, 0, "no");
    (void)fail_at(&why, "process.rlimits[2]");
    (void)fail_at(&why, "process");
    (void)fail_hint(&why, "first");
    (void)fail_hint(&why, "second");
    is_str(why.pointer, "process.rlimits[2]", "the deepest pointer stays");
    is_str(why.hint, "first", "the deepest hint stays");
}

/* Names come from hostile files; a terminal must not obey them. */
static void control_characters_never_leave(void)
{
    struct error why;

    (void)fail(&why, 0, "open %s", "a\x1b[31m\nb\x7f");
    is_str(why.text, "open a?[31m?b?", "control characters become question marks");
}

static void long_texts_are_cut_not_overrun(void)
{
    struct error why;
    char long_name[4096], line[64];

    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    (void)fail(&why, 0, "%s", long_name);
    (void)fail_in(&why, "%s", long_name);
    (void)fail_at(&why, "%s", long_name);
    ok(strlen(why.text) < sizeof why.text && strlen(why.pointer) < sizeof why.pointer,
       "cut to fit");
    error_format(&why, line, sizeof line);
    is_int((intmax_t)strlen(line), sizeof line - 1, "the line is cut to fit, too");
}

static void all_problems_are_told_at_once(void)
{
    autoproblems struct problems all = { 0 };
    struct error why;

    caution(&all, "process.capabilities", "only a warning");
    is_int(problems_fail(&all, &why), 0, "warnings alone are no failure");
    refuse(&all, at("mounts[%d].type", 1), "unknown");
    refuse(&all, "process.cwd", "not absolute");
    is_int(problems_fail(&all, &why), -1, "an error is");
    is_str(why.pointer, "mounts[1].type", "the first one's place is the error's");
    is_str(why.text, "unknown; process.cwd: not absolute", "all are in the text");
    is_int(why.code, ERROR_SPEC, "as problems of the spec");
}

static void problems_beyond_the_room_are_counted(void)
{
    autoproblems struct problems all = { 0 };
    struct error why;

    for (int i = 0; i < 1000; i++)
        refuse(&all, at("mounts[%d]", i), "bad");
    is_int((intmax_t)all.errors, 1000, "a thousand are counted");
    is_int(problems_fail(&all, &why), -1, "and told without an overrun");
}

static void codes_have_names(void)
{
    is_str(error_code_name(ERROR_SYSTEM), "system", "the first code");
    is_str(error_code_name(ERROR_DIED), "died", "the last code");
}

int main(void)
{
    an_error_reads_from_the_outside_in();
    the_deepest_place_and_hint_win();
    control_characters_never_leave();
    long_texts_are_cut_not_overrun();
    all_problems_are_told_at_once();
    problems_beyond_the_room_are_counted();
    codes_have_names();
    return done_testing();
}
