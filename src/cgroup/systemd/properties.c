// SPDX-License-Identifier: Apache-2.0
/* From linux.resources to the properties of a systemd unit. systemd writes what it knows whenever
   it likes, after daemon-reload say: so it must know the limits, and the device rules above all. */
#include "cgroup/limits/conversions.h"
#include "cgroup/limits/device-rules.h"
#include "cgroup/limits/resources.h"
#include "cgroup/systemd/systemd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asking {
    struct systemd_words *to;
    const struct oci_resources *resources;
    const struct systemd_now *now;
    const char *name; /* of the property at hand */
    bool is_v2;
    bool is_complete;
};

static void add_head(struct systemd_words *to, const char *name, const char *signature)
{
    systemd_words_addf(to, "?%s", name);
    systemd_words_add(to, signature);
}

static void add_number(struct systemd_words *to, const char *name, uint64_t n)
{
    add_head(to, name, "t");
    systemd_words_addf(to, "%" PRIu64, n);
}

static void add_bool(struct systemd_words *to, const char *name, bool value)
{
    add_head(to, name, "b");
    systemd_words_add(to, value ? "1" : "0");
}

static void add_text(struct systemd_words *to, const char *name, const char *value)
{
    add_head(to, name, "s");
    systemd_words_add(to, value);
}

/* --- scalars --- */

static uint64_t or_infinity(int64_t n)
{
    return n < 0 ? UINT64_MAX : (uint64_t)n;
}

static void put_bytes(struct asking *a, const struct limit *row)
{
    add_number(a->to, a->name, or_infinity(limit_number(row, a->resources)));
}

static void put_memory_limit(struct asking *a, const struct limit *row)
{
    const struct oci_memory *memory = a->resources->memory;

    put_bytes(a, row);
    if (a->is_v2 && memory->limit < 0 && !(memory->has_swap && memory->swap))
        add_number(a->to, "MemorySwapMax", UINT64_MAX);
}

/* The spec's value is memory and swap together, of v2 swap alone where memory has no limit. What
 * does not fit is refused where the file is written. */
static void put_memory_swap(struct asking *a, const struct limit *row)
{
    const struct oci_memory *memory = a->resources->memory;
    int64_t swap = limit_number(row, a->resources);
    int64_t limit = memory->has_limit && memory->limit ? memory->limit : a->now->memory_limit;

    if (swap < 0)
        add_number(a->to, a->name, UINT64_MAX);
    else if (memory->has_limit && memory->limit < 0)
        add_number(a->to, a->name, (uint64_t)swap);
    else if (limit >= 0 && limit <= swap)
        add_number(a->to, a->name, (uint64_t)(swap - limit));
}

/* systemd has no 0; the file gets it. */
static void put_tasks(struct asking *a, const struct limit *row)
{
    int64_t n = limit_number(row, a->resources);

    add_number(a->to, a->name, n == 0 ? 1 : or_infinity(n));
}

static void put_shares(struct asking *a, const struct limit *row)
{
    uint64_t shares = (uint64_t)limit_number(row, a->resources);

    if (a->is_v2)
        add_number(a->to, a->name, convert_shares(shares));
    else
        add_number(a->to, a->name, shares < 2 ? 2 : shares > 262144 ? 262144 : shares);
}

static void add_quota(struct systemd_words *to, int64_t quota, uint64_t period)
{
    const uint64_t second = 1000000, step = 10000;
    uint64_t a_second;

    if (quota < 0) {
        add_number(to, "CPUQuotaPerSecUSec", UINT64_MAX);
        return;
    }
    if (period == 0)
        period = 100000;
    if ((uint64_t)quota > UINT64_MAX / second)
        return;
    /* Whole percents are what systemd keeps over a reload: never less than asked for. */
    a_second = (uint64_t)quota * second / period;
    a_second += (step - a_second % step) % step;
    add_number(to, "CPUQuotaPerSecUSec", a_second ? a_second : step);
}

