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

int main(void)
{
    numbers_are_digits_only();
    ids_are_one_harmless_component();
    climbing_is_seen_anywhere();
    ends_and_beginnings();
    return done_testing();
}
