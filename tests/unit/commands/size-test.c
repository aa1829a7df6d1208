// SPDX-License-Identifier: Apache-2.0
/* Sizes on the command line of update: as runc's and crun's, units of 1024. */
#include "../tap.h"
#include "commands/size.h"

static int64_t size(const char *text)
{
    int64_t n;

    return size_parse(text, &n) ? n : -2;
}

int main(void)
{
    static const char *const refused[] = { "",
                                           "m",
                                           "-2",
                                           "--1",
                                           "1 k",
                                           " 1",
                                           "1x",
                                           "1kk",
                                           "1bb",
                                           "0x10",
                                           "1.5g",
                                           "8388608t",
                                           "9223372036854775808",
                                           "99999999999999999999999999" };

    is_int(size("0"), 0, "zero_is_a_size");
    is_int(size("512"), 512, "a_plain_number_is_bytes");
    is_int(size("512b"), 512, "b_is_bytes");
    is_int(size("2k"), 2048, "k_is_1024");
    is_int(size("512m"), 512LL << 20, "m_is_1024_k");
    is_int(size("1g"), 1LL << 30, "g_is_1024_m");
    is_int(size("3T"), 3LL << 40, "capitals_are_the_same");
    is_int(size("64KiB"), 64 << 10, "ib_may_follow");
    is_int(size("64kb"), 64 << 10, "b_may_follow");
    is_int(size("-1"), -1, "minus_one_is_no_limit");
    is_int(size("9223372036854775807"), INT64_MAX, "the_largest_number_fits");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (!is_int(size(refused[i]), -2, "no_size_is_refused"))
            printf("# %s\n", refused[i]);
    return done_testing();
}