/* systemd takes 1 ms to 1 s. */
static void add_period(struct systemd_words *to, uint64_t period)
{
    if (period >= 1000 && period <= 1000000)
        add_number(to, "CPUQuotaPeriodUSec", period);
}

static void put_period(struct asking *a, const struct limit *row)
{
    const struct oci_cpu *cpu = a->resources->cpu;

    (void)row;
    add_period(a->to, cpu->period);
    if (!(cpu->has_quota && cpu->quota) && a->now->cpu_quota > 0)
        add_quota(a->to, a->now->cpu_quota, cpu->period);
}

static void put_quota(struct asking *a, const struct limit *row)
{
    const struct oci_cpu *cpu = a->resources->cpu;

    (void)row;
    add_quota(a->to, cpu->quota, cpu->has_period && cpu->period ? cpu->period : a->now->cpu_period);
}

static void put_io_weight(struct asking *a, const struct limit *row)
{
    unsigned weight = (unsigned)limit_number(row, a->resources);

    add_number(a->to, a->name, a->is_v2 ? convert_io_weight(weight) : weight);
}

/* --- lists --- */

enum { LIST_MAX = 1024 };

/* "0-3,7" -> a byte for each eight, as systemd has it. False: not such a list. */
static bool add_mask(struct systemd_words *to, const char *name, const char *list)
{
    unsigned char mask[LIST_MAX / 8] = { 0 };
    unsigned first, last, highest = 0;
    int n;

    while (*list) {
        if (sscanf(list, "%u%n", &first, &n) != 1)
            return false;
        list += n;
        last = first;
        if (*list == '-') {
            if (sscanf(list, "-%u%n", &last, &n) != 1)
                return false;
            list += n;
        }
        if (last < first || last >= LIST_MAX)
            return false;
        for (unsigned i = first; i <= last; i++)
            mask[i / 8] |= (unsigned char)(1u << i % 8);
        highest = last > highest ? last : highest;
        list += strspn(list, ", \n");
    }
    add_head(to, name, "ay");
    systemd_words_addf(to, "%u", highest / 8 + 1);
    for (unsigned i = 0; i <= highest / 8; i++)
        systemd_words_addf(to, "%u", mask[i]);
    return true;
}

static void put_mask(struct asking *a, const struct limit *row)
{
    (void)add_mask(a->to, a->name, limit_text(row, a->resources));
}

static void add_device(struct systemd_words *to, int64_t major, int64_t minor, uint64_t value)
{
    systemd_words_addf(to, "/dev/block/%" PRId64 ":%" PRId64, major, minor);
    systemd_words_addf(to, "%" PRIu64, value);
}

static void put_device_weights(struct asking *a, const struct limit *row)
{
    const struct oci_weight_device_list *list = limit_list(row, a->resources);
    unsigned n = 0;

    for (size_t i = 0; i < list->n; i++)
        n += list->at[i].has_weight && list->at[i].weight;
    if (n == 0)
        return;
    add_head(a->to, a->name, "a(st)");
    systemd_words_addf(a->to, "%u", n);
    for (size_t i = 0; i < list->n; i++) {
        const struct oci_weight_device *item = &list->at[i];

        if (item->has_weight && item->weight)
            add_device(a->to, item->major, item->minor,
                       a->is_v2 ? convert_io_weight(item->weight) : item->weight);
    }
}

static void put_throttles(struct asking *a, const struct limit *row)
{
    const struct oci_throttle_device_list *list = limit_list(row, a->resources);

    add_head(a->to, a->name, "a(st)");
    systemd_words_addf(a->to, "%zu", list->n);
    for (size_t i = 0; i < list->n; i++)
        add_device(a->to, list->at[i].major, list->at[i].minor,
                   list->at[i].rate ? list->at[i].rate : UINT64_MAX);
}

/* --- devices --- */

struct allowed {
    struct systemd_words words;
    unsigned n;
};

