// SPDX-License-Identifier: Apache-2.0
// What the encoder writes, and what it refuses to write.
#include "../tap.h"

#include "json-encode.h"
#include "oci-spec.h"

#include <stdlib.h>

static void writes(const struct json_object *object, const void *value, enum json_layout layout,
                   const char *want, const char *name)
{
    struct json_error why;
    size_t len = 0;
    char *text = json_encode(object, value, layout, &len, &why);
    if (!text)
        printf("# %s: %s\n", why.path, why.text);
    is_str(text, want, name);
    ok(text && len == strlen(text), "its length");
    free(text);
}

static void refuses(const struct json_object *object, const void *value, const char *want,
                    const char *name)
{
    struct json_error why;
    char got[sizeof why.path + sizeof why.text + 8] = "it was written";
    char *text = json_encode(object, value, JSON_COMPACT, NULL, &why);
    if (!text)
        snprintf(got, sizeof got, "%s: %s", why.path, why.text);
    is_str(got, want, name);
    free(text);
}

static const char *const one_key[] = { "a \"b\"" };
static const char *const one_value[] = { "\xc3\xa9\n/" };
static const char *const control_value[] = { "\x7f\xc2\x9b"
                                             "1m\xc2\xa0" };
static const struct oci_state state = {
    .oci_version = "1.3.0",
    .id = "web",
    .status = "running",
    .pid = 4422,
    .has_pid = true,
    .bundle = "/b",
    .annotations = { .n = 1, .key = one_key, .at = one_value },
};

static void a_state_is_written_in_the_order_of_the_schema(void)
{
    writes(&oci_state_object, &state, JSON_COMPACT,
           "{\"ociVersion\":\"1.3.0\",\"id\":\"web\",\"status\":\"running\",\"pid\":4422,"
           "\"bundle\":\"/b\",\"annotations\":{\"a \\\"b\\\"\":\"\xc3\xa9\\n/\"}}",
           "compact");
    struct oci_state hostile = state;
    hostile.annotations.at = control_value;
    writes(&oci_state_object, &hostile, JSON_COMPACT,
           "{\"ociVersion\":\"1.3.0\",\"id\":\"web\",\"status\":\"running\",\"pid\":4422,"
           "\"bundle\":\"/b\",\"annotations\":{\"a \\\"b\\\"\":\"\\u007f\\u009b1m\xc2\xa0\"}}",
           "what a terminal takes for a command is escaped");
    writes(&oci_state_object, &state, JSON_INDENTED,
           "{\n  \"ociVersion\": \"1.3.0\",\n  \"id\": \"web\",\n  \"status\": \"running\",\n"
           "  \"pid\": 4422,\n  \"bundle\": \"/b\",\n  \"annotations\": {\n"
           "    \"a \\\"b\\\"\": \"\xc3\xa9\\n/\"\n  }\n}\n",
           "indented");
}

static void absent_is_left_out_and_empty_is_written(void)
{
    static const char *const none[1];
    struct oci_features features = { .oci_version_min = "1.0.0", .oci_version_max = "1.3.0" };
    writes(&oci_features_object, &features, JSON_COMPACT,
           "{\"ociVersionMin\":\"1.0.0\",\"ociVersionMax\":\"1.3.0\"}", "absent");
    features.hooks.at = none;
    features.annotations.at = none;
    features.annotations.key = none;
    writes(&oci_features_object, &features, JSON_COMPACT,
           "{\"ociVersionMin\":\"1.0.0\",\"ociVersionMax\":\"1.3.0\",\"hooks\":[],"
           "\"annotations\":{}}",
           "empty");
    writes(&oci_features_object, &features, JSON_INDENTED,
           "{\n  \"ociVersionMin\": \"1.0.0\",\n  \"ociVersionMax\": \"1.3.0\",\n"
           "  \"hooks\": [],\n  \"annotations\": {}\n}\n",
           "empty, indented");
}

static void has_decides_about_false_and_zero(void)
{
    struct oci_features_cgroup cgroup = { .v1 = true, .has_v2 = true };
    struct oci_features_linux linux_part = { .cgroup = &cgroup };
    struct oci_features features = { "1", "2", .linux = &linux_part };
    writes(
        &oci_features_object, &features, JSON_COMPACT,
        "{\"ociVersionMin\":\"1\",\"ociVersionMax\":\"2\",\"linux\":{\"cgroup\":{\"v2\":false}}}",
        "false with has_ is written, true without is not");
}

