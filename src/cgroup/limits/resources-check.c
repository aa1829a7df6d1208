// SPDX-License-Identifier: Apache-2.0
/* What can be refused in linux.resources before anything is touched. */
#include "base/text.h"
#include "cgroup/limits/conversions.h"
#include "cgroup/limits/resources.h"

#include <inttypes.h>
#include <string.h>

#define POINTER "linux.resources."

/* -1 is no limit. What less would be the spec does not say: a slip of whoever wrote it. */
static void check_signed(const char *field, bool has, int64_t n, struct problems *all)
{
    if (has && n < -1)
        refuse(all, at(POINTER "%s", field),
               "%" PRId64 " is neither -1, which is no limit, nor in 0 to %" PRId64, n, INT64_MAX);
}

/* v1 counts memory and swap together, and can limit both only where memory is limited; v2 counts
   swap alone. */
static bool is_above_swap(const struct oci_memory *memory, enum cgroup_hierarchy hierarchy)
{
    bool is_v1 = hierarchy == CGROUP_V1 || hierarchy == CGROUP_HYBRID;

    return memory->limit < 0 ? is_v1 : memory->swap < memory->limit;
}

static void check_memory(const struct oci_memory *memory, enum cgroup_hierarchy hierarchy,
                         struct problems *all)
{
    check_signed("memory.limit", memory->has_limit, memory->limit, all);
    check_signed("memory.reservation", memory->has_reservation, memory->reservation, all);
    check_signed("memory.swap", memory->has_swap, memory->swap, all);
    check_signed("memory.kernel", memory->has_kernel, memory->kernel, all);
    check_signed("memory.kernelTCP", memory->has_kernel_tcp, memory->kernel_tcp, all);
    if (memory->has_swappiness && memory->swappiness > 100)
        refuse(all, POINTER "memory.swappiness", "%" PRIu64 " is not in 0 to 100",
               memory->swappiness);
    if (memory->has_use_hierarchy && !memory->use_hierarchy)
        refuse(all, POINTER "memory.useHierarchy",
               "false: since Linux 5.11 limits always hold for the cgroups below too");
    if (memory->has_kernel && memory->kernel > 0)
        caution(all, POINTER "memory.kernel",
                "deprecated by the runtime-spec; not set where the kernel no longer has it");
    if (memory->has_kernel_tcp && memory->kernel_tcp > 0)
        caution(all, POINTER "memory.kernelTCP", "deprecated by the runtime-spec");
    if (!memory->has_swap || memory->swap <= 0)
        return;
    if (!memory->has_limit || memory->limit == 0)
        refuse(all, POINTER "memory.swap",
               "counts memory and swap together, so it needs memory.limit");
    else if (is_above_swap(memory, hierarchy))
        refuse(all, POINTER "memory.swap",
               "%" PRId64 " counts memory and swap together, so it cannot be below memory.limit",
               memory->swap);
}

static void check_cpu(const struct oci_cpu *cpu, struct problems *all)
{
    check_signed("cpu.quota", cpu->has_quota, cpu->quota, all);
    check_signed("cpu.realtimeRuntime", cpu->has_realtime_runtime, cpu->realtime_runtime, all);
    if (cpu->has_idle && cpu->idle != 0 && cpu->idle != 1)
        refuse(all, POINTER "cpu.idle", "%" PRId64 " is neither 0 nor 1", cpu->idle);
    if (cpu->has_burst && cpu->has_quota && cpu->quota > 0 && cpu->burst > (uint64_t)cpu->quota)
        refuse(all, POINTER "cpu.burst", "%" PRIu64 " is above the quota of %" PRId64, cpu->burst,
               cpu->quota);
    if (cpu->has_realtime_runtime && cpu->has_realtime_period && cpu->realtime_period &&
        cpu->realtime_runtime > 0 && (uint64_t)cpu->realtime_runtime > cpu->realtime_period)
        refuse(all, POINTER "cpu.realtimeRuntime", "is above the realtimePeriod of %" PRIu64,
               cpu->realtime_period);
}

static void check_weight(const char *pointer, unsigned weight, struct problems *all)
{
    if (weight != 0 && (weight < 10 || weight > 1000))
        refuse(all, pointer, "%u is not in 10 to 1000", weight);
}

/* What the kernel has bits for. It would take greater ones for another device's, or for all. */
enum { MAJOR_MAX = 0xfff, MINOR_MAX = 0xfffff };

static bool is_device(int64_t major, int64_t minor)
{
    return major >= 0 && minor >= 0 && major <= MAJOR_MAX && minor <= MINOR_MAX;
}

static void check_throttles(const char *name, const struct oci_throttle_device_list *list,
                            struct problems *all)
{
    for (size_t i = 0; i < list->n; i++)
        if (!is_device(list->at[i].major, list->at[i].minor))
            refuse(all, at(POINTER "blockIO.%s[%zu]", name, i),
                   "%" PRId64 ":%" PRId64 " is no device number", list->at[i].major,
                   list->at[i].minor);
}

