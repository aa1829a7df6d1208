// SPDX-License-Identifier: Apache-2.0
/* From linux.resources and annotations to the properties of a unit (org.freedesktop.systemd1(5)).
 */
#include "../tap.h"
#include "cgroup/limits/resources.h"
#include "cgroup/systemd/systemd.h"

#include <stdlib.h>

static const struct systemd_now unknown = { .memory_limit = -1, .cpu_quota = -1 };

/* The words with a blank between them, on the heap. */
static char *joined(struct systemd_words *words)
{
    char *text = calloc(1, words->length + 1);

    for (size_t i = 0; text && i < words->length; i++)
        text[i] = i + 1 == words->length ? 0 : words->at[i] ? words->at[i] : ' ';
    systemd_words_free(words);
    return text;
}

static void limits(const struct oci_resources *resources, bool is_v2, const struct systemd_now *now,
                   const char *want, const char *claim)
{
    struct systemd_words words = { 0 };
    bool is_complete;

    systemd_properties_limit(&words, resources, false, is_v2, now, &is_complete);

    char *got = joined(&words);

    is_str(got, want, claim);
    free(got);
}

static void every_row_is_spoken(void)
{
    size_t n;
    const struct limit *rows = limit_rows(&n);
    bool all = true;

    for (size_t i = 0; i < n; i++)
        all &= rows[i].property == NULL || systemd_properties_know(rows[i].property);
    ok(all, "each_property_of_the_table_can_be_said");
}

static void memory(void)
{
    struct oci_memory memory = { .limit = 100,
                                 .has_limit = true,
                                 .swap = 300,
                                 .has_swap = true,
                                 .reservation = 50,
                                 .has_reservation = true };
    struct oci_resources resources = { .memory = &memory };

    limits(&resources, true, &unknown, "?MemoryMax t 100 ?MemorySwapMax t 200 ?MemoryLow t 50",
           "swap_is_without_memory");
    limits(&resources, false, &unknown, "?MemoryLimit t 100", "v1_has_but_one");
    memory = (struct oci_memory){ .swap = 300, .has_swap = true };
    limits(&resources, true, &(struct systemd_now){ .memory_limit = 120, .cpu_quota = -1 },
           "?MemorySwapMax t 180", "a_limit_from_before_is_subtracted");
    memory = (struct oci_memory){ .limit = -1, .has_limit = true };
    limits(&resources, true, &unknown,
           "?MemoryMax t 18446744073709551615 ?MemorySwapMax t 18446744073709551615",
           "no_limit_on_memory_is_none_on_swap");
    memory = (struct oci_memory){ .limit = -1, .has_limit = true, .swap = 300, .has_swap = true };
    limits(&resources, true, &unknown, "?MemoryMax t 18446744073709551615 ?MemorySwapMax t 300",
           "swap_alone_may_have_a_limit");
}

static void cpu(void)
{
    struct oci_cpu cpu = { .quota = 25000, .has_quota = true, .period = 50000, .has_period = true };
    struct oci_resources resources = { .cpu = &cpu };

    limits(&resources, true, &unknown, "?CPUQuotaPeriodUSec t 50000 ?CPUQuotaPerSecUSec t 500000",
           "a_quota_is_of_a_second");
    cpu = (struct oci_cpu){ .quota = 12345, .has_quota = true };
    limits(&resources, true, &unknown, "?CPUQuotaPerSecUSec t 130000", "in_whole_percents_upwards");
    limits(&resources, true, &(struct systemd_now){ -1, -1, 50000, false },
           "?CPUQuotaPerSecUSec t 250000", "the_period_from_before_counts");
    cpu = (struct oci_cpu){ .period = 50000, .has_period = true };
    limits(&resources, true, &(struct systemd_now){ -1, 25000, 100000, false },
           "?CPUQuotaPeriodUSec t 50000 ?CPUQuotaPerSecUSec t 500000",
           "a_new_period_changes_what_a_quota_is");
    cpu = (struct oci_cpu){ .quota = -1, .has_quota = true };
    limits(&resources, true, &unknown, "?CPUQuotaPerSecUSec t 18446744073709551615",
           "minus_one_is_no_quota");
    cpu = (struct oci_cpu){ .shares = 1024, .has_shares = true };
    limits(&resources, true, &unknown, "?CPUWeight t 100", "shares_are_a_weight_on_v2");
    limits(&resources, false, &unknown, "?CPUShares t 1024", "and_shares_on_v1");
    cpu = (struct oci_cpu){ .cpus = "0-2,9", .mems = "1" };
    limits(&resources, true, &unknown, "?AllowedCPUs ay 2 7 2 ?AllowedMemoryNodes ay 1 2",
           "cpus_are_a_mask");
    limits(&resources, false, &unknown, "", "systemd_has_no_cpusets_on_v1");
}

