// SPDX-License-Identifier: Apache-2.0
// linux.intelRdt: what is refused before anything is done, and how schemata compare.
#include "check.h"
#include "sections/resctrl-schemata.h"

#define RDT(members) LINUX("\"intelRdt\":{" members "}")
#define AT           "linux.intelRdt."

// spec: linux.intelRdt.*
static void checks(void)
{
    accepts(intel_rdt_check, RDT(""), "an empty one");
    accepts(intel_rdt_check, RDT("\"closID\":\"/\""), "the root group");
    accepts(intel_rdt_check,
            RDT("\"closID\":\"a\",\"l3CacheSchema\":\"L3:0=f\",\"memBwSchema\":\"MB:0=9\","
                "\"schemata\":[\"L2:0=1\"],\"enableMonitoring\":true"),
            "all of it");
    refuses(intel_rdt_check, RDT("\"closID\":\"a/b\""), AT "closID", "a slash in a name");
    refuses(intel_rdt_check, RDT("\"closID\":\"..\""), AT "closID", "two dots");
    refuses(intel_rdt_check, RDT("\"closID\":\"info\""), AT "closID", "a folder of the kernel");
    refuses(intel_rdt_check, RDT("\"memBwSchema\":\"L3:0=1\""), AT "memBwSchema",
            "a bandwidth that is none");
    refuses(intel_rdt_check, RDT("\"memBwSchema\":\"MB:0=1\\nMB:1=1\""), AT "memBwSchema",
            "a bandwidth of two lines");
    warns(intel_rdt_check, RDT("\"l3CacheSchema\":\"MB:0=1\""), AT "l3CacheSchema",
          "a cache schema should begin with L3:");
    refuses(intel_rdt_check, RDT("\"schemata\":[\"L3:0=1\",\"\"]"), AT "schemata[1]",
            "an empty line");
    refuses(intel_rdt_check, RDT("\"schemata\":[\"0=1\"]"), AT "schemata[0]", "no resource");
}

static void matches(void)
{
    const char *has = "    L3:0=07f0;1=001f\n    MB:0= 20;1= 70\nL3CODE:0=3\n";

    ok(resctrl_schemata_match("L3:0=7f0;1=1f\n", has), "leading zeros");
    ok(resctrl_schemata_match("L3:1=1F;0=7F0", has), "order and case");
    ok(resctrl_schemata_match("MB:0=20;1=70\nL3:1=1f\n", has), "spaces, and a part of the domains");
    ok(resctrl_schemata_match("", has), "nothing is asked for");
    ok(!resctrl_schemata_match("MB:0=2", has), "another value");
    ok(!resctrl_schemata_match("MB:2=20", has), "an unknown domain");
    ok(!resctrl_schemata_match("L2:0=1", has), "an unknown resource");
    ok(!resctrl_schemata_match("L3:0", has), "no value");
    ok(!resctrl_schemata_match("L3:0=7f0\nMB:0=21\n", has), "the second line differs");
}

int main(void)
{
    checks();
    matches();
    arena_free(&check_arena);
    return done_testing();
}