static void integers_are_written_exactly(void)
{
    struct oci_memory memory = {
        .limit = INT64_MIN, .has_limit = true, .swappiness = UINT64_MAX, .has_swappiness = true
    };
    struct oci_block_io block_io = { .weight = UINT16_MAX, .has_weight = true };
    struct oci_resources resources = { .memory = &memory, .block_io = &block_io };
    writes(&oci_resources_object, &resources, JSON_COMPACT,
           "{\"memory\":{\"limit\":-9223372036854775808,\"swappiness\":18446744073709551615},"
           "\"blockIO\":{\"weight\":65535}}",
           "the ends of their ranges");
    struct oci_console_size size = { .height = UINT32_MAX };
    struct oci_process process = {
        .cwd = "/", .console_size = &size, .oom_score_adj = -1000, .has_oom_score_adj = true
    };
    writes(
        &oci_process_object, &process, JSON_COMPACT,
        "{\"consoleSize\":{\"height\":4294967295,\"width\":0},\"cwd\":\"/\",\"oomScoreAdj\":-1000}",
        "required scalars are always written");
}

static void absent_required_members_are_refused(void)
{
    struct oci_state no_id = state;
    no_id.id = NULL;
    refuses(&oci_state_object, &no_id, "id: required, but missing", "string");
    struct oci_container_process_state alone = { .oci_version = "1" };
    refuses(&oci_container_process_state_object, &alone, "state: required, but missing", "object");
    const struct oci_syscall syscalls[] = { { .names = { 1, one_key } }, { .action = 0 } };
    struct oci_seccomp seccomp = { .syscalls = { 2, syscalls } };
    struct oci_linux linux_part = { .seccomp = &seccomp };
    struct oci_config config = { .oci_version = "1", .linux = &linux_part };
    refuses(&oci_config_object, &config, "linux.seccomp.syscalls[1].names: required, but missing",
            "list, deep inside");
    static const char *const hole[] = { "a", NULL };
    struct oci_process process = { .cwd = "/", .args = { 2, hole } };
    refuses(&oci_process_object, &process, "args[1]: required, but missing", "hole in a list");
}

static void what_is_not_utf8_is_refused(void)
{
    static const char *const bad[] = { "a\xff" };
    struct oci_state with_bad = state;
    with_bad.annotations.at = bad;
    refuses(&oci_state_object, &with_bad, "annotations[\"a \\\"b\\\"\"]: byte 0xff is not UTF-8",
            "value");
    with_bad.annotations.key = bad;
    refuses(&oci_state_object, &with_bad, "annotations[\"a\xff\"]: byte 0xff is not UTF-8", "key");
}

static void a_number_that_names_nothing_is_refused(void)
{
    struct oci_personality personality = { .domain = 7 };
    struct oci_linux linux_part = { .personality = &personality };
    struct oci_config config = { .oci_version = "1", .linux = &linux_part };
    refuses(&oci_config_object, &config, "linux.personality.domain: 7 is no value of its enum",
            "enum out of range");
}

static void decimals_are_written_as_they_stand(void)
{
    static const char *const refused[] = {
        "", "1.", ".5", "01", "+1", "1e", "-", "nan", "1 ", "1,2"
    };
    struct oci_stats_psi_share share = { .avg10 = "0.10", .avg60 = "-1e+3", .avg300 = "0" };
    struct oci_stats_psi psi = { .some = &share };
    struct oci_stats_cpu cpu = { .psi = &psi };
    struct oci_stats stats = { .cpu = &cpu };
    struct oci_event event = { .type = "stats", .id = "x", .data = &stats };
    writes(&oci_event_object, &event, JSON_COMPACT,
           "{\"type\":\"stats\",\"id\":\"x\",\"data\":{\"cpu\":{\"psi\":{\"some\":"
           "{\"avg10\":0.10,\"avg60\":-1e+3,\"avg300\":0}}}}}",
           "no digit is lost");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char want[96];
        share.avg10 = refused[i];
        snprintf(want, sizeof want, "data.cpu.psi.some.avg10: \"%s\" is not a number", refused[i]);
        refuses(&oci_event_object, &event, want, "no number");
    }
}

int main(void)
{
    decimals_are_written_as_they_stand();
    a_state_is_written_in_the_order_of_the_schema();
    absent_is_left_out_and_empty_is_written();
    has_decides_about_false_and_zero();
    integers_are_written_exactly();
    absent_required_members_are_refused();
    what_is_not_utf8_is_refused();
    a_number_that_names_nothing_is_refused();
    return done_testing();
}
