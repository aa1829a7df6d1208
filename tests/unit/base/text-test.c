// SPDX-License-Identifier: Apache-2.0
/* Strict questions about strings. */
#include "../tap.h"
#include "base/text.h"

static void numbers_are_digits_only(void)
{
    static const char *const refused[] = { "",   " 1",  "1 ",  "+1",
                                           "-1", "0x1", "1.0", "18446744073709551616",
                                           "1\n" };
    uint64_t n = 42;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (!ok(!text_to_number(refused[i], UINT64_MAX, &n), "refused"))
            printf("# \"%s\"\n", refused[i]);
    is_int((intmax_t)n, 42, "what is refused stores nothing");
    ok(text_to_number("18446744073709551615", UINT64_MAX, &n) && n == UINT64_MAX,
       "2^64 - 1 is exact");
    ok(text_to_number("007", 7, &n) && n == 7, "leading zeros do no harm");
    ok(!text_to_number("8", 7, &n), "the limit holds for one digit");
    ok(!text_to_number("4294967296", UINT32_MAX, &n), "the limit holds for many");
    ok(text_to_number("0", 0, &n) && n == 0, "zero is a number");
}

static void ids_are_one_harmless_component(void)
{
    char longest[242];

    memset(longest, 'a', sizeof longest);
    longest[241] = 0;
    ok(!text_is_id(longest), "241 characters are too many");
    longest[240] = 0;
    ok(text_is_id(longest), "240 are not");
    ok(text_is_id("Web_1.2+x-y"), "letters, digits and _+.-");
    ok(!text_is_id(""), "nothing is no id");
    ok(!text_is_id(".") && !text_is_id(".."), "nor is . or ..");
    ok(!text_is_id("a/b") && !text_is_id("../x"), "nor a path");
    ok(!text_is_id("a b") && !text_is_id("a\n") && !text_is_id("\xc3\xa4"),
       "nor blanks or other alphabets");
}

static void climbing_is_seen_anywhere(void)
{
    ok(text_climbs("..") && text_climbs("/a/../b") && text_climbs("a/..") && text_climbs("../a"),
       "a component .. is seen");
    ok(!text_climbs("/a/b") && !text_climbs("..a") && !text_climbs("a..") && !text_climbs("...") &&
           !text_climbs(""),
       "dots in a name are not");
}

static void ends_and_beginnings(void)
{
    ok(text_starts("mounts", "mou") && !text_starts("mo", "mou"), "starts");
    ok(text_ends("a.slice", ".slice") && !text_ends("ice", ".slice"), "ends");
}

static void durations_are_those_of_go(void)
{
    static const struct {
        const char *text;
        uint64_t ns;
    } taken[] = {
        { "5s", 5000000000 },
        { "1m30s", 90000000000 },
        { "500ms", 500000000 },
        { "1.5h", 5400000000000 },
        { ".5s", 500000000 },
        { "1.s", 1000000000 },
        { "100us", 100000 },
        { "7\xc2\xb5s", 7000 },
        { "3ns", 3 },
        { "0", 0 },
        { "0s", 0 },
        { "1s500ms", 1500000000 },
        { "0.1234567891s", 123456789 },
        { "24h", 86400000000000 },
    };
    static const char *const refused[] = { "",
                                           "5",
                                           "s",
                                           "-5s",
                                           "+5s",
                                           " 5s",
                                           "5s ",
                                           "5 s",
                                           "1x",
                                           "5sec",
                                           ".s",
                                           "1..5s",
                                           "1h30",
                                           "9999999999999h",
                                           "99999999999999999999999s" };
    uint64_t ns = 42;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (!ok(!text_to_duration(refused[i], &ns), "no duration"))
            printf("# \"%s\"\n", refused[i]);
    is_int((intmax_t)ns, 42, "what is refused stores nothing");
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (!ok(text_to_duration(taken[i].text, &ns) && ns == taken[i].ns, "a duration"))
            printf("# %s: %" PRIu64 "\n", taken[i].text, ns);
}

static void nothing_printed_commands_a_terminal(void)
{
    static const char *const cases[][2] = {
        { "plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
          "plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
        { "a\x1b[31m\n\x7f", "a?[31m??" },
        { "ab\xc2\x9b"
          "31m\xc2\xa0",
          "ab??31m\xc2\xa0" },
        { "\x9b"
          "31m",
          "?31m" },
        { "\xe2\x80\xae"
          "cod\xe2\x81\xa6\xe2\x80\xa8",
          "???cod???\xe2\x80\xa8" },
        { "cut \xe2\x80", "cut ??" },
    };
    char text[64];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(text, sizeof text, "%s", cases[i][0]);
        text_make_printable(text);
        (void)is_str(text, cases[i][1], "only what is harmless stays");
    }
}

int main(void)
{
    nothing_printed_commands_a_terminal();
    durations_are_those_of_go();
    numbers_are_digits_only();
    ids_are_one_harmless_component();
    climbing_is_seen_anywhere();
    ends_and_beginnings();
    return done_testing();
}
