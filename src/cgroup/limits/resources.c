// SPDX-License-Identifier: Apache-2.0
/* Which limit becomes which file: the table, and the walk over it. */
#include "cgroup/limits/resources.h"
#include "base/log.h"
#include "cgroup/limits/conversions.h"
#include "cgroup/delegation.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
#define NUMBER(object_, member, kind_) .kind = LIMIT_##kind_,                                       \
    .object = offsetof(struct oci_resources, object_),                                              \
    .has = offsetof(struct oci_##object_, has_##member), .value = offsetof(struct oci_##object_, member)
#define TEXT(object_, member) .kind = LIMIT_TEXT,                                                   \
    .object = offsetof(struct oci_resources, object_), .value = offsetof(struct oci_##object_, member)
#define LIST_IN(object_, member) .kind = LIMIT_LIST,                                                \
    .object = offsetof(struct oci_resources, object_), .value = offsetof(struct oci_##object_, member)
#define LIST_OF(member) .kind = LIMIT_LIST, .object = NO_OBJECT, .value = offsetof(struct oci_resources, member)
#define LIMIT(field_, where, controller_, v1_, v2_, property_, convert_, ...)                         \
    { .field = field_, where, .controller = CONTROLLER_##controller_, .v1 = v1_, .v2 = v2_,          \
      .property = property_, .convert = convert_, __VA_ARGS__ }

/* Written from top to bottom: first where a process may run and what it may fill. A row that the kernel refuses with EINVAL or
   EBUSY is tried again after the others: limits that bound each other (memory and swap; quota, period and burst; idle and
   shares) are then right in either direction.

   field, in the structs, controller, v1 file, v2 file, systemd property, conversion, flags */
static const struct limit rows[] = {
    LIMIT("cpu.cpus", TEXT(cpu, cpus), CPUSET, "cpuset.cpus", "cpuset.cpus", "AllowedCPUs", convert_text),
    LIMIT("cpu.mems", TEXT(cpu, mems), CPUSET, "cpuset.mems", "cpuset.mems", "AllowedMemoryNodes", convert_text),

    LIMIT("memory.limit", NUMBER(memory, limit, S64), MEMORY, "memory.limit_in_bytes", "memory.max",
        "MemoryMax", convert_memory_limit, .flags = UNSET_AT_0 | FREE_BELOW_0),
    LIMIT("memory.swap", NUMBER(memory, swap, S64), MEMORY, "memory.memsw.limit_in_bytes", "memory.swap.max",
        "MemorySwapMax", convert_memory_swap, .flags = UNSET_AT_0 | FREE_BELOW_0),
    LIMIT("memory.reservation", NUMBER(memory, reservation, S64), MEMORY, "memory.soft_limit_in_bytes", "memory.low",
        "MemoryLow", convert_bytes, .flags = UNSET_AT_0 | FREE_BELOW_0),
    LIMIT("memory.kernel", NUMBER(memory, kernel, S64), MEMORY, "memory.kmem.limit_in_bytes", NULL,
        NULL, convert_number, .flags = UNSET_AT_0 | UNSET_AT_MINUS_1 | IF_CAN),
    LIMIT("memory.kernelTCP", NUMBER(memory, kernel_tcp, S64), MEMORY, "memory.kmem.tcp.limit_in_bytes", NULL,
        NULL, convert_number, .flags = UNSET_AT_0 | UNSET_AT_MINUS_1 | IF_CAN),
    LIMIT("memory.swappiness", NUMBER(memory, swappiness, U64), MEMORY, "memory.swappiness", NULL, NULL, convert_number),
    LIMIT("memory.disableOOMKiller", NUMBER(memory, disable_oom_killer, BOOL), MEMORY, "memory.oom_control", NULL,
        NULL, convert_number, .flags = ZERO_HOLDS),
    LIMIT("memory.useHierarchy", NUMBER(memory, use_hierarchy, BOOL), MEMORY, "memory.use_hierarchy", NULL,
        NULL, convert_nothing, .flags = ONE_HOLDS),
    LIMIT("memory.checkBeforeUpdate", NUMBER(memory, check_before_update, BOOL), MEMORY,
        "memory.usage_in_bytes", "memory.current", NULL, convert_nothing, .flags = UNSET_AT_0 | ONE_HOLDS),

    LIMIT("pids.limit", NUMBER(pids, limit, S64), PIDS, "pids.max", "pids.max", "TasksMax", convert_pids,
        .flags = FREE_BELOW_0),

    LIMIT("cpu.shares", NUMBER(cpu, shares, U64), CPU, "cpu.shares", "cpu.weight", "CPUWeight", convert_cpu_shares,
        .flags = UNSET_AT_0),
    LIMIT("cpu.period", NUMBER(cpu, period, U64), CPU, "cpu.cfs_period_us", "cpu.max", "CPUQuotaPeriodUSec",
        convert_cpu_period, .flags = UNSET_AT_0),
    LIMIT("cpu.quota", NUMBER(cpu, quota, S64), CPU, "cpu.cfs_quota_us", "cpu.max", "CPUQuotaPerSecUSec",
        convert_cpu_quota, .flags = UNSET_AT_0 | FREE_BELOW_0),
    LIMIT("cpu.burst", NUMBER(cpu, burst, U64), CPU, "cpu.cfs_burst_us", "cpu.max.burst", NULL, convert_number),
    LIMIT("cpu.realtimePeriod", NUMBER(cpu, realtime_period, U64), CPU, "cpu.rt_period_us", NULL, NULL,
        convert_number, .flags = UNSET_AT_0 | ZERO_HOLDS),
    LIMIT("cpu.realtimeRuntime", NUMBER(cpu, realtime_runtime, S64), CPU, "cpu.rt_runtime_us", NULL, NULL,
        convert_number, .flags = ZERO_HOLDS),
    LIMIT("cpu.idle", NUMBER(cpu, idle, S64), CPU, "cpu.idle", "cpu.idle", NULL, convert_number),

    LIMIT("blockIO.weight", NUMBER(block_io, weight, U16), BLKIO, "blkio.weight", "io.weight", "IOWeight", convert_io,
        .flags = UNSET_AT_0),
    LIMIT("blockIO.leafWeight", NUMBER(block_io, leaf_weight, U16), BLKIO, "blkio.leaf_weight", NULL, NULL,
        convert_number, .flags = UNSET_AT_0),
    LIMIT("blockIO.weightDevice", LIST_IN(block_io, weight_device), BLKIO, "blkio.weight_device", "io.weight",
        "IODeviceWeight", convert_io_devices),
    LIMIT("blockIO.throttleReadBpsDevice", LIST_IN(block_io, throttle_read_bps_device), BLKIO,
        "blkio.throttle.read_bps_device", "io.max", "IOReadBandwidthMax", convert_throttles, .word = "rbps"),
    LIMIT("blockIO.throttleWriteBpsDevice", LIST_IN(block_io, throttle_write_bps_device), BLKIO,
        "blkio.throttle.write_bps_device", "io.max", "IOWriteBandwidthMax", convert_throttles, .word = "wbps"),
    LIMIT("blockIO.throttleReadIOPSDevice", LIST_IN(block_io, throttle_read_iops_device), BLKIO,
        "blkio.throttle.read_iops_device", "io.max", "IOReadIOPSMax", convert_throttles, .word = "riops"),
    LIMIT("blockIO.throttleWriteIOPSDevice", LIST_IN(block_io, throttle_write_iops_device), BLKIO,
        "blkio.throttle.write_iops_device", "io.max", "IOWriteIOPSMax", convert_throttles, .word = "wiops"),

    LIMIT("hugepageLimits", LIST_OF(hugepage_limits), HUGETLB, "hugetlb.SIZE.limit_in_bytes", "hugetlb.SIZE.max", NULL,
        convert_hugepages),
    LIMIT("network.classID", NUMBER(network, class_id, U32), NET_CLS, "net_cls.classid", NULL, NULL, convert_number,
        .flags = ZERO_HOLDS),
    LIMIT("network.priorities", LIST_IN(network, priorities), NET_PRIO, "net_prio.ifpriomap", NULL, NULL,
        convert_priorities),
    LIMIT("rdma", LIST_OF(rdma), RDMA, "rdma.max", "rdma.max", NULL, convert_rdma),
    LIMIT("unified", LIST_OF(unified), UNIFIED, NULL, "KEY", NULL, convert_unified),
    LIMIT("devices", LIST_OF(devices), DEVICES, "devices.allow", "bpf", "DeviceAllow", convert_devices),
};
/* clang-format on */

enum { N_ROWS = sizeof rows / sizeof rows[0] };

static const struct limit *const devices_row = &rows[N_ROWS - 1];

const struct limit *limit_rows(size_t *ret_n)
{
    *ret_n = N_ROWS;
    return rows;
}

/* --- reading the structs --- */

static const char *object_of(const struct limit *row, const struct oci_resources *resources)
{
    const char *object = (const void *)resources;

    if (object && row->object != NO_OBJECT)
        memcpy(&object, object + row->object, sizeof object);
    return object;
}

const void *limit_list(const struct limit *row, const struct oci_resources *resources)
{
    return object_of(row, resources) + row->value;
}

const char *limit_text(const struct limit *row, const struct oci_resources *resources)
{
    const char *text;

    memcpy(&text, object_of(row, resources) + row->value, sizeof text);
    return text;
}

int64_t limit_number(const struct limit *row, const struct oci_resources *resources)
{
    const void *at_value = object_of(row, resources) + row->value;

    switch (row->kind) {
    case LIMIT_BOOL:
        return *(const bool *)at_value;
    case LIMIT_U16:
        return *(const uint16_t *)at_value;
    case LIMIT_U32:
        return *(const uint32_t *)at_value;
    default:
        return *(const int64_t *)at_value;
    }
}

bool limit_is_asked(const struct limit *row, const struct oci_resources *resources)
{
    const char *object = object_of(row, resources);
    int64_t n;

    if (object == NULL)
        return false;
    if (row->kind == LIMIT_LIST)
        return *(const size_t *)(const void *)(object + row->value) > 0;
    if (row->kind == LIMIT_TEXT) {
        const char *text = limit_text(row, resources);

        return text && text[0];
    }
    if (!*(const bool *)(object + row->has))
        return false;
    n = limit_number(row, resources);
    return !(row->flags & UNSET_AT_0 && n == 0) && !(row->flags & UNSET_AT_MINUS_1 && n == -1);
}

void limit_copy(const struct limit *row, struct oci_resources *to, const struct oci_resources *from)
{
    static const size_t sizes[] = { [LIMIT_S64] = 8,
                                    [LIMIT_U64] = 8,
                                    [LIMIT_U32] = 4,
                                    [LIMIT_U16] = 2,
                                    [LIMIT_BOOL] = sizeof(bool),
                                    [LIMIT_TEXT] = sizeof(char *) };
    char *object = (char *)object_of(row, to);
    const char *source = object_of(row, from);

    if (object == NULL)
        return;
    if (row->kind != LIMIT_TEXT) /* NULL is none */
        *(bool *)(void *)(object + row->has) = source && *(const bool *)(source + row->has);
    if (source)
        memcpy(object + row->value, source + row->value, sizes[row->kind]);
    else
        memset(object + row->value, 0, sizes[row->kind]);
}

/* Nothing to be written is nothing to fail. */
static bool holds_anyway(const struct limit *row, const struct oci_resources *asked)
{
    return (row->flags & FREE_BELOW_0 && limit_number(row, asked) < 0) ||
           (row->flags & ZERO_HOLDS && limit_number(row, asked) == 0) ||
           (row->flags & ONE_HOLDS && limit_number(row, asked) == 1);
}

const struct limit *limit_first_asked(const struct oci_resources *resources)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (&rows[i] != devices_row && limit_is_asked(&rows[i], resources) &&
            !holds_anyway(&rows[i], resources))
            return &rows[i];
    return NULL;
}

/* --- writing --- */

static int fail_field(const struct writing *w, const struct limit *row, struct error *why)
{
    if (row->convert == convert_unified && w->index >= 0)
        (void)fail_at(why, "linux.resources.unified[\"%s\"]", w->asked->unified.key[w->index]);
    else if (row->convert == convert_rdma && w->index >= 0)
        (void)fail_at(why, "linux.resources.rdma[\"%s\"]", w->asked->rdma.key[w->index]);
    else if (w->index >= 0)
        (void)fail_at(why, "linux.resources.%s[%zd]", row->field, w->index);
    else
        (void)fail_at(why, "linux.resources.%s", row->field);
    return fail_code(why, ERROR_CGROUP);
}

static int fail_missing(const struct writing *w, const struct limit *row,
                        enum controller controller, struct error *why)
{
    bool is_v2 = w->mounted->kind == CGROUP_V2;

    if (is_v2 &&
        delegation_fail(w->cgroup->path, mounted_controller_name(controller, true), why) < 0)
        return fail_field(w, row, why);
    (void)fail(why, 0, "this host has no %s controller for cgroup %s%s",
               mounted_controller_name(controller, is_v2 || row->convert == convert_unified),
               w->cgroup->path,
               row->convert == convert_unified && !is_v2 ? " in its v2 hierarchy" : "");
    (void)fail_hint(why, "%s",
                    is_v2 ? "see cgroup.controllers and cgroup.subtree_control of the cgroups above"
                          : "see " MOUNTED_AT " for what is mounted");
    (void)fail_field(w, row, why);
    return fail_code(why, ERROR_UNSUPPORTED);
}

static int fail_write(const struct writing *w, const struct limit *row, int number,
                      struct error *why)
{
    char path[MOUNTED_PATH_MAX] = "";

    if (w->hierarchy)
        (void)mounted_path(path, w->hierarchy, w->cgroup->path);
    (void)fail(why, w->reason[0] ? 0 : number, "write \"%s\" to %s/%s%s%s", w->value, path, w->file,
               w->reason[0] ? ": " : "", w->reason);
    if (number == EBUSY && row->controller == CONTROLLER_MEMORY)
        (void)fail_hint(why, "the container uses more than that already");
    if (number == ENOENT)
        (void)fail_hint(why, "this kernel, or this hierarchy, has no such file");
    return fail_field(w, row, why);
}

bool limit_is_for_v1(const struct limit *row, const struct oci_resources *asked)
{
    return row->v2 == NULL && !holds_anyway(row, asked);
}

enum outcome { DONE, LATER, FAILED };

static enum outcome apply(struct writing *w, const struct limit *row, bool is_last_try,
                          struct error *why)
{
    w->index = -1;
    w->reason[0] = 0;
    w->missing = CONTROLLERS;
    /* v2 has no devices controller: a program on the cgroup does its work. */
    if (!writing_locate(w, row == devices_row && !mounted_find(w->mounted, row->controller)
                               ? CONTROLLER_UNIFIED
                               : row->controller)) {
        if (holds_anyway(row, w->asked))
            return DONE;
        return fail_missing(w, row, row->controller, why), FAILED;
    }
    if (w->is_v2 && row->v2 == NULL) {
        if (!limit_is_for_v1(row, w->asked))
            return DONE;
        (void)fail(why, 0, "has no counterpart in cgroup v2");
        (void)fail_field(w, row, why);
        return fail_code(why, ERROR_UNSUPPORTED), FAILED;
    }
    if (row->convert(w, row) == 0)
        return DONE;

    int number = errno;

    if (row->flags & IF_CAN && (number == EOPNOTSUPP || number == ENOENT || number == EINVAL)) {
        if (w->log)
            log_warning(w->log, "linux.resources.%s: not set: this kernel no longer has it",
                        row->field);
        return DONE;
    }
    if (number == ENOENT && holds_anyway(row, w->asked))
        return DONE;
    if (w->missing != CONTROLLERS)
        return fail_missing(w, row, w->missing, why), FAILED;
    if (!is_last_try && !w->reason[0] && (number == EINVAL || number == EBUSY))
        return LATER;
    return fail_write(w, row, number, why), FAILED;
}

static bool is_wanted(const struct limit *row, const struct writing *w, bool devices)
{
    return row == devices_row ? devices : limit_is_asked(row, w->asked);
}

/* Rows of ROWS that are refused only for now stay in *LATE. */
static int apply_rows(struct writing *w, uint64_t rows_at_hand, bool is_last_try, uint64_t *late,
                      struct error *why)
{
    *late = 0;
    for (size_t i = 0; i < N_ROWS; i++) {
        if (!(rows_at_hand >> i & 1))
            continue;
        switch (apply(w, &rows[i], is_last_try, why)) {
        case FAILED:
            return -1;
        case LATER:
            *late |= UINT64_C(1) << i;
            break;
        case DONE:
            break;
        }
    }
    return 0;
}

static int apply_all(struct writing *w, bool devices, struct error *why)
{
    uint64_t at_hand = 0, late;

    for (size_t i = 0; i < N_ROWS; i++)
        at_hand |= (uint64_t)is_wanted(&rows[i], w, devices) << i;
    /* Three limits that bound each other may need a third round. */
    for (;; at_hand = late) {
        if (apply_rows(w, at_hand, false, &late, why) < 0)
            return -1;
        if (late == at_hand)
            return apply_rows(w, at_hand, true, &late, why);
    }
}

static const struct oci_resources nothing = { 0 };

int resources_limit(const struct cgroup *cgroup, const struct oci_resources *resources,
                    bool devices, const struct log *log, struct error *why)
{
    struct writing w;
    int rc;

    writing_begin(&w, cgroup, resources ? resources : &nothing);
    w.log = log;
    rc = apply_all(&w, devices, why);
    writing_end(&w);
    return rc;
}

int resources_rehearse(struct writing *w, bool devices, struct error *why)
{
    return apply_all(w, devices, why);
}

void cgroup_explain(const struct cgroup *cgroup, const struct oci_resources *resources,
                    cgroup_print *print, void *context)
{
    struct writing w;
    struct error why;

    if (cgroup->manager == CGROUP_DISABLED)
        return;
    writing_begin(&w, cgroup, resources ? resources : &nothing);
    w.print = print;
    w.context = context;
    if (apply_all(&w, true, &why) < 0)
        print(context, why.pointer, why.text);
    writing_end(&w);
}