static void others(void)
{
    const struct oci_throttle_device read[] = { { .major = 8, .minor = 0, .rate = 100 },
                                                { .major = 8, .minor = 16, .rate = 0 } };
    const struct oci_weight_device weight[] = {
        { .major = 8, .minor = 0, .weight = 1000, .has_weight = true },
        { .major = 8, .minor = 1, .leaf_weight = 10, .has_leaf_weight = true },
    };
    struct oci_block_io io = { .weight = 10,
                               .has_weight = true,
                               .throttle_read_bps_device = { 2, read },
                               .weight_device = { 2, weight } };
    struct oci_pids pids = { .limit = 0, .has_limit = true };
    static const char *const keys[] = { "memory.high", "pids.max", "cpu.max", "io.max" };
    static const char *const values[] = { "max", "12", "5000 10000", "8:0 rbps=1" };
    struct oci_resources resources = { .block_io = &io };

    limits(&resources, true, &unknown,
           "?IOWeight t 1 ?IODeviceWeight a(st) 1 /dev/block/8:0 10000 ?IOReadBandwidthMax a(st) 2 "
           "/dev/block/8:0 100 /dev/block/8:16 18446744073709551615",
           "io_on_v2");
    limits(&resources, false, &unknown,
           "?BlockIOWeight t 10 ?BlockIODeviceWeight a(st) 1 /dev/block/8:0 1000 "
           "?BlockIOReadBandwidth a(st) 2 /dev/block/8:0 100 /dev/block/8:16 18446744073709551615",
           "io_on_v1");
    resources = (struct oci_resources){ .pids = &pids };
    limits(&resources, true, &unknown, "?TasksMax t 1", "no_task_is_one_to_systemd");
    resources = (struct oci_resources){ .unified = { 4, values, keys } };
    limits(&resources, true, &unknown,
           "?MemoryHigh t 18446744073709551615 ?TasksMax t 12 ?CPUQuotaPeriodUSec t 10000 "
           "?CPUQuotaPerSecUSec t 500000",
           "unified_files_that_have_a_property");
}

/* The kernel's memparse(): what systemd is not told it lifts again, when it next writes the file.
 */
static void unified_sizes(void)
{
    static const char *const keys[] = { "memory.min", "memory.low", "memory.high", "memory.max" };
    static const char *const values[] = { "4k", "3M", "2G", "1t" };
    static const char *const wrong[] = { "4kb", "99999999999G", "-1", "M" };
    struct oci_resources resources = { .unified = { 4, values, keys } };

    limits(&resources, true, &unknown,
           "?MemoryMin t 4096 ?MemoryLow t 3145728 ?MemoryHigh t 2147483648 "
           "?MemoryMax t 1099511627776",
           "unified_sizes_have_units_as_for_the_kernel");
    resources = (struct oci_resources){ .unified = { 4, wrong, keys } };
    limits(&resources, true, &unknown, "", "others_are_left_to_the_kernel_to_refuse");
}

static void devices(const struct oci_device_rule *rules, size_t n, bool is_complete,
                    const char *want, const char *claim)
{
    struct oci_resources resources = { .devices = { n, rules } };
    struct systemd_words words = { 0 };
    bool complete;

    systemd_properties_limit(&words, &resources, true, true, &unknown, &complete);

    char *got = joined(&words);

    ok(complete == is_complete && got && strstr(got, want) != NULL, claim);
    if (got && !strstr(got, want))
        printf("# got %s\n", got);
    free(got);
}

static void device_rules(void)
{
    struct oci_device_rule fuse = { .allow = true,
                                    .has_type = true,
                                    .type = OCI_DEVICE_RULE_TYPE_C,
                                    .major = 10,
                                    .has_major = true,
                                    .minor = 229,
                                    .has_minor = true,
                                    .access = "rw" };
    struct oci_device_rule every = { .allow = true };
    struct oci_device_rule two[] = { every, fuse };
    struct oci_device_rule minors = fuse;

    devices(NULL, 0, true, "?DevicePolicy s strict ?DeviceAllow a(ss) 0 ?DeviceAllow a(ss) 10 ",
            "without_rules_the_default_ones");
    devices(&fuse, 1, true, "/dev/char/10:229 rw", "a_node_by_its_numbers");
    devices(&fuse, 1, true, "char-* m", "every_node_may_be_made");
    devices(&fuse, 1, true, "char-136 rwm", "a_whole_major");
    devices(&every, 1, true, "?DevicePolicy s auto ?DeviceAllow a(ss) 0", "all_is_no_policy");
    two[1].allow = false;
    devices(two, 2, false, "?DevicePolicy s auto ?DeviceAllow a(ss) 0",
            "all_but_one_cannot_be_said");
    minors.has_major = false;
    devices(&minors, 1, false, "?DevicePolicy s auto ?DeviceAllow a(ss) 0",
            "a_minor_of_all_majors_cannot_be_said");
}