static void check_block_io(const struct oci_block_io *io, struct problems *all)
{
    if (io->has_weight)
        check_weight(POINTER "blockIO.weight", io->weight, all);
    if (io->has_leaf_weight)
        check_weight(POINTER "blockIO.leafWeight", io->leaf_weight, all);
    for (size_t i = 0; i < io->weight_device.n; i++) {
        const struct oci_weight_device *item = &io->weight_device.at[i];

        if (!is_device(item->major, item->minor))
            refuse(all, at(POINTER "blockIO.weightDevice[%zu]", i),
                   "%" PRId64 ":%" PRId64 " is no device number", item->major, item->minor);
        if (!item->has_weight && !item->has_leaf_weight)
            refuse(all, at(POINTER "blockIO.weightDevice[%zu]", i),
                   "needs a weight or a leafWeight");
        if (item->has_weight)
            check_weight(at(POINTER "blockIO.weightDevice[%zu].weight", i), item->weight, all);
        if (item->has_leaf_weight)
            check_weight(at(POINTER "blockIO.weightDevice[%zu].leafWeight", i), item->leaf_weight,
                         all);
    }
    check_throttles("throttleReadBpsDevice", &io->throttle_read_bps_device, all);
    check_throttles("throttleWriteBpsDevice", &io->throttle_write_bps_device, all);
    check_throttles("throttleReadIOPSDevice", &io->throttle_read_iops_device, all);
    check_throttles("throttleWriteIOPSDevice", &io->throttle_write_iops_device, all);
}

/* Names go into lines of kernel files: they must not make words or lines of their own. */
static bool is_one_word(const char *name)
{
    return name[0] && name[strcspn(name, " \t\n=")] == 0;
}

static void check_lists(const struct oci_resources *resources, struct problems *all)
{
    const struct oci_network *network = resources->network;

    for (size_t i = 0; i < resources->hugepage_limits.n; i++) {
        const char *size = resources->hugepage_limits.at[i].page_size;

        if (!convert_page_size_is_valid(size))
            refuse(all, at(POINTER "hugepageLimits[%zu].pageSize", i),
                   "\"%s\" is not a number with KB, MB, GB or TB, as in \"2MB\"", size);
    }
    for (size_t i = 0; network && i < network->priorities.n; i++)
        if (!is_one_word(network->priorities.at[i].name))
            refuse(all, at(POINTER "network.priorities[%zu].name", i),
                   "\"%s\" is no interface name", network->priorities.at[i].name);
    for (size_t i = 0; i < resources->rdma.n; i++) {
        const char *name = resources->rdma.key[i];
        const struct oci_rdma *item = &resources->rdma.at[i];

        if (!is_one_word(name))
            refuse(all, POINTER "rdma", "\"%s\" is no device name", name);
        if (!item->has_hca_handles && !item->has_hca_objects)
            refuse(all, at(POINTER "rdma[\"%s\"]", name), "needs hcaHandles or hcaObjects");
    }
    for (size_t i = 0; i < resources->unified.n; i++) {
        const char *key = resources->unified.key[i];

        if (strchr(key, '/') || strchr(key, '.') == NULL || key[0] == '.')
            refuse(all, at(POINTER "unified[\"%s\"]", key),
                   "is no cgroup v2 file, such as \"memory.high\"");
        else if (resources->unified.at[i][0] == 0 && !text_starts(key, "cpuset."))
            refuse(all, at(POINTER "unified[\"%s\"]", key), "is empty");
    }
}

static void check_devices(const struct oci_device_rule_list *rules, struct problems *all)
{
    for (size_t i = 0; i < rules->n; i++) {
        const struct oci_device_rule *rule = &rules->at[i];

        if (rule->has_type && rule->type == OCI_DEVICE_RULE_TYPE_P)
            refuse(all, at(POINTER "devices[%zu].type", i), "p: a fifo is no device");
        if (rule->access && rule->access[strspn(rule->access, "rwm")])
            refuse(all, at(POINTER "devices[%zu].access", i), "\"%s\" is not made of r, w and m",
                   rule->access);
        if ((rule->has_major && (rule->major < -1 || rule->major > MAJOR_MAX)) ||
            (rule->has_minor && (rule->minor < -1 || rule->minor > MINOR_MAX)))
            refuse(all, at(POINTER "devices[%zu]", i),
                   "%" PRId64 ":%" PRId64 " is no device number", rule->major, rule->minor);
    }
}

/* What one hierarchy has and the other one lacks. */
static void check_files(const struct oci_resources *resources, enum cgroup_hierarchy hierarchy,
                        struct problems *all)
{
    size_t n;
    const struct limit *rows = limit_rows(&n);

    for (size_t i = 0; i < n; i++) {
        const struct limit *row = &rows[i];

        if (!limit_is_asked(row, resources))
            continue;
        if (hierarchy == CGROUP_V2 && limit_is_for_v1(row, resources))
            refuse(all, at(POINTER "%s", row->field), "has no counterpart in cgroup v2");
        if (hierarchy == CGROUP_V1 && row->v1 == NULL)
            refuse(all, at(POINTER "%s", row->field), "needs cgroup v2, this host has v1 only");
    }
    for (size_t i = 0;
         hierarchy == CGROUP_V2 && resources->block_io && i < resources->block_io->weight_device.n;
         i++) {
        const struct oci_weight_device *item = &resources->block_io->weight_device.at[i];

        if (item->has_leaf_weight && item->leaf_weight)
            refuse(all, at(POINTER "blockIO.weightDevice[%zu].leafWeight", i),
                   "has no counterpart in cgroup v2");
    }
}

void resources_check(const struct oci_resources *resources, enum cgroup_hierarchy hierarchy,
                     struct problems *all)
{
    if (resources->memory)
        check_memory(resources->memory, hierarchy, all);
    if (resources->cpu)
        check_cpu(resources->cpu, all);
    if (resources->block_io)
        check_block_io(resources->block_io, all);
    if (resources->pids)
        check_signed("pids.limit", resources->pids->has_limit, resources->pids->limit, all);
    check_lists(resources, all);
    check_devices(&resources->devices, all);
    check_files(resources, hierarchy, all);
}
