// SPDX-License-Identifier: Apache-2.0
/* From the spec's value to the text of a cgroup file. */
#include "cgroup/limits/conversions.h"
#include "base/log.h"
#include "base/own.h"
#include "cgroup/limits/device-rules.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- arithmetic --- */

/* Without libm, which nothing else needs: each squaring brings out one binary digit. Good to 1e-13.
 */
static double log_2(double x)
{
    double log = 0, digit = 1;

    for (; x >= 2; x /= 2)
        log += 1;
    for (int i = 0; i < 44; i++) {
        x *= x;
        digit /= 2;
        if (x >= 2) {
            x /= 2;
            log += digit;
        }
    }
    return log;
}

/* weight = ceil(10^((l*l + 125*l)/612 - 7/34)), l = log2(shares): the least weight whose logarithm
 * is not below the exponent. */
unsigned convert_shares(uint64_t shares)
{
    const double log_2_of_10 = 3.32192809488736235;
    unsigned low = 1, high = 10000;

    if (shares <= 2)
        return 1;
    if (shares >= 262144)
        return 10000;

    double l = log_2((double)shares);
    double exponent = ((l * l + 125 * l) / 612 - 7.0 / 34) * log_2_of_10;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (log_2(middle) >= exponent - 1e-11)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

unsigned convert_io_weight(unsigned weight)
{
    return weight <= 10 ? 1 : weight >= 1000 ? 10000 : 1 + (weight - 10) * 9999 / 990;
}

bool convert_page_size_is_valid(const char *page_size)
{
    size_t digits = strspn(page_size, "0123456789");

    return digits > 0 && digits < 8 && page_size[0] != '0' && page_size[digits] &&
           strchr("KMGT", page_size[digits]) && strcmp(page_size + digits + 1, "B") == 0;
}

/* --- scalars --- */

static const char *file_of(const struct writing *to, const struct limit *row)
{
    return to->is_v2 ? row->v2 : row->v1;
}

int convert_number(struct writing *to, const struct limit *row)
{
    int64_t n = limit_number(row, to->asked);

    return row->kind == LIMIT_S64 ? writing_putf(to, file_of(to, row), "%" PRId64, n)
                                  : writing_putf(to, file_of(to, row), "%" PRIu64, (uint64_t)n);
}

int convert_text(struct writing *to, const struct limit *row)
{
    return writing_put(to, file_of(to, row), limit_text(row, to->asked));
}

/* It says how other rows are to be done, or what holds anyway. */
int convert_nothing(struct writing *to, const struct limit *row)
{
    (void)to, (void)row;
    return 0;
}

static int put_bytes(struct writing *to, const char *file, int64_t n)
{
    if (n < 0)
        return writing_put(to, file, to->is_v2 ? "max" : "-1");
    return writing_putf(to, file, "%" PRId64, n);
}

int convert_bytes(struct writing *to, const struct limit *row)
{
    return put_bytes(to, file_of(to, row), limit_number(row, to->asked));
}

/* memory.checkBeforeUpdate: EBUSY for a limit that the kernel could only keep by killing. */
static bool is_below_usage(struct writing *to, const char *usage, const char *file, int64_t limit)
{
    char value[24];
    int64_t used = to->asked->memory->check_before_update ? writing_get(to, usage) : -1;

    if (used <= limit)
        return false;
    (void)snprintf(value, sizeof value, "%" PRId64, limit);
    writing_name(to, file, value);
    (void)snprintf(to->reason, sizeof to->reason, "%" PRId64 " bytes are in use", used);
    errno = EBUSY;
    return true;
}

int convert_memory_limit(struct writing *to, const struct limit *row)
{
    const struct oci_memory *memory = to->asked->memory;

    /* No limit on memory cannot go with one on memory and swap together. */
    if (memory->limit < 0 && !(memory->has_swap && memory->swap) &&
        put_bytes(to, to->is_v2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes", -1) < 0 &&
        errno != ENOENT)
        return -1;
    if (memory->limit >= 0 &&
        is_below_usage(to, to->is_v2 ? "memory.current" : "memory.usage_in_bytes", file_of(to, row),
                       memory->limit))
        return -1;
    return put_bytes(to, file_of(to, row), memory->limit);
}

/* The spec's value is memory and swap together, as v1 has it; v2 limits swap alone, which is all
   that there is to limit where memory has no limit. */
int convert_memory_swap(struct writing *to, const struct limit *row)
{
    const struct oci_memory *memory = to->asked->memory;
    const char *file = file_of(to, row);
    int64_t limit = memory->has_limit ? memory->limit : 0, swap = memory->swap;
    int rc;

    if (to->is_v2 && swap > 0 && limit >= 0) {
        if (limit == 0)
            limit = writing_get(to, "memory.max");
        if (limit < 0 || limit > swap) {
            (void)snprintf(to->value, sizeof to->value, "%" PRId64 " - memory.limit", swap);
            (void)snprintf(to->file, sizeof to->file, "%s", file);
            return errno = ERANGE, -1;
        }
        swap -= limit;
    }
    if (swap >= 0 &&
        is_below_usage(to, to->is_v2 ? "memory.swap.current" : "memory.memsw.usage_in_bytes", file,
                       swap))
        return -1;
    rc = put_bytes(to, file, swap);
    /* A kernel without swap: there is none to be had, or no limit on none. */
    if (rc < 0 && errno == ENOENT && (swap < 0 || (to->is_v2 && swap == 0)))
        return 0;
    return rc;
}

int convert_pids(struct writing *to, const struct limit *row)
{
    int64_t n = limit_number(row, to->asked);

    return n < 0 ? writing_put(to, file_of(to, row), "max") : convert_number(to, row);
}

/* --- cpu --- */

int convert_cpu_shares(struct writing *to, const struct limit *row)
{
    if (!to->is_v2)
        return convert_number(to, row);
    return writing_putf(to, row->v2, "%u", convert_shares(to->asked->cpu->shares));
}

/* v2 has both in one file; a quota alone keeps the period there. */
int convert_cpu_period(struct writing *to, const struct limit *row)
{
    const struct oci_cpu *cpu = to->asked->cpu;
    int64_t quota;

    if (!to->is_v2)
        return convert_number(to, row);
    if (cpu->has_quota && cpu->quota)
        return 0; /* written by the next row */
    quota = writing_get(to, row->v2);
    return quota < 0 ? writing_putf(to, row->v2, "max %" PRIu64, cpu->period)
                     : writing_putf(to, row->v2, "%" PRId64 " %" PRIu64, quota, cpu->period);
}

int convert_cpu_quota(struct writing *to, const struct limit *row)
{
    const struct oci_cpu *cpu = to->asked->cpu;
    char quota[32], period[32] = "";

    if (!to->is_v2)
        return convert_number(to, row);
    (void)snprintf(quota, sizeof quota, "%" PRId64, cpu->quota);
    if (cpu->has_period && cpu->period)
        (void)snprintf(period, sizeof period, " %" PRIu64, cpu->period);
    return writing_putf(to, row->v2, "%s%s", cpu->quota < 0 ? "max" : quota, period);
}

/* --- block I/O: which files there are depends on the I/O scheduler --- */

static int put_weight(struct writing *to, const char *device, unsigned weight)
{
    static const char *const v1[] = { "blkio.weight", "blkio.bfq.weight", NULL };
    static const char *const v1_device[] = { "blkio.weight_device", "blkio.bfq.weight_device",
                                             NULL };
    static const char *const v2[] = { "io.bfq.weight", "io.weight", NULL };
    char same[64], converted[64];

    (void)snprintf(same, sizeof same, "%s%u", device, weight);
    (void)snprintf(converted, sizeof converted, "%s%u", device, convert_io_weight(weight));
    if (to->is_v2)
        return writing_put_first(to, v2, (const char *const[]){ same, converted });
    return writing_put_first(to, device[0] ? v1_device : v1, (const char *const[]){ same, same });
}

int convert_io(struct writing *to, const struct limit *row)
{
    return put_weight(to, "", (unsigned)limit_number(row, to->asked));
}

int convert_io_devices(struct writing *to, const struct limit *row)
{
    const struct oci_weight_device_list *list = limit_list(row, to->asked);
    char device[48];

    for (size_t i = 0; i < list->n; i++) {
        const struct oci_weight_device *item = &list->at[i];

        to->index = (ssize_t)i;
        (void)snprintf(device, sizeof device, "%" PRId64 ":%" PRId64 " ", item->major, item->minor);
        if (item->has_weight && item->weight && put_weight(to, device, item->weight) < 0)
            return -1;
        if (item->has_leaf_weight && item->leaf_weight &&
            writing_putf(to, "blkio.leaf_weight_device", "%s%u", device, item->leaf_weight) < 0)
            return -1;
    }
    return 0;
}

int convert_throttles(struct writing *to, const struct limit *row)
{
    const struct oci_throttle_device_list *list = limit_list(row, to->asked);

    for (size_t i = 0; i < list->n; i++) {
        const struct oci_throttle_device *item = &list->at[i];
        char rate[32];

        to->index = (ssize_t)i;
        (void)snprintf(rate, sizeof rate, "%" PRIu64, item->rate);
        if (to->is_v2 ? writing_putf(to, row->v2, "%" PRId64 ":%" PRId64 " %s=%s", item->major,
                                     item->minor, row->word, item->rate ? rate : "max") < 0
                      : writing_putf(to, row->v1, "%" PRId64 ":%" PRId64 " %s", item->major,
                                     item->minor, rate) < 0)
            return -1;
    }
    return 0;
}

/* --- lists and maps --- */

int convert_hugepages(struct writing *to, const struct limit *row)
{
    const struct oci_hugepage_limit_list *list = limit_list(row, to->asked);
    char file[64];

    for (size_t i = 0; i < list->n; i++) {
        const char *size = list->at[i].page_size, *end = to->is_v2 ? "max" : "limit_in_bytes";

        to->index = (ssize_t)i;
        (void)snprintf(file, sizeof file, "hugetlb.%s.%s", size, end);
        if (writing_putf(to, file, "%" PRIu64, list->at[i].limit) < 0)
            return -1;
        /* Reserved pages fail at mmap with an error, used ones at the first touch with SIGBUS. */
        (void)snprintf(file, sizeof file, "hugetlb.%s.rsvd.%s", size, end);
        if (writing_putf(to, file, "%" PRIu64, list->at[i].limit) < 0 && errno != ENOENT)
            return -1;
    }
    return 0;
}

int convert_priorities(struct writing *to, const struct limit *row)
{
    const struct oci_network_priority_list *list = limit_list(row, to->asked);

    for (size_t i = 0; i < list->n; i++) {
        to->index = (ssize_t)i;
        if (writing_putf(to, row->v1, "%s %" PRIu32, list->at[i].name, list->at[i].priority) < 0)
            return -1;
    }
    return 0;
}

int convert_rdma(struct writing *to, const struct limit *row)
{
    const struct oci_rdma_map *map = limit_list(row, to->asked);

    for (size_t i = 0; i < map->n; i++) {
        const struct oci_rdma *item = &map->at[i];
        char handles[40] = "", objects[40] = "";

        to->index = (ssize_t)i;
        if (item->has_hca_handles)
            (void)snprintf(handles, sizeof handles, " hca_handle=%" PRIu32, item->hca_handles);
        if (item->has_hca_objects)
            (void)snprintf(objects, sizeof objects, " hca_object=%" PRIu32, item->hca_objects);
        if (writing_putf(to, file_of(to, row), "%s%s%s", map->key[i], handles, objects) < 0)
            return -1;
    }
    return 0;
}

/* The kernel takes one device's line at a time (cgroup-v2.rst, "io.max"). */
static int put_lines(struct writing *to, const char *file, const char *text)
{
    do {
        autofree char *line = strndup(text, strcspn(text, "\n"));

        if (line == NULL || writing_put(to, file, line) < 0)
            return -1;
        text += strlen(line);
        text += strspn(text, "\n");
    } while (*text);
    return 0;
}

int convert_unified(struct writing *to, const struct limit *row)
{
    const struct json_string_map *map = limit_list(row, to->asked);

    for (size_t i = 0; i < map->n; i++) {
        const char *key = map->key[i];
        char name[32];
        uint32_t controller;

        to->index = (ssize_t)i;
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(key, "."), key);
        controller = mounted_controllers(name, ' ');
        /* The controller may be another hierarchy's: then v2 has no such file. */
        if (controller &&
            (!writing_locate(to, (enum controller)__builtin_ctz(controller)) || !to->is_v2)) {
            to->missing = (enum controller)__builtin_ctz(controller);
            return errno = ENOENT, -1;
        }
        if (!controller && !writing_locate(to, CONTROLLER_UNIFIED))
            return errno = ENOENT, -1;
        if (put_lines(to, key, map->at[i]) < 0)
            return -1;
    }
    return 0;
}

int convert_devices(struct writing *to, const struct limit *row)
{
    const struct oci_device_rule_list *list = limit_list(row, to->asked);

    return to->is_v2 ? device_rules_attach(to, list) : device_rules_write(to, list);
}
