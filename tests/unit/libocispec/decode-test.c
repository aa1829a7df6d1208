// SPDX-License-Identifier: Apache-2.0
// What the decoder takes, what it refuses, and what it says then.
#include "../tap.h"

#include "json-decode.h"
#include "oci-spec.h"

#include <stdlib.h>

// A valid config and a valid process, but for what a test puts into them.
#define CONFIG(members) "{\"ociVersion\": \"1.3.0\", " members "}"
#define USER(members)   "{\"cwd\": \"/\", \"user\": {\"uid\": 0, \"gid\": 0" members "}}"

static void refused_of(const struct json_object *object, const char *text, const char *says,
                       const char *name)
{
    struct arena arena = { 0 };
    struct json_error why = { 0 };
    char got[sizeof why.path + sizeof why.text + 32] = "it was taken";
    if (!json_decode(object, text, strlen(text), &arena, &why))
        snprintf(got, sizeof got, "%u:%u %s: %s", why.line, why.column, why.path, why.text);
    is_str(got, says, name);
    arena_free(&arena);
}

static void refused(const char *text, const char *says, const char *name)
{
    refused_of(&oci_config_object, text, says, name);
}

static bool is_taken(const struct json_object *object, const char *text)
{
    struct arena arena = { 0 };
    struct json_error why = { 0 };
    bool taken = json_decode(object, text, strlen(text), &arena, &why);
    if (!taken)
        printf("# %u:%u %s: %s\n", why.line, why.column, why.path, why.text);
    arena_free(&arena);
    return taken;
}

static void wrong_types_are_refused(void)
{
    refused("[]", "1:1 : expected an object, found an array", "array for config");
    refused("12", "1:1 : expected an object, found a number", "number for config");
    refused("null", "1:1 : expected an object, found null", "null for config");
    refused("{\"ociVersion\": 1}", "1:16 ociVersion: expected a string, found a number",
            "number for string");
    refused(CONFIG("\"root\": {\"path\": \"r\", \"readonly\": \"yes\"}"),
            "1:59 root.readonly: expected true or false, found a string", "string for bool");
    refused(CONFIG("\"mounts\": {}"), "1:35 mounts: expected an array, found an object",
            "object for array");
    refused(CONFIG("\"annotations\": []"), "1:40 annotations: expected an object, found an array",
            "array for object");
    refused(CONFIG("\"annotations\": {\"a\": {}}"),
            "1:46 annotations[\"a\"]: expected a string, found an object", "object in map");
    refused(CONFIG("\"process\": 3"), "1:36 process: expected an object, found a number",
            "number for object");
    refused(CONFIG("\"mounts\": [[]]"), "1:36 mounts[0]: expected an object, found an array",
            "array in list");
    refused_of(&oci_process_object, "{\"args\": [\"a\", null]}",
               "1:16 args[1]: expected a string, found null", "null in list");
}

static void integers_out_of_range_are_refused(void)
{
    const struct json_object *object = &oci_process_object;
    refused_of(object, USER(", \"umask\": 4294967296"),
               "1:52 user.umask: 4294967296 is out of range for uint32", "uint32 too large");
    refused_of(object, USER(", \"umask\": -1"), "1:52 user.umask: -1 is out of range for uint32",
               "uint32 below zero");
    refused_of(object, "{\"oomScoreAdj\": 2147483648}",
               "1:17 oomScoreAdj: 2147483648 is out of range for int32", "int32 too large");
    refused_of(object, "{\"oomScoreAdj\": -2147483649}",
               "1:17 oomScoreAdj: -2147483649 is out of range for int32", "int32 too small");
    refused_of(&oci_resources_object, "{\"blockIO\": {\"weight\": 65536}}",
               "1:24 blockIO.weight: 65536 is out of range for uint16", "uint16 too large");
    refused_of(&oci_resources_object, "{\"cpu\": {\"shares\": 18446744073709551616}}",
               "1:20 cpu.shares: 18446744073709551616 is out of range for uint64",
               "uint64 too large");
    refused_of(&oci_resources_object, "{\"memory\": {\"limit\": 9223372036854775808}}",
               "1:22 memory.limit: 9223372036854775808 is out of range for int64",
               "int64 too large");
    refused_of(&oci_resources_object,
               "{\"memory\": {\"limit\": -99999999999999999999999999999999999999999999}}",
               "1:22 memory.limit: -999999999999999999999999999999999999999 "
               "is out of range for int64",
               "a long integer is cut in the message");
}

