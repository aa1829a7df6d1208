// SPDX-License-Identifier: Apache-2.0
/* What each limit of linux.resources (config-linux.md, "Control groups") writes where: on v1 and on
 * v2, on a host that has every controller. */
#include "../tap.h"
#include "arena.h"
#include "cgroup/cgroup.h"
#include "cgroup/mounted.h"
#include "json-decode.h"

#include <stdlib.h>

static struct arena arena;
static char said[2048];

static void note(void *unused, const char *file, const char *value)
{
    size_t used = strlen(said);
    const char *name = strrchr(file, '/');

    (void)unused;
    // Device rules, which there always are, have tests of their own.
    if (name && strncmp(name, "/devices.", strlen("/devices.")) != 0)
        (void)snprintf(said + used, sizeof said - used, "%s%s %s", used ? "; " : "", name + 1,
                       value);
}

// A host whose only hierarchy rules everything.
static struct mounted host(bool is_v2)
{
    struct mounted mounted = { .is_known = true, .n = 1, .kind = is_v2 ? CGROUP_V2 : CGROUP_V1 };

    mounted.at[0] =
        (struct hierarchy){ .name = "all", .controllers = (1u << CONTROLLERS) - 1, .is_v2 = is_v2 };
    return mounted;
}

static const char *written(const char *json, bool is_v2)
{
    struct mounted mounted = host(is_v2);
    struct cgroup cgroup = { .hierarchy = mounted.kind, .path = "/web", .mounted = &mounted };
    struct json_error why;
    const struct oci_resources *resources =
        json_decode(&oci_resources_object, json, strlen(json), &arena, &why);

    if (resources == NULL) {
        printf("Bail out! %s: %s in %s\n", why.path, why.text, json);
        exit(1);
    }
    said[0] = 0;
    cgroup_explain(&cgroup, resources, note, NULL);
    return said;
}

static void writes(const char *json, const char *v1, const char *v2)
{
    (void)is_str(written(json, false), v1, json);
    if (v2)
        (void)is_str(written(json, true), v2, "  ... and on v2");
}

// NULL for V2 above: what v2 has no file for MUST be refused there.
static void only_v1(const char *json, const char *v1, const char *pointer)
{
    char text[512];
    autoproblems struct problems all = { 0 };
    struct json_error why;
    const struct oci_config *spec;

    writes(json, v1, NULL);
    (void)snprintf(text, sizeof text, "{\"ociVersion\":\"1.3.0\",\"linux\":{\"resources\":%s}}",
                   json);
    spec = json_decode(&oci_config_object, text, strlen(text), &arena, &why);
    cgroup_check(spec, CGROUP_V2, &all);
    (void)(is_int((intmax_t)all.errors, 1, "  ... and v2 refuses it") &&
           is_str(all.at[0].pointer, pointer, "  ... by name"));
}

// config-linux.md, "Memory"; on v1 swap counts memory and swap together, on v2 only swap.
// spec: linux.resources.memory.limit linux.resources.memory.swap linux.resources.memory.reservation
static void memory_limits_go_to_their_files(void)
{
    writes("{\"memory\":{\"limit\":4096000,\"reservation\":2048000}}",
           "memory.limit_in_bytes 4096000; memory.soft_limit_in_bytes 2048000",
           "memory.max 4096000; memory.low 2048000");
    writes("{\"memory\":{\"limit\":4096000,\"swap\":6144000}}",
           "memory.limit_in_bytes 4096000; memory.memsw.limit_in_bytes 6144000",
           "memory.max 4096000; memory.swap.max 2048000");
    (void)is_str(written("{\"memory\":{\"limit\":-1,\"swap\":100000000}}", true),
                 "memory.max max; memory.swap.max 100000000", "a limit on swap alone");
    writes("{\"memory\":{\"limit\":-1,\"swap\":-1}}",
           "memory.limit_in_bytes -1; memory.memsw.limit_in_bytes -1",
           "memory.max max; memory.swap.max max");
}

