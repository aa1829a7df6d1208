// SPDX-License-Identifier: Apache-2.0
/* zind-oci update */
#include "base/text.h"
#include "commands/commands.h"
#include "commands/size.h"

#include <string.h>

/* The objects of linux.resources that have options. */
struct asked {
    struct oci_resources resources;
    struct oci_block_io block_io;
    struct oci_cpu cpu;
    struct oci_memory memory;
    struct oci_pids pids;
};

enum value_kind { SIZE, SIGNED, UNSIGNED, WEIGHT, WORDS };

/* clang-format off */
#define OF(field_, option_, text_, object_, member)                                             \
    .name = { field_, "--" option_ }, .text = offsetof(struct update_texts, text_),             \
    .pointer = offsetof(struct asked, resources.object_), .object = offsetof(struct asked, object_), \
    .value = offsetof(struct asked, object_.member)
#define VALUE(field, option, text, kind_, object, member) \
    { OF(field, option, text, object, member), .kind = kind_, .has = offsetof(struct asked, object.has_##member) }
#define LINE(field, option, text, object, member) { OF(field, option, text, object, member), .kind = WORDS }

static const struct value {
    struct update_name name;
    enum value_kind kind;
    size_t text;            /* in struct update_texts */
    size_t pointer, object; /* in struct asked, as are value and has */
    size_t value, has;
} values[] = {
    VALUE("blockIO.weight", "blkio-weight", blkio_weight, WEIGHT, block_io, weight),
    VALUE("cpu.period", "cpu-period", cpu_period, UNSIGNED, cpu, period),
    VALUE("cpu.quota", "cpu-quota", cpu_quota, SIGNED, cpu, quota),
    VALUE("cpu.burst", "cpu-burst", cpu_burst, UNSIGNED, cpu, burst),
    VALUE("cpu.shares", "cpu-share", cpu_shares, UNSIGNED, cpu, shares),
    VALUE("cpu.realtimePeriod", "cpu-rt-period", cpu_rt_period, UNSIGNED, cpu, realtime_period),
    VALUE("cpu.realtimeRuntime", "cpu-rt-runtime", cpu_rt_runtime, SIGNED, cpu, realtime_runtime),
    VALUE("cpu.idle", "cpu-idle", cpu_idle, SIGNED, cpu, idle),
    LINE("cpu.cpus", "cpuset-cpus", cpuset_cpus, cpu, cpus),
    LINE("cpu.mems", "cpuset-mems", cpuset_mems, cpu, mems),
    VALUE("memory.limit", "memory", memory, SIZE, memory, limit),
    VALUE("memory.reservation", "memory-reservation", memory_reservation, SIZE, memory, reservation),
    VALUE("memory.swap", "memory-swap", memory_swap, SIZE, memory, swap),
    VALUE("memory.kernel", "kernel-memory", kernel_memory, SIZE, memory, kernel),
    VALUE("memory.kernelTCP", "kernel-memory-tcp", kernel_memory_tcp, SIZE, memory, kernel_tcp),
    VALUE("pids.limit", "pids-limit", pids_limit, SIGNED, pids, limit),
};
/* clang-format on */

enum { N_VALUES = sizeof values / sizeof *values };

/* "" is as good as no option, for who fills in a template. */
static const char *given(const struct update_texts *texts, const struct value *value)
{
    const char *text;

    memcpy(&text, (const char *)texts + value->text, sizeof text);
    return text && text[0] ? text : NULL;
}

static int fail_value(const struct value *value, const char *text, struct error *why)
{
    static const char *const wanted[] = {
        [SIZE] = "a number of bytes, as in 512m or 1g, or -1",
        [SIGNED] = "a number, or -1",
        [UNSIGNED] = "a number",
        [WEIGHT] = "a number from 10 to 1000",
    };

    (void)fail(why, 0, "%s %s: %s is wanted", value->name.option, text, wanted[value->kind]);
    return fail_code(why, ERROR_USAGE);
}

static bool read_number(enum value_kind kind, const char *text, int64_t *ret)
{
    uint64_t n;

    if (kind == SIZE)
        return size_parse(text, ret);
    if (kind == SIGNED && strcmp(text, "-1") == 0) {
        *ret = -1;
        return true;
    }
    if (!text_to_number(text, kind == WEIGHT ? UINT16_MAX : INT64_MAX, &n))
        return false;
    *ret = (int64_t)n;
    return true;
}

static int read_value(const struct value *value, const char *text, struct asked *to,
                      struct error *why)
{
    char *member = (char *)to + value->value;
    const void *object = (char *)to + value->object;
    int64_t n;

    memcpy((char *)to + value->pointer, &object, sizeof object);
    if (value->kind == WORDS) {
        memcpy(member, &text, sizeof text);
        return 0;
    }
    if (!read_number(value->kind, text, &n))
        return fail_value(value, text, why);
    if (value->kind == WEIGHT)
        *(uint16_t *)(void *)member = (uint16_t)n;
    else
        memcpy(member, &n, sizeof n);
    *(bool *)(void *)((char *)to + value->has) = true;
    return 0;
}

/* How many there were; -1 with WHY. */
static int read_values(const struct update_texts *texts, struct asked *to, struct error *why)
{
    int n = 0;

    for (size_t i = 0; i < N_VALUES; i++) {
        const char *text = given(texts, &values[i]);

        if (text && read_value(&values[i], text, to, why) < 0)
            return -1;
        n += text != NULL;
    }
    return n;
}

static const char *or_null(const char *text)
{
    return text && text[0] ? text : NULL;
}

int command_update(const struct runtime *runtime, const struct command_line *line,
                   struct error *why)
{
    const struct update_texts *texts = &line->update;
    struct asked asked = { 0 };
    struct update_name names[N_VALUES];
    struct update_request request = {
        .file = texts->resources,
        .resources = &asked.resources,
        .l3_cache_schema = or_null(texts->l3_cache_schema),
        .mem_bw_schema = or_null(texts->mem_bw_schema),
        .names = names,
        .n_names = N_VALUES,
    };
    int n = read_values(texts, &asked, why);

    if (n < 0)
        return -1;
    for (size_t i = 0; i < N_VALUES; i++)
        names[i] = values[i].name;
    if (!request.file && n == 0 && !request.l3_cache_schema && !request.mem_bw_schema)
        log_warning(runtime->log,
                    "no limit is given, nothing changes; as in: zind-oci update "
                    "--memory 512m %.64s",
                    line->args[0]);
    if (request.file && n > 0)
        log_warning(runtime->log, "--resources is given: the other limits are ignored");
    return lifecycle_update(runtime, line->args[0], &request, why);
}