static void fractions_and_exponents_are_refused(void)
{
    refused_of(&oci_process_object, "{\"oomScoreAdj\": 1.5}",
               "1:17 oomScoreAdj: expected an integer without fraction or exponent, found 1.5",
               "fraction");
    refused_of(&oci_process_object, "{\"oomScoreAdj\": 1e3}",
               "1:17 oomScoreAdj: expected an integer without fraction or exponent, found 1e3",
               "exponent");
}

static void decimals_keep_their_text(void)
{
    const char *text = "{\"type\": \"stats\", \"id\": \"x\", \"data\": {\"cpu\": {\"psi\": "
                       "{\"some\": {\"avg10\": 0.10, \"avg60\": -1e3}}}}}";
    struct arena arena = { 0 };
    struct json_error why;
    const struct oci_event *event =
        json_decode(&oci_event_object, text, strlen(text), &arena, &why);
    if (ok(event != NULL, "decimals are taken")) {
        const struct oci_stats_psi_share *some = event->data->cpu->psi->some;
        is_str(some->avg10, "0.10", "no digit is lost");
        is_str(some->avg60, "-1e3", "as they stand");
        ok(!some->avg300, "absent has no text");
    }
    arena_free(&arena);
    refused_of(
        &oci_event_object,
        "{\"type\":\"\",\"id\":\"\",\"data\":{\"cpu\":{\"psi\":{\"some\":{\"avg10\":\"1\"}}}}}",
        "1:58 data.cpu.psi.some.avg10: expected a number, found a string", "a string is none");
}

static void integers_are_exact(void)
{
    const char *text = "{\"memory\": {\"limit\": -9223372036854775808, "
                       "\"swap\": 9223372036854775807, \"reservation\": -0, "
                       "\"swappiness\": 18446744073709551615}}";
    struct arena arena = { 0 };
    struct json_error why;
    const struct oci_resources *resources =
        json_decode(&oci_resources_object, text, strlen(text), &arena, &why);
    if (ok(resources != NULL, "64-bit limits are taken")) {
        ok(resources->memory->limit == INT64_MIN, "INT64_MIN");
        ok(resources->memory->swap == INT64_MAX, "INT64_MAX");
        ok(resources->memory->swappiness == UINT64_MAX, "UINT64_MAX");
        ok(resources->memory->has_reservation && resources->memory->reservation == 0, "-0 is 0");
        ok(!resources->memory->has_kernel, "absent has no value");
    }
    arena_free(&arena);
}

static void missing_required_keys_are_refused(void)
{
    refused("{}", "1:1 ociVersion: required, but missing", "at the top");
    refused(CONFIG("\"mounts\": [{\"destination\": \"/\"},\n  {\"type\": \"proc\"}]"),
            "2:3 mounts[1].destination: required, but missing", "in a list, at its bracket");
    refused_of(&oci_process_object, "{\"cwd\": \"/\", \"consoleSize\": {\"height\": 0}}",
               "1:29 consoleSize.width: required, but missing", "required scalar");
    refused_of(&oci_container_process_state_object, "{\"ociVersion\": \"1\", \"pid\": 1}",
               "1:1 state: required, but missing", "required object");
    refused("{\"ociVersion\": null}", "1:16 ociVersion: required, may not be null", "null");
}

static void null_means_absent(void)
{
    const char *text = CONFIG("\"root\": null, \"mounts\": null, \"annotations\": null, "
                              "\"hostname\": null, \"x\": null, \"process\": "
                              "{\"cwd\": \"/\", \"terminal\": null, "
                              "\"user\": {\"uid\": 0, \"gid\": 0, \"umask\": null}}");
    struct arena arena = { 0 };
    struct json_error why;
    const struct oci_config *config =
        json_decode(&oci_config_object, text, strlen(text), &arena, &why);
    if (ok(config != NULL, "null is taken for what is optional")) {
        ok(!config->root && !config->hostname, "object and string");
        ok(!config->mounts.at && !config->annotations.at, "list and map");
        ok(!config->process->has_terminal && !config->process->user->has_umask, "scalars");
    }
    arena_free(&arena);
}

