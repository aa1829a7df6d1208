// SPDX-License-Identifier: Apache-2.0
// A time of the state becomes what a person would say.
#include "../tap.h"
#include "commands/ago.h"

static void each_unit_has_its_words(void)
{
    static const struct {
        const char *text, *said; // at 2026-12-01T14:40:06Z
    } cases[] = {
        { "2026-12-01T14:40:06.999999999Z", "just now" },
        { "2026-12-01T14:40:05.123456789Z", "1 second ago" },
        { "2026-12-01T14:39:07Z", "59 seconds ago" },
        { "2026-12-01T14:39:06Z", "1 minute ago" },
        { "2026-12-01T14:37:00Z", "3 minutes ago" },
        { "2026-12-01T13:40:06Z", "1 hour ago" },
        { "2026-11-30T14:40:07Z", "23 hours ago" },
        { "2026-11-29T14:40:06Z", "2 days ago" },
        { "2026-11-17T14:40:06Z", "2 weeks ago" },
        { "2024-02-29T00:00:00Z", "2 years ago" },
    };
    char out[32];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ok(ago_format(cases[i].text, 1796136006, out, sizeof out), cases[i].text);
        is_str(out, cases[i].said, cases[i].said);
    }
}

static void what_is_no_time_of_the_past_is_left_alone(void)
{
    char out[32];

    ok(!ago_format("", 1796136006, out, sizeof out), "nothing");
    ok(!ago_format("yesterday", 1796136006, out, sizeof out), "a word");
    ok(!ago_format("2026-12-01T14:39:06+01:00", 1796136006, out, sizeof out), "another time zone");
    ok(!ago_format("2026-12-01T14:40:07Z", 1796136006, out, sizeof out), "a second to come");
}

int main(void)
{
    each_unit_has_its_words();
    what_is_no_time_of_the_past_is_left_alone();
    return done_testing();
}
