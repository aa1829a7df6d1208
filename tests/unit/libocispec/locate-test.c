// SPDX-License-Identifier: Apache-2.0
// Where a path leads in a text.
#include "../tap.h"
#include "read-file.h"

#include "json-locate.h"

static const char text[] = "{ \"a\": {\"b\": [10, [], {\"c\": \"x\\\"y\"}],\n"
                           "  \"net.ipv4.x\": true, \"q\\\"\\\\\": null,\n"
                           "\t\"\": 1},\n"
                           "  \"z\" : [ -1.5e3 ] }\n";

static void place(const char *path, bool exists, unsigned line, unsigned column, const char *name)
{
    unsigned got_line = 0, got_column = 0;
    ok(json_locate(text, sizeof text - 1, path, &got_line, &got_column) == exists, name);
    is_int(got_line * 1000 + got_column, line * 1000 + column, "line * 1000 + column");
}

static void values_are_found(void)
{
    place("", true, 1, 1, "the whole");
    place("a", true, 1, 8, "object");
    place("a.b", true, 1, 14, "array");
    place("a.b[0]", true, 1, 15, "number in an array");
    place("a.b[1]", true, 1, 19, "empty array");
    place("a.b[2]", true, 1, 23, "object in an array");
    place("a.b[2].c", true, 1, 29, "string with a quote");
    place("a[\"net.ipv4.x\"]", true, 2, 17, "key with dots");
    place("a[\"b\"][2][\"c\"]", true, 1, 29, "any key in brackets");
    place("a[\"q\\\"\\\\\"]", true, 2, 32, "key with a quote and a backslash");
    place("a[\"\"]", true, 3, 6, "empty key");
    place("z[0]", true, 4, 11, "number with everything");
}

static void what_is_missing_has_the_place_of_what_is_around(void)
{
    place("a.c", false, 1, 8, "no such key");
    place("a.b[3]", false, 1, 14, "no such index");
    place("a.b[0].c", false, 1, 15, "key of a number");
    place("a[0]", false, 1, 8, "index of an object");
    place("a.b.c", false, 1, 14, "key of an array");
    place("c", false, 1, 1, "key of something further in");
    place("a.b[", false, 1, 14, "path cut in an index");
    place("a[\"net.ip", false, 1, 8, "path cut in a key");
    place("a.b[99999999999999999999999]", false, 1, 14, "index beyond all numbers");
    place(".", false, 1, 1, "a dot");
}

static void broken_texts_are_survived(void)
{
    unsigned line, column;
    ok(!json_locate("", 0, "a", &line, &column), "empty text");
    ok(json_locate("{\"a\": 1, ]", 10, "a", &line, &column), "what is before the break is found");
    ok(!json_locate("{\"a\": ]", 7, "a", &line, &column), "what is at the break is not");
    is_int(column, 1, "and has the place around it");
    ok(json_locate("12", 2, "", &line, &column) && column == 1, "a number alone");
}

static void the_path_of_an_error_is_found(void)
{
    size_t len = 0;
    unsigned line = 0, column = 0;
    char *config = read_file("tests/unit/libocispec/all-fields.json", &len);
    if (!ok(config != NULL, "all-fields.json"))
        return;
    ok(json_locate(config, len, "linux.seccomp.syscalls[1].args[0].op", &line, &column), "found");
    const char *at = config;
    for (unsigned i = 1; i < line; i++)
        at = strchr(at, '\n') + 1;
    ok(strncmp(at + column - 1, "\"SCMP_CMP_MASKED_EQ\"", 20) == 0, "at the right place");
    free(config);
}

int main(void)
{
    values_are_found();
    what_is_missing_has_the_place_of_what_is_around();
    broken_texts_are_survived();
    the_path_of_an_error_is_found();
    return done_testing();
}
