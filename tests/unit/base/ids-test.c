// SPDX-License-Identifier: Apache-2.0
// UID[:GID] is read strictly: a number that wraps or is cut would be another user.
#include "../tap.h"
#include "base/ids.h"

static void well_formed_ids_are_read(void)
{
    struct ids ids;

    ok(ids_parse("0", &ids) && ids.uid == 0 && !ids.has_gid, "0");
    ok(ids_parse("1000:100", &ids) && ids.uid == 1000 && ids.has_gid && ids.gid == 100, "1000:100");
    ok(ids_parse("4294967294:4294967294", &ids) && ids.uid == 4294967294 && ids.gid == 4294967294,
       "the largest");
}

static void anything_else_is_refused(void)
{
    static const char *const bad[] = {
        "",
        ":",
        ":1",
        "1:",
        "1:2:3",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1: 2",
        "1:-2",
        "root",
        "0x10",
        "1.0",
        "1e3",
        "4294967295",
        "4294967296",
        "18446744073709551616",
        "1:4294967295",
        "00000000000000000000000000000000000000001",
    };
    struct ids ids;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ok(!ids_parse(bad[i], &ids), bad[i]);
}

int main(void)
{
    well_formed_ids_are_read();
    anything_else_is_refused();
    return done_testing();
}