static void empty_differs_from_absent(void)
{
    const char *text = CONFIG("\"mounts\": [], \"annotations\": {}");
    struct arena arena = { 0 };
    struct json_error why;
    const struct oci_config *config =
        json_decode(&oci_config_object, text, strlen(text), &arena, &why);
    if (ok(config != NULL, "empty list and map are taken")) {
        ok(config->mounts.at && config->mounts.n == 0, "empty list");
        ok(config->annotations.at && config->annotations.key && config->annotations.n == 0,
           "empty map");
    }
    arena_free(&arena);
}

static void nul_is_refused(void)
{
    refused("{\"ociVersion\": \"1\\u0000\"}", "1:16 ociVersion: a string may not hold a NUL",
            "escaped NUL in a string");
    refused(CONFIG("\"annotations\": {\"a\\u0000\": \"b\"}"),
            "1:41 annotations: a key may not hold a NUL", "escaped NUL in the key of a map");
    refused(CONFIG("\"root\\u0000\": {}"), "1:25 : a key may not hold a NUL",
            "escaped NUL in the key of a struct");
    struct arena arena = { 0 };
    struct json_error why;
    static const char raw[] = "{\"ociVersion\": \"1\0\"}";
    ok(!json_decode(&oci_config_object, raw, sizeof raw - 1, &arena, &why), "raw NUL");
    is_str(why.text, "syntax error: a control character in a string must be escaped",
           "raw NUL is a control character");
    is_int(why.column, 18, "raw NUL's column");
    arena_free(&arena);
}

static void duplicate_key_is_refused(void)
{
    refused(CONFIG("\n\"ociVersion\": \"1\""), "2:1 ociVersion: given twice", "in a struct");
    refused(CONFIG("\"root\": null, \"root\": {\"path\": \"r\"}"), "1:39 root: given twice",
            "null and then a value");
    refused(CONFIG("\"annotations\": {\"a\": \"1\", \"b\": \"2\",\n \"\\u0061\": \"3\"}"),
            "2:2 annotations[\"a\"]: given twice", "in a map, written differently");
    refused(
        CONFIG("\"linux\": {\"rdma\": 1, \"rdma\": 2}, \"x\": {\"a\": 1, \"a\": 2}, \"linux\":{}"),
        "1:81 linux: given twice", "unknown keys may repeat");
}

static void deep_nesting_is_refused(void)
{
    char text[600] = "{\"ociVersion\": \"1\", \"deep\": ";
    size_t start = strlen(text);
    memset(text + start, '[', 63);
    memset(text + start + 63, ']', 63);
    strcpy(text + start + 126, "}");
    ok(is_taken(&oci_config_object, text), "64 brackets are taken");
    memset(text + start, '[', 64);
    memset(text + start + 64, ']', 64);
    strcpy(text + start + 128, "}");
    refused(text, "1:92 deep: nested deeper than 64", "65 brackets");
    memset(text, '[', sizeof text - 1);
    refused(text, "1:1 : expected an object, found an array", "hundreds, without an end");
}