// spec: linux.resources.memory.kernel linux.resources.memory.kernelTCP
// spec: linux.resources.memory.swappiness linux.resources.memory.disableOOMKiller
static void memory_settings_of_v1_are_refused_on_v2(void)
{
    writes("{\"memory\":{\"kernel\":4096}}", "memory.kmem.limit_in_bytes 4096", NULL);
    writes("{\"memory\":{\"kernelTCP\":4096}}", "memory.kmem.tcp.limit_in_bytes 4096", NULL);
    only_v1("{\"memory\":{\"swappiness\":60}}", "memory.swappiness 60",
            "linux.resources.memory.swappiness");
    only_v1("{\"memory\":{\"disableOOMKiller\":true}}", "memory.oom_control 1",
            "linux.resources.memory.disableOOMKiller");
}

// config-linux.md, "CPU"
// spec: linux.resources.cpu.shares linux.resources.cpu.quota linux.resources.cpu.period
// spec: linux.resources.cpu.burst linux.resources.cpu.idle linux.resources.cpu.cpus
// spec: linux.resources.cpu.mems
static void cpu_settings_go_to_their_files(void)
{
    writes("{\"cpu\":{\"shares\":1024}}", "cpu.shares 1024", "cpu.weight 100");
    writes("{\"cpu\":{\"quota\":50000,\"period\":100000}}",
           "cpu.cfs_period_us 100000; cpu.cfs_quota_us 50000", "cpu.max 50000 100000");
    writes("{\"cpu\":{\"burst\":1000}}", "cpu.cfs_burst_us 1000", "cpu.max.burst 1000");
    writes("{\"cpu\":{\"idle\":1}}", "cpu.idle 1", "cpu.idle 1");
    writes("{\"cpu\":{\"cpus\":\"0-1\",\"mems\":\"0\"}}", "cpuset.cpus 0-1; cpuset.mems 0",
           "cpuset.cpus 0-1; cpuset.mems 0");
}

// spec: linux.resources.cpu.realtimeRuntime linux.resources.cpu.realtimePeriod
static void realtime_of_v1_is_refused_on_v2(void)
{
    only_v1("{\"cpu\":{\"realtimeRuntime\":950000}}", "cpu.rt_runtime_us 950000",
            "linux.resources.cpu.realtimeRuntime");
    only_v1("{\"cpu\":{\"realtimePeriod\":1000000}}", "cpu.rt_period_us 1000000",
            "linux.resources.cpu.realtimePeriod");
}

// config-linux.md, "PIDs"
// spec: linux.resources.pids.limit
static void the_pids_limit_0_is_a_limit(void)
{
    writes("{\"pids\":{\"limit\":7}}", "pids.max 7", "pids.max 7");
    writes("{\"pids\":{\"limit\":0}}", "pids.max 0", "pids.max 0");
    writes("{\"pids\":{\"limit\":-1}}", "pids.max max", "pids.max max");
}

// config-linux.md, "Block IO"
// spec: linux.resources.blockIO.weight linux.resources.blockIO.weightDevice.major
// spec: linux.resources.blockIO.weightDevice.minor linux.resources.blockIO.weightDevice.weight
// spec: linux.resources.blockIO.throttle*Device.major linux.resources.blockIO.throttle*Device.minor
// spec: linux.resources.blockIO.throttle*Device.rate
static void block_settings_name_their_device(void)
{
    writes("{\"blockIO\":{\"weight\":500}}", "blkio.weight 500", "io.bfq.weight 500");
    writes("{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":1,\"weight\":300}]}}",
           "blkio.weight_device 8:1 300", "io.bfq.weight 8:1 300");
    writes("{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":11}],"
           "\"throttleWriteBpsDevice\":[{\"major\":8,\"minor\":1,\"rate\":12}]}}",
           "blkio.throttle.read_bps_device 8:0 11; blkio.throttle.write_bps_device 8:1 12",
           "io.max 8:0 rbps=11; io.max 8:1 wbps=12");
    writes("{\"blockIO\":{\"throttleReadIOPSDevice\":[{\"major\":8,\"minor\":2,\"rate\":13}],"
           "\"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":3,\"rate\":14}]}}",
           "blkio.throttle.read_iops_device 8:2 13; blkio.throttle.write_iops_device 8:3 14",
           "io.max 8:2 riops=13; io.max 8:3 wiops=14");
}

