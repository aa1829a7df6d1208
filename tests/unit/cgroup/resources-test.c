// SPDX-License-Identifier: Apache-2.0
/* linux.resources (config-linux.md, "Control groups"): conversions, checks, the table, the device
 * program. */
#include "../tap.h"
#include "arena.h"
#include "cgroup/limits/conversions.h"
#include "cgroup/limits/device-rules.h"
#include "json-decode.h"
#include "json-table.h"

#include <math.h>
#include <string.h>

static void shares(void)
{
    bool all = true;

    is_int(convert_shares(0), 1, "no_shares_are_the_least_weight");
    is_int(convert_shares(1), 1, "one_share_is_too");
    is_int(convert_shares(2), 1, "the_least_shares_are_the_least_weight");
    is_int(convert_shares(3), 2, "a_little_more_is_a_little_more");
    is_int(convert_shares(10), 4, "10_shares");
    is_int(convert_shares(512), 59, "half_the_default_is_more_than_half_the_weight");
    is_int(convert_shares(2048), 174, "twice_the_default");
    is_int(convert_shares(10000), 627, "10000_shares");
    is_int(convert_shares(262143), 10000, "one_below_the_most");
    is_int(convert_shares(UINT64_MAX), 10000, "beyond_the_most");
    is_int(convert_shares(1024), 100, "the_default_shares_are_the_default_weight");
    is_int(convert_shares(262144), 10000, "the_most_shares_are_the_most_weight");
    for (unsigned n = 3; n < 262144; n += 97) {
        double l = log2(n);

        all = all && convert_shares(n) == ceil(pow(10, (l * l + 125 * l) / 612 - 7.0 / 34) - 1e-9);
    }
    ok(all, "shares_between_follow_the_formula");
    is_int(convert_io_weight(10), 1, "io_weight_10_is_1");
    is_int(convert_io_weight(1000), 10000, "io_weight_1000_is_10000");
    ok(convert_page_size_is_valid("2MB") && !convert_page_size_is_valid("2M") &&
           !convert_page_size_is_valid("../MB") && !convert_page_size_is_valid("02MB"),
       "page_sizes_are_strict");
}

static bool field_exists(const char *path)
{
    const struct json_object *object = &oci_resources_object;

    for (;;) {
        size_t length = strcspn(path, "."), i = 0;

        while (i < object->n_fields && (object->fields[i].key_len != length ||
                                        strncmp(object->fields[i].key, path, length)))
            i++;
        if (i == object->n_fields)
            return false;
        if (path[length] == 0)
            return true;
        object = object->fields[i].of;
        path += length + 1;
    }
}

static void table(void)
{
    size_t n;
    const struct limit *rows = limit_rows(&n);
    bool all = true;

    for (size_t i = 0; i < n; i++)
        all = all && ok(field_exists(rows[i].field), rows[i].field) && rows[i].convert;
    ok(all && n <= 64, "every_row_is_a_field_of_the_spec");
}

static size_t errors(const struct oci_resources *resources, enum cgroup_hierarchy hierarchy)
{
    autoproblems struct problems all = { 0 };

    resources_check(resources, hierarchy, &all);
    return all.errors;
}

static void checks(void)
{
    struct oci_memory memory = { .swappiness = 60, .has_swappiness = true };
    struct oci_resources resources = { .memory = &memory };
    const char *const keys[] = { "../memory.max" }, *const values[] = { "1" };
    struct oci_resources unified = { .unified = { 1, values, keys } };

    is_int(errors(&resources, CGROUP_V1), 0, "swappiness_is_fine_on_v1");
    is_int(errors(&resources, CGROUP_V2), 1, "swappiness_is_refused_on_v2");
    memory = (struct oci_memory){ .has_disable_oom_killer = true };
    is_int(errors(&resources, CGROUP_V2), 0, "an_oom_killer_that_stays_on_is_fine_on_v2");
    memory = (struct oci_memory){ .swap = 5, .has_swap = true, .limit = -1, .has_limit = true };
    is_int(errors(&resources, CGROUP_V2), 0, "swap_alone_may_have_a_limit_on_v2");
    is_int(errors(&resources, CGROUP_V1), 1, "but_not_on_v1");
    memory = (struct oci_memory){ .swap = 5, .has_swap = true, .limit = 9, .has_limit = true };
    is_int(errors(&resources, CGROUP_NONE), 1, "swap_below_the_limit_is_refused");
    is_int(errors(&unified, CGROUP_NONE), 1, "a_unified_key_with_a_slash_is_refused");
}