static void bad_utf8_is_refused(void)
{
    static const struct {
        const char *bytes, *name;
    } bad[] = {
        { "\x80", "continuation byte alone" },
        { "\xc0\xaf", "overlong slash" },
        { "\xc0\x80", "overlong NUL" },
        { "\xe0\x9f\xbf", "overlong in three bytes" },
        { "\xf0\x8f\xbf\xbf", "overlong in four bytes" },
        { "\xed\xa0\x80", "surrogate" },
        { "\xf4\x90\x80\x80", "beyond U+10FFFF" },
        { "\xe2\x82", "cut short" },
        { "\xff", "no UTF-8 byte at all" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[64], says[80];
        snprintf(text, sizeof text, "{\"ociVersion\": \"12345678 %s\"}", bad[i].bytes);
        snprintf(says, sizeof says, "1:26 ociVersion: byte 0x%02x is not UTF-8",
                 (unsigned char)bad[i].bytes[0]);
        refused(text, says, bad[i].name);
    }
    refused(CONFIG("\"x\": [\"\xff\"]"), "1:32 x: byte 0xff is not UTF-8", "in skipped content");
    refused(CONFIG("\"x\": {\"\xff\": 1}"), "1:32 x: byte 0xff is not UTF-8", "in a skipped key");
    refused(CONFIG("\"\xff\": 1"), "1:26 : byte 0xff is not UTF-8", "in a key");
    refused("{\"ociVersion\": \"\\n\xff\"}", "1:19 ociVersion: byte 0xff is not UTF-8",
            "beside an escape");
    ok(is_taken(&oci_config_object, "{\"ociVersion\": \"\xc2\x80\xe0\xa0\x80\xed\x9f\xbf\xf0\x90"
                                    "\x80\x80\xf4\x8f\xbf\xbf\"}"),
       "the limits of UTF-8 are taken");
}

static void half_surrogate_pairs_are_refused(void)
{
    refused("{\"ociVersion\": \"a\\ud800b\"}", "1:18 ociVersion: half a surrogate pair: \\ud800",
            "high alone");
    refused("{\"ociVersion\": \"\\\\\\uDFFF\"}", "1:19 ociVersion: half a surrogate pair: \\uDFFF",
            "low alone, behind a backslash");
    refused("{\"ociVersion\": \"\\uDBFF\\u0041\"}",
            "1:17 ociVersion: half a surrogate pair: \\uDBFF", "high and a letter");
    refused("{\"ociVersion\": \"\\uDBFF\\n\"}", "1:17 ociVersion: half a surrogate pair: \\uDBFF",
            "high and a newline");
    ok(is_taken(&oci_config_object, "{\"ociVersion\": \"\\uD83D\\uDE00 \\\\ud800\"}"),
       "a pair is taken, and an escaped backslash before ud800");
}

static void broken_syntax_is_refused(void)
{
    refused("", "1:1 : empty", "empty");
    refused(" \n\t", "1:1 : empty", "blank");
    refused(CONFIG("\"a\": 1") " x",
            "1:33 : syntax error: there is something after the end of the JSON text",
            "trailing word");
    refused("{\"ociVersion\": \"1\"}\n{}",
            "2:1 : syntax error: there is something after the end of the JSON text",
            "second object");
    refused("{ // no\n \"ociVersion\": \"1\"}", "1:3 : syntax error: comments are not part of JSON",
            "line comment");
    refused("{ /* no */ \"ociVersion\": \"1\"}",
            "1:3 : syntax error: comments are not part of JSON", "block comment");
    refused("{\"ociVersion\": \"1\"", "1:19 ociVersion: syntax error: the JSON text ends too early",
            "cut off");
    refused("{\"ociVersion\": nul}",
            "1:16 ociVersion: syntax error: not a word of JSON: those are true, false and null",
            "unknown word");
    refused("{\"ociVersion\": \"a\nb\"}",
            "1:18 ociVersion: syntax error: a control character in a string must be escaped",
            "newline in a string");
    refused("{\"ociVersion\": \"1\"}\n/",
            "2:1 : syntax error: there is something after the end of the JSON text",
            "slash at the end");
    ok(!is_taken(&oci_config_object, "{\"ociVersion\": \"\\x\"}"), "unknown escape");
    ok(!is_taken(&oci_config_object, CONFIG("\"a\": 01")), "leading zero");
    ok(!is_taken(&oci_config_object, CONFIG("\"a\": +1")), "leading plus");
    ok(!is_taken(&oci_config_object, CONFIG("\"a\": .5")), "leading point");
    ok(!is_taken(&oci_config_object, CONFIG("\"a\": [1}")), "brackets crossed");
    ok(!is_taken(&oci_config_object, CONFIG("\"a\": [1,,2]")), "empty place in skipped content");
}

static void a_syntax_error_says_what_was_expected_and_what_is_there(void)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        { "{\"a\": oops}", "1:7 a: syntax error: expected a value, found 'o'" },
        { "{\"a\": [1,,2]}", "1:10 a: syntax error: expected a value, found ','" },
        { "{\"a\": [,]}", "1:8 a: syntax error: expected a value or ], found ','" },
        { "{\"a\": .5}", "1:7 a: syntax error: expected a value, found '.'" },
        { "{\"a\": \xe2\x80\x9c}", "1:7 a: syntax error: expected a value, found byte 0xe2" },
        { "{\"a\": 'b'}", "1:7 a: syntax error: expected a value, found a single quote" },
        { "{\"a\": 01}", "1:7 a: syntax error: not a number of JSON" },
        { "{\"a\": -x}", "1:7 a: syntax error: a digit must follow the minus sign" },
        { "{\"a\": [1}", "1:9 a: syntax error: expected a comma or ], found '}'" },
        { "{\"a\": [1 \"b c\"]}", "1:10 a: syntax error: expected a comma or ], found a string" },
        { "{\"a\": 1 \"b c\": 2}", "1:9 a: syntax error: expected a comma or }, found a string" },
        { "{\"a\": 1]", "1:8 a: syntax error: expected a comma or }, found ']'" },
        { "{\"a\" 1}", "1:6 a: syntax error: expected a colon, found a number" },
        { "{\"a\"= 1}", "1:5 a: syntax error: expected a colon, found '='" },
        { "{'a': 1}", "1:2 : syntax error: expected a key or }, found a single quote" },
        { "{\"a\": 1, b: 2}", "1:10 a: syntax error: expected a key, found 'b'" },
        { "]", "1:1 : syntax error: expected a value, found ']'" },
        { "{\"a\": 1,}", "1:9 a: syntax error: a comma before }: JSON allows no trailing comma" },
        { "{\"a\": [{\"b\": \"]\\\"\"}, ]}",
          "1:22 a: syntax error: a comma before ]: JSON allows no trailing comma" },
        { "{\"a\": \"\\x\"}", "1:9 a: syntax error: no escape of JSON begins so: those are \\\" "
                              "\\\\ \\/ \\b \\f \\n \\r "
                              "\\t \\u" },
        { "{\"a\": \"\\u12x\"}", "1:12 a: syntax error: four hexadecimal digits must follow \\u" },
        { "\xef\xbb\xbf{}",
          "1:1 : syntax error: the text begins with a byte order mark (BOM), save it without one" },
        { "\xff\xfe{}", "1:1 : syntax error: the text begins with the byte order mark (BOM) of "
                        "UTF-16, save it as UTF-8" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        refused(cases[i].text, cases[i].error, cases[i].text);
}

static void a_text_over_the_cap_is_refused_unread(void)
{
    struct arena arena = { 0 };
    struct json_error why;
    ok(!json_decode(&oci_config_object, "{}", 100u << 20, &arena, &why), "100 MB");
    is_str(why.text, "larger than 16 MiB", "says the cap");
    is_int(why.line, 0, "names no place");
    char *blank = malloc(JSON_MAX_SIZE);
    if (ok(blank != NULL, "16 MiB of blanks")) {
        memset(blank, ' ', JSON_MAX_SIZE);
        memcpy(blank + JSON_MAX_SIZE - 20, "{\"ociVersion\": \"1\"}", 19);
        ok(json_decode(&oci_config_object, blank, JSON_MAX_SIZE, &arena, &why), "16 MiB are taken");
    }
    free(blank);
    arena_free(&arena);
}

static void unknown_enum_values_are_refused(void)
{
    refused(CONFIG("\"linux\": {\"namespaces\": [{\"type\": \"net\"}]}"),
            "1:59 linux.namespaces[0].type: unknown value net", "namespace type");
    refused(CONFIG("\"linux\": {\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLO\"}}"),
            "1:64 linux.seccomp.defaultAction: unknown value SCMP_ACT_ALLO", "seccomp action");
}

static void enum_names_stand_at_their_values(void)
{
    is_str(oci_namespace_type_names[OCI_NAMESPACE_TYPE_TIME], "time", "namespace type");
    is_str(oci_seccomp_action_names[OCI_SECCOMP_ACTION_NOTIFY], "SCMP_ACT_NOTIFY", "action");
    is_str(oci_seccomp_arch_names[OCI_SECCOMP_ARCH_RISCV64], "SCMP_ARCH_RISCV64", "arch");
    is_str(oci_device_rule_type_names[OCI_DEVICE_RULE_TYPE_A], "a", "device rule type");
    is_str(oci_scheduler_policy_names[OCI_SCHEDULER_POLICY_DEADLINE], "SCHED_DEADLINE", "policy");
    is_str(oci_memory_policy_flag_names[3], NULL, "the tables end in NULL");
}

static void note_finding(void *ctx, const struct json_finding *finding)
{
    char *seen = ctx;
    size_t len = strlen(seen);
    snprintf(seen + len, 1000 - len, "%s %u:%u %s; ", finding->error->path, finding->error->line,
             finding->error->column, finding->error->text);
}

static void unknown_keys_are_skipped_and_reported(void)
{
    const char *text = CONFIG("\"windows\": {\"a\": [1.5e9, {\"b\": null}], \"ociVersion\": 3}, \n"
                              "\"root\": {\"path\": \"r\", \"p\\u0061th2\": true}, "
                              "\"annotations\": {\"any\": \"\"}");
    char seen[1000] = "";
    struct json_watch watch = { .unknown = note_finding, .ctx = seen };
    struct arena arena = { 0 };
    struct json_error why;
    const struct oci_config *config =
        json_decode_watched(&oci_config_object, text, strlen(text), &arena, &watch, &why);
    ok(config && config->root && strcmp(config->root->path, "r") == 0, "skipped");
    is_str(seen, "windows 1:25 unknown key; root.path2 2:23 unknown key; ", "reported");
    arena_free(&arena);
}

// What a watch that takes what is wrong is told of TEXT; NULL where decoding ended all the same.
static const char *all_wrong(const char *text, struct arena *arena, const struct oci_config **ret)
{
    static char seen[1000];
    struct json_watch watch = { .wrong = note_finding, .ctx = seen };
    struct json_error why;
    seen[0] = '\0';
    *ret = json_decode_watched(&oci_config_object, text, strlen(text), arena, &watch, &why);
    return *ret ? seen : NULL;
}

static void everything_wrong_is_told_at_once(void)
{
    struct arena arena = { 0 };
    const struct oci_config *config;
    const char *seen = all_wrong("{\"hostname\": [1, {\"a\": 2}], \"root\": {\"readonly\": 1},\n"
                                 "\"process\": {\"args\": [\"a\", 2, null, \"b\"], \"cwd\": null,\n"
                                 "\"oomScoreAdj\": 1.5, \"terminal\": true, \"terminal\": false}}",
                                 &arena, &config);
    is_str(seen,
           "hostname 1:14 expected a string, found an array; "
           "root.readonly 1:50 expected true or false, found a number; "
           "root.path 1:37 required, but missing; "
           "process.args[1] 2:27 expected a string, found a number; "
           "process.args[2] 2:30 expected a string, found null; "
           "process.cwd 2:49 required, may not be null; "
           "process.oomScoreAdj 3:16 expected an integer without fraction or exponent, found 1.5; "
           "process.terminal 3:39 given twice; "
           "ociVersion 1:1 required, but missing; ",
           "in the order of the text");
    if (!ok(config && config->process && config->process->args.n == 4, "lists keep their length"))
        return;
    is_str(config->process->args.at[1], "", "a wrong entry is empty");
    is_str(config->process->args.at[3], "b", "the next ones are in their places");
    is_str(config->process->cwd, "", "a required string can be read");
    ok(config->process->user == NULL, "and an optional object is absent");
    ok(!config->process->has_oom_score_adj && !config->root->has_readonly, "optional: absent");
    ok(config->hostname == NULL, "an optional string too");
    arena_free(&arena);
}

static void wrong_entries_of_lists_of_objects_can_be_read(void)
{
    struct arena arena = { 0 };
    const struct oci_config *config;
    const char *seen =
        all_wrong(CONFIG("\"mounts\": [3, {\"destination\": \"/a\"}, {}], \"linux\": "
                         "{\"namespaces\": [{\"type\": \"net\"}], \"sysctl\": {\"a\": 1, "
                         "\"b\": \"c\", \"a\": \"d\"}}"),
                  &arena, &config);
    is_str(seen,
           "mounts[0] 1:36 expected an object, found a number; "
           "mounts[2].destination 1:62 required, but missing; "
           "linux.namespaces[0].type 1:101 unknown value net; "
           "linux.sysctl[\"a\"] 1:126 expected a string, found a number; "
           "linux.sysctl[\"a\"] 1:139 given twice; ",
           "each is told");
    if (ok(config && config->mounts.n == 3, "three mounts")) {
        is_str(config->mounts.at[0].destination, "", "the first is empty");
        is_str(config->mounts.at[1].destination, "/a", "the second is what it was");
    }
    arena_free(&arena);
}

static void broken_syntax_ends_every_decoding(void)
{
    struct arena arena = { 0 };
    const struct oci_config *config;
    is_str(all_wrong(CONFIG("\"hostname\": 1, ]"), &arena, &config), NULL, "a bracket too many");
    is_str(all_wrong("[]", &arena, &config), NULL, "no object");
    is_str(all_wrong(CONFIG("\"hostname\": \"\xff\""), &arena, &config), NULL, "no UTF-8");
    arena_free(&arena);
}

static void paths_name_map_keys_in_quotes(void)
{
    refused(CONFIG("\"linux\": {\"sysctl\": {\"net.ipv4.x\": 1}}"),
            "1:60 linux.sysctl[\"net.ipv4.x\"]: expected a string, found a number", "dots");
    refused(CONFIG("\"annotations\": {\"a\\\"\\\\\": 1}"),
            "1:50 annotations[\"a\\\"\\\\\"]: expected a string, found a number", "quotes");
}

static void a_long_path_is_cut(void)
{
    char text[600] = "{\"annotations\": {\"";
    size_t start = strlen(text);
    struct arena arena = { 0 };
    struct json_error why;
    memset(text + start, 'k', 400);
    strcpy(text + start + 400, "\": 1}}");
    ok(!json_decode(&oci_config_object, text, strlen(text), &arena, &why), "refused");
    is_int((intmax_t)strlen(why.path), (intmax_t)sizeof why.path - 1, "and its path fits");
    arena_free(&arena);
}

static void thousands_of_keys_and_values_are_taken(void)
{
    enum { MANY = 50000 };
    char *text = malloc(MANY * 32), *at = text;
    struct arena arena = { 0 };
    struct json_error why;
    if (!ok(text != NULL, "memory for it"))
        return;
    at += sprintf(at, "{\"ociVersion\": \"1\", \"annotations\": {\"x\": \"\"");
    for (int i = 0; i < MANY; i++)
        at += sprintf(at, ", \"%d\": \"%d\"", i, i);
    strcpy(at, "}}");
    const struct oci_config *config =
        json_decode(&oci_config_object, text, strlen(text), &arena, &why);
    if (ok(config != NULL, "taken"))
        is_str(config->annotations.at[MANY], config->annotations.key[MANY], "in their order");
    arena_free(&arena);
    free(text);
}

int main(void)
{
    wrong_types_are_refused();
    integers_out_of_range_are_refused();
    fractions_and_exponents_are_refused();
    decimals_keep_their_text();
    integers_are_exact();
    missing_required_keys_are_refused();
    null_means_absent();
    empty_differs_from_absent();
    nul_is_refused();
    duplicate_key_is_refused();
    deep_nesting_is_refused();
    bad_utf8_is_refused();
    half_surrogate_pairs_are_refused();
    broken_syntax_is_refused();
    a_syntax_error_says_what_was_expected_and_what_is_there();
    a_text_over_the_cap_is_refused_unread();
    unknown_enum_values_are_refused();
    enum_names_stand_at_their_values();
    unknown_keys_are_skipped_and_reported();
    everything_wrong_is_told_at_once();
    wrong_entries_of_lists_of_objects_can_be_read();
    broken_syntax_ends_every_decoding();
    paths_name_map_keys_in_quotes();
    a_long_path_is_cut();
    thousands_of_keys_and_values_are_taken();
    return done_testing();
}