// spec: linux.resources.blockIO.leafWeight linux.resources.blockIO.weightDevice.leafWeight
static void leaf_weights_are_refused_on_v2(void)
{
    only_v1("{\"blockIO\":{\"leafWeight\":100}}", "blkio.leaf_weight 100",
            "linux.resources.blockIO.leafWeight");
    only_v1("{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":1,\"leafWeight\":300}]}}",
            "blkio.leaf_weight_device 8:1 300",
            "linux.resources.blockIO.weightDevice[0].leafWeight");
}

// config-linux.md, "Huge page limits", "Network", "RDMA", "Unified"
// spec: linux.resources.hugepageLimits.pageSize linux.resources.hugepageLimits.limit
// spec: linux.resources.rdma.hcaHandles linux.resources.rdma.hcaObjects
static void lists_are_written_entry_by_entry(void)
{
    writes("{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":4194304}]}",
           "hugetlb.2MB.limit_in_bytes 4194304; hugetlb.2MB.rsvd.limit_in_bytes 4194304",
           "hugetlb.2MB.max 4194304; hugetlb.2MB.rsvd.max 4194304");
    writes(
        "{\"rdma\":{\"mlx5_1\":{\"hcaHandles\":3,\"hcaObjects\":9},\"mlx4_0\":{\"hcaObjects\":4}}}",
        "rdma.max mlx5_1 hca_handle=3 hca_object=9; rdma.max mlx4_0 hca_object=4",
        "rdma.max mlx5_1 hca_handle=3 hca_object=9; rdma.max mlx4_0 hca_object=4");
}

// spec: linux.resources.network.classID linux.resources.network.priorities.name
// spec: linux.resources.network.priorities.priority
static void network_classes_of_v1_are_refused_on_v2(void)
{
    only_v1("{\"network\":{\"classID\":1048577}}", "net_cls.classid 1048577",
            "linux.resources.network.classID");
    only_v1("{\"network\":{\"priorities\":[{\"name\":\"eth0\",\"priority\":500}]}}",
            "net_prio.ifpriomap eth0 500", "linux.resources.network.priorities");
}

// spec: linux.resources.unified
static void unified_is_written_as_it_stands(void)
{
    (void)is_str(written("{\"unified\":{\"memory.high\":\"4096\",\"io.cost.qos\":\"a b\"}}", true),
                 "memory.high 4096; io.cost.qos a b", "each key is a file");
    (void)is_str(written("{\"unified\":{\"io.max\":\"8:0 rbps=1\\n8:16 wbps=2\\n\"}}", true),
                 "io.max 8:0 rbps=1; io.max 8:16 wbps=2", "each line is written by itself");
}

// spec: linux.resources.memory.useHierarchy linux.resources.memory.checkBeforeUpdate
static void what_needs_no_file_writes_none(void)
{
    writes("{\"memory\":{\"useHierarchy\":true}}", "", "");
    writes("{\"memory\":{\"checkBeforeUpdate\":true}}", "", "");
}

int main(void)
{
    memory_limits_go_to_their_files();
    memory_settings_of_v1_are_refused_on_v2();
    cpu_settings_go_to_their_files();
    realtime_of_v1_is_refused_on_v2();
    the_pids_limit_0_is_a_limit();
    block_settings_name_their_device();
    leaf_weights_are_refused_on_v2();
    lists_are_written_entry_by_entry();
    network_classes_of_v1_are_refused_on_v2();
    unified_is_written_as_it_stands();
    what_needs_no_file_writes_none();
    arena_free(&arena);
    return done_testing();
}