static bool add_exception(void *context, const struct device_exception *one)
{
    struct allowed *to = context;
    const char *kind = one->type == 'b' ? "block" : "char";

    if (one->major < 0 && one->minor >= 0)
        return false;
    if (one->major < 0)
        systemd_words_addf(&to->words, "%s-*", kind);
    else if (one->minor < 0)
        systemd_words_addf(&to->words, "%s-%" PRId64, kind, one->major);
    else
        systemd_words_addf(&to->words, "/dev/%s/%" PRId64 ":%" PRId64, kind, one->major,
                           one->minor);
    systemd_words_add(&to->words, one->access);
    to->n++;
    return true;
}

/* systemd knows a list of what is allowed and nothing else. What that cannot say is left to our own
   rules: systemd then has none. */
static void put_devices(struct asking *a, const struct limit *row)
{
    static const struct oci_device_rule_list none = { 0 };
    struct allowed allowed = { 0 };
    bool allow = false;
    int rc = device_rules_visit(a->resources ? limit_list(row, a->resources) : &none, &allow,
                                add_exception, &allowed);
    bool is_list = rc == 0 && !allow;

    add_text(a->to, "DevicePolicy", is_list ? "strict" : "auto");
    add_head(a->to, a->name, "a(ss)"); /* an empty list takes back what was there */
    systemd_words_add(a->to, "0");
    if (is_list) {
        add_head(a->to, a->name, "a(ss)");
        systemd_words_addf(a->to, "%u", allowed.n);
        systemd_words_append(a->to, &allowed.words);
    }
    /* Everything and no exception is what "auto" says. */
    a->is_complete = is_list || (rc == 0 && allowed.n == 0);
    systemd_words_free(&allowed.words);
}

/* --- unified --- */

/* As the kernel reads them: "4096", "max"; of bytes UNITS says which letters may follow: "4K". */
static bool read_file_number(const char *value, const char *units, uint64_t *ret)
{
    char *end;
    const char *unit;

    if (strcmp(value, "max") == 0)
        return *ret = UINT64_MAX, true;
    if (value[0] < '0' || value[0] > '9')
        return false;
    errno = 0;
    *ret = strtoull(value, &end, 10);
    if (errno)
        return false;
    if (*end == 0)
        return true;
    unit = strchr(units, *end | ' ');

    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

    if (unit == NULL || end[1] || *ret > UINT64_MAX >> shift)
        return false;
    return *ret <<= shift, true;
}

static void put_file_number(struct systemd_words *to, const char *name, const char *value)
{
    uint64_t n;

    if (read_file_number(value, "", &n))
        add_number(to, name, strcmp(name, "TasksMax") == 0 && n == 0 ? 1 : n);
}

static void put_file_bytes(struct systemd_words *to, const char *name, const char *value)
{
    uint64_t n;

    if (read_file_number(value, "kmgtpe", &n))
        add_number(to, name, n);
}

static void put_file_mask(struct systemd_words *to, const char *name, const char *value)
{
    (void)add_mask(to, name, value);
}

static void put_file_quota(struct systemd_words *to, const char *name, const char *value)
{
    unsigned long long quota, period = 100000;

    (void)name;
    if (strncmp(value, "max", 3) == 0) {
        if (sscanf(value, "max %llu", &period) == 1)
            add_period(to, period);
        add_quota(to, -1, 0);
    } else if (sscanf(value, "%llu %llu", &quota, &period) >= 1 && quota <= INT64_MAX && period) {
        add_period(to, period);
        add_quota(to, (int64_t)quota, period);
    }
}

static const struct {
    const char *file, *property;
    void (*put)(struct systemd_words *to, const char *name, const char *value);
} files[] = {
    { "cpuset.cpus", "AllowedCPUs", put_file_mask },
    { "cpuset.mems", "AllowedMemoryNodes", put_file_mask },
    { "memory.min", "MemoryMin", put_file_bytes },
    { "memory.low", "MemoryLow", put_file_bytes },
    { "memory.high", "MemoryHigh", put_file_bytes },
    { "memory.max", "MemoryMax", put_file_bytes },
    { "memory.swap.max", "MemorySwapMax", put_file_bytes },
    { "pids.max", "TasksMax", put_file_number },
    { "cpu.weight", "CPUWeight", put_file_number },
    { "cpu.max", "CPUQuotaPerSecUSec", put_file_quota },
};