/* config-linux.md, "Memory": -1 is unlimited; nothing says what less would be. */
static void below_minus_1(void)
{
    static const struct {
        const char *json, *pointer;
    } cases[] = {
        { "{\"memory\":{\"limit\":%d}}", "memory.limit" },
        { "{\"memory\":{\"reservation\":%d}}", "memory.reservation" },
        { "{\"memory\":{\"swap\":%d}}", "memory.swap" },
        { "{\"memory\":{\"kernel\":%d}}", "memory.kernel" },
        { "{\"memory\":{\"kernelTCP\":%d}}", "memory.kernelTCP" },
        { "{\"cpu\":{\"quota\":%d}}", "cpu.quota" },
        { "{\"cpu\":{\"realtimeRuntime\":%d}}", "cpu.realtimeRuntime" },
        { "{\"pids\":{\"limit\":%d}}", "pids.limit" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int n = -1; n >= -2; n--) {
            struct arena arena = { 0 };
            autoproblems struct problems all = { 0 };
            struct json_error why;
            char json[64], name[64];
            const struct oci_resources *resources;

            (void)snprintf(json, sizeof json, cases[i].json, n);
            (void)snprintf(name, sizeof name, "%s_of_%d_is_%s", cases[i].pointer, n,
                           n == -1 ? "fine" : "refused");
            resources = json_decode(&oci_resources_object, json, strlen(json), &arena, &why);
            resources_check(resources, CGROUP_NONE, &all);
            ok(n == -1 ? all.errors == 0
                       : all.errors == 1 && strcmp(all.at[0].pointer + strlen("linux.resources."),
                                                   cases[i].pointer) == 0,
               name);
            arena_free(&arena);
        }
}

static int errors_of(const char *json)
{
    struct arena arena = { 0 };
    struct json_error why;
    const struct oci_resources *resources =
        json_decode(&oci_resources_object, json, strlen(json), &arena, &why);
    size_t n = resources ? errors(resources, CGROUP_NONE) : 99;

    arena_free(&arena);
    return (int)n;
}

/* Majors have 12 bits, minors 20. Beyond, the kernel takes another device: in devices.allow of v1
   4294967295 is all of them, and blkio takes 8:1048576 for 9:0. */
static void device_numbers(void)
{
#define RULE(numbers) errors_of("{\"devices\":[{\"allow\":true,\"type\":\"c\"," numbers "}]}")
#define RATE(numbers) \
    errors_of("{\"blockIO\":{\"throttleReadBpsDevice\":[{" numbers ",\"rate\":1}]}}")

    is_int(RULE("\"major\":4095,\"minor\":1048575"), 0, "the_highest_device_may_have_a_rule");
    is_int(RULE("\"major\":-1,\"minor\":-1"), 0, "minus_1_is_all");
    is_int(RULE("\"major\":4294967295"), 1, "a_number_that_v1_takes_for_all_is_refused");
    is_int(RULE("\"major\":1,\"minor\":4294967295"), 1, "so_is_such_a_minor");
    is_int(RULE("\"major\":4096"), 1, "a_major_that_no_device_has_is_refused");
    is_int(RATE("\"major\":8,\"minor\":1048575"), 0, "the_highest_minor_may_have_a_rate");
    is_int(RATE("\"major\":8,\"minor\":1048576"), 1, "one_more_is_refused");
    is_int(RATE("\"major\":-1,\"minor\":0"), 1, "a_rate_is_of_one_device");
}

/* write(2) of nothing tells the kernel nothing. Only of cpusets an empty line means something. */
static void empty_unified(void)
{
    is_int(errors_of("{\"unified\":{\"memory.high\":\"\"}}"), 1,
           "an_empty_unified_value_is_refused");
    is_int(errors_of("{\"unified\":{\"cpuset.cpus\":\"\"}}"), 0,
           "but_no_cpus_are_as_many_as_there_are");
}

static void devices(void)
{
    struct oci_device_rule rules[] = { { .allow = false }, { .allow = true } };
    struct oci_device_rule_list list = { 2, rules };
    struct bpf_insn program[256];
    size_t with_all, without;

    with_all = device_rules_compile(&list, program, 256);
    is_int(program[with_all - 2].imm, 1, "after_allow_all_the_program_ends_with_yes");
    list.n = 1;
    without = device_rules_compile(&list, program, 256);
    is_int(program[without - 2].imm, 0, "after_deny_all_it_ends_with_no");
    is_int((intmax_t)with_all, (intmax_t)without, "nothing_follows_a_rule_that_always_decides");
    is_int((intmax_t)device_rules_compile(&list, program, 3), 0, "no_room_is_noticed");
}

int main(void)
{
    shares();
    table();
    checks();
    below_minus_1();
    device_numbers();
    empty_unified();
    devices();
    return done_testing();
}
