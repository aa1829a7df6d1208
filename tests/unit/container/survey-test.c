// SPDX-License-Identifier: Apache-2.0
// What a config.json's text alone tells: which problems, where the spec speaks of them, who handles
// them.
#include "../tap.h"
#include "container/survey.h"

static struct arena arena;
static struct problems all;

static void property_is(const char *pointer, const char *expected)
{
    char property[160];

    survey_property(pointer, property, sizeof property);
    is_str(property, expected, pointer[0] ? pointer : "the whole text");
}

static void a_pointer_has_a_property(void)
{
    property_is("mounts[3].options[0]", "mounts.options");
    property_is("linux.timeOffsets[\"boottime\"].secs", "linux.timeOffsets.secs");
    property_is("linux.sysctl[\"a.b[\\\"0\"]", "linux.sysctl");
    property_is("process", "process");
    property_is("", "");
}

static void the_nearest_row_has_the_rule_and_the_file(void)
{
    char file[64];

    is_str(survey_rule("linux.resources.memory.limit"), "config-linux.md, Memory", "the nearest");
    is_str(survey_rule("linux.resources.future"), "config-linux.md, Control groups", "one around");
    is_str(survey_rule("mountsandmore"), NULL, "a longer word is another property");
    ok(survey_file("linux.maskedPaths", file, sizeof file), "somebody handles it");
    is_str(file, "src/sections/masked-paths.c", "the section's file");
    ok(!survey_file("windows", file, sizeof file), "nobody handles what is not for Linux");
}

static size_t survey(const char *text, bool with_unknown)
{
    const struct oci_config *spec;
    struct error why;

    problems_free(&all);
    if (survey_config(text, strlen(text), &arena, with_unknown, &spec, &all, &why) < 0)
        return SIZE_MAX;
    for (size_t i = 0; i < problems_kept(&all); i++)
        printf("# %s: %s %s\n", all.at[i].pointer, all.at[i].text, all.at[i].hint);
    return all.n;
}

#define CONFIG(members) "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"}" members "}"
#define UTS             "\"linux\":{\"namespaces\":[{\"type\":\"uts\"}]}"

static void what_the_sections_and_the_decoder_say_comes_together(void)
{
    is_int((intmax_t)survey(CONFIG("," UTS), true), 0, "nothing to say");
    is_int((intmax_t)survey(CONFIG(",\"hostname\":\"a\",\"domainname\":1"), false), 2, "both");
    is_str(all.at[0].pointer, "domainname", "the decoder's first");
    is_int(all.at[0].code, ERROR_JSON, "  ... with its code");
    is_str(all.at[1].pointer, "hostname", "then the section's");
    is_int(all.at[1].code, ERROR_SPEC, "  ... with its code");
    is_int((intmax_t)survey("{", false), (intmax_t)SIZE_MAX, "what is no JSON is no survey");
}

static void what_follows_from_a_wrong_value_is_not_told(void)
{
    is_int((intmax_t)survey("{\"ociVersion\":1,\"root\":7}", false), 2, "no empty version or root");
    is_int((intmax_t)survey(
               CONFIG(",\"hostname\":\"a\",\"linux\":{\"namespaces\":[{\"type\":\"ut\"}]}"), false),
           1, "nor that a misspelt namespace is missing");
}

static void what_only_looks_related_is_told(void)
{
    is_int((intmax_t)survey(
               CONFIG(",\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},\"mounts\":[{},3,"
                      "{\"destination\":\"/a\",\"type\":\"tmpfs\"},{\"destination\":\"/b\"}]"),
               false),
           4, "mounts beside a wrong one");
    is_int((intmax_t)survey(
               CONFIG(",\"hostname\":\"h\",\"host\":1,\"process\":{\"user\":{\"uid\":1,\"gid\":1},"
                      "\"args\":[\"a\",1,\"c\"],\"cwd\":\"x\"}"),
               false),
           3, "a cwd beside wrong arguments, and the hostname");
}

static void words_near_a_known_one_are_suggested(void)
{
    (void)survey(CONFIG(",\"linux\":{\"namespaces\":[{\"type\":\"net\"}]}"), false);
    is_str(all.at[0].hint, "did you mean network?", "cut short");
    (void)survey(CONFIG(",\"hostnam\":1"), true);
    is_str(all.at[0].hint, "did you mean hostname?", "a key");
    ok(all.at[0].is_warning && all.at[0].is_unknown_key && all.errors == 0, "is no error");
    (void)survey(CONFIG(",\"xyz\":1"), true);
    is_str(all.at[0].hint, "", "what is near nothing");
    is_int((intmax_t)survey(CONFIG(",\"xyz\":1"), false), 0, "create asks for none of it");
}

static void problems_are_located(void)
{
    const char *text = "{\"ociVersion\":\"1.0.0\",\n\"root\":{\"path\":\"\"}}";

    (void)survey(text, false);
    survey_locate(text, strlen(text), &all);
    is_int(all.at[0].line, 2, "line");
    is_int(all.at[0].column, 16, "column");
}

int main(void)
{
    a_pointer_has_a_property();
    the_nearest_row_has_the_rule_and_the_file();
    what_the_sections_and_the_decoder_say_comes_together();
    what_follows_from_a_wrong_value_is_not_told();
    what_only_looks_related_is_told();
    words_near_a_known_one_are_suggested();
    problems_are_located();
    arena_free(&arena);
    return done_testing();
}