static void put_unified(struct asking *a)
{
    const struct json_string_map *map = &a->resources->unified;

    for (size_t i = 0; i < map->n; i++)
        for (size_t k = 0; k < sizeof files / sizeof files[0]; k++)
            if (strcmp(map->key[i], files[k].file) == 0)
                files[k].put(a->to, files[k].property, map->at[i]);
}

/* --- the table --- */

/* Property (as in resources.c), its name on v1 (NULL: none), how it is said. */
static const struct spoken {
    const char *property, *v1;
    void (*put)(struct asking *a, const struct limit *row);
} spoken[] = {
    { "AllowedCPUs", NULL, put_mask },
    { "AllowedMemoryNodes", NULL, put_mask },
    { "MemoryMax", "MemoryLimit", put_memory_limit },
    { "MemorySwapMax", NULL, put_memory_swap },
    { "MemoryLow", NULL, put_bytes },
    { "TasksMax", "TasksMax", put_tasks },
    { "CPUWeight", "CPUShares", put_shares },
    { "CPUQuotaPeriodUSec", "CPUQuotaPeriodUSec", put_period },
    { "CPUQuotaPerSecUSec", "CPUQuotaPerSecUSec", put_quota },
    { "IOWeight", "BlockIOWeight", put_io_weight },
    { "IODeviceWeight", "BlockIODeviceWeight", put_device_weights },
    { "IOReadBandwidthMax", "BlockIOReadBandwidth", put_throttles },
    { "IOWriteBandwidthMax", "BlockIOWriteBandwidth", put_throttles },
    { "IOReadIOPSMax", NULL, put_throttles },
    { "IOWriteIOPSMax", NULL, put_throttles },
    { "DeviceAllow", "DeviceAllow", put_devices },
};

static const struct spoken *find_spoken(const char *property)
{
    for (size_t i = 0; i < sizeof spoken / sizeof spoken[0]; i++)
        if (strcmp(spoken[i].property, property) == 0)
            return &spoken[i];
    return NULL;
}

bool systemd_properties_know(const char *property)
{
    return find_spoken(property) != NULL;
}

void systemd_properties_limit(struct systemd_words *to, const struct oci_resources *resources,
                              bool devices, bool is_v2, const struct systemd_now *now,
                              bool *ret_complete)
{
    struct asking a = {
        .to = to, .resources = resources, .now = now, .is_v2 = is_v2, .is_complete = true
    };
    size_t n;
    const struct limit *rows = limit_rows(&n);

    for (size_t i = 0; i < n; i++) {
        const struct spoken *how = rows[i].property ? find_spoken(rows[i].property) : NULL;
        bool is_devices = rows[i].convert == convert_devices;

        if (how == NULL || !(is_devices ? devices : limit_is_asked(&rows[i], resources)))
            continue;
        a.name = is_v2 ? how->property : how->v1;
        if (a.name)
            how->put(&a, &rows[i]);
    }
    if (resources && is_v2)
        put_unified(&a);
    *ret_complete = a.is_complete;
}

void systemd_properties_begin(struct systemd_words *to, const struct systemd_unit *unit,
                              const char *id, bool is_v2)
{
    char description[300];

    (void)snprintf(description, sizeof description, "zind-oci container %s", id);
    add_text(to, "Description", description);
    if (unit->slice[0]) {
        systemd_words_add(to, "Slice");
        systemd_words_add(to, "s");
        systemd_words_add(to, unit->slice);
        systemd_words_add(to, "Delegate");
        systemd_words_add(to, "b");
        systemd_words_add(to, "1");
    }
    add_bool(to, "DefaultDependencies", false);
    /* Also one that failed goes by itself: systemd 236. */
    add_text(to, "CollectMode", "inactive-or-failed");
    add_bool(to, "MemoryAccounting", true);
    add_bool(to, "CPUAccounting", true);
    add_bool(to, is_v2 ? "IOAccounting" : "BlockIOAccounting", true);
    add_bool(to, "TasksAccounting", true);
}