/* --- annotations --- */

static void annotation(const char *name, const char *value, const char *want, const char *claim)
{
    char key[128];
    const char *const keys[] = { key }, *const values[] = { value };
    struct oci_config spec = { .annotations = { 1, values, keys } };
    autoproblems struct problems problems = { 0 };
    struct systemd_words words = { 0 };

    (void)snprintf(key, sizeof key, "org.systemd.property.%s", name);
    systemd_annotations(&words, &spec, &problems);

    char *got = joined(&words);

    if (want)
        is_str(problems.n ? problems.at[0].text : got, want, claim);
    else
        ok(problems.errors == 1 && strstr(problems.at[0].pointer, name), claim);
    free(got);
}

static void annotations(void)
{
    annotation("CollectMode", "'inactive'", "CollectMode s inactive", "a_string");
    annotation("Description", "\"a \\\"b\\\" 'c'\"", "Description s a \"b\" 'c'", "with_escapes");
    annotation("IPAccounting", "true", "IPAccounting b 1", "a_bool");
    annotation("IPAccounting", "false", "IPAccounting b 0", "another_one");
    annotation("CPUWeight", "uint64 50", "CPUWeight t 50", "a_number_with_its_type");
    annotation("OOMScoreAdjust", "-5", "OOMScoreAdjust i -5", "a_number_without");
    annotation("Flags", "byte 0xff", "Flags y 255", "in_base_16");
    annotation("Ratio", "1.5", "Ratio d 1.5", "with_a_fraction");
    annotation("After", "['a.service', 'b.service']", "After as 2 a.service b.service", "an_array");
    annotation("After", "@as []", "After as 0", "an_empty_one");
    annotation("Numbers", "[uint64 1, 2]", "Numbers at 2 1 2", "a_type_holds_for_the_whole_array");
    annotation("IPAddressAllow", "[(2, [byte 0x7f,0,0,1], uint32 8)]",
               "IPAddressAllow a(iayu) 1 2 4 127 0 0 1 8", "tuples");
    annotation("TimeoutStopSec", "7.5", "TimeoutStopUSec t 7500000", "seconds");
    annotation("TimeoutStopUSec", "uint64 5", "TimeoutStopUSec t 5", "not_so_microseconds");

    annotation("After", "[]", NULL, "an_empty_array_has_no_type");
    annotation("After", "['a', 1]", NULL, "a_mixed_array_is_refused");
    annotation("After", "['a'", NULL, "so_is_an_open_one");
    annotation("Description", "'a", NULL, "an_open_string");
    annotation("Description", "a", NULL, "a_bare_word");
    annotation("Description", "", NULL, "nothing");
    annotation("Description", "'a' 'b'", NULL, "two_values");
    annotation("Number", "uint64 -1", NULL, "a_number_below_its_type");
    annotation("Number", "byte 256", NULL, "one_above");
    annotation("Number", "2147483648", NULL, "one_above_int32");
    annotation("Number", "int32 -2147483648", "Number i -2147483648", "the_least_one");
    annotation("TimeoutStopSec", "'1min'", NULL, "seconds_must_be_a_number");
    annotation("PIDs", "[uint32 1]", NULL, "PIDs_are_refused");
    annotation("Slice", "'x.slice'", NULL, "so_is_the_slice");
    annotation("FailureAction", "'reboot'", NULL, "so_is_what_reboots");
    annotation("Wants", "['reboot.target']", NULL, "and_what_starts_the_unit_that_does");
    annotation("Conflicts", "['sshd.service']", NULL, "and_what_stops_others");
    annotation("NFTSet", "[(3, 1, 't', 's')]", NULL, "and_what_goes_into_the_packet_filter");
    annotation("after", "1", NULL, "a_name_begins_with_a_capital");
    annotation("A-b", "1", NULL, "and_has_letters_and_digits");
    annotation("Deep", "[[[[[[1]]]]]]", NULL, "depth_has_a_limit");
}

int main(void)
{
    every_row_is_spoken();
    memory();
    cpu();
    others();
    unified_sizes();
    device_rules();
    annotations();
    return done_testing();
}
