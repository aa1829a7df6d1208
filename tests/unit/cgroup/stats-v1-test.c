// SPDX-License-Identifier: Apache-2.0
/* Statistics of cgroup v1: the formats of Documentation/admin-guide/cgroup-v1. */
#include "stats-folder.h"

static const struct sample files[] = {
    { "cpuacct.usage", "9617831\n" },
    { "cpuacct.stat", "user 3\nsystem 41\n" },
    { "cpuacct.usage_percpu", "8449222 1168609 \n" },
    { "cpuacct.usage_all", "cpu user system\n0 4000000 11\n1 0 22\n" },
    { "cpu.stat", "nr_periods 5\nnr_throttled 2\nthrottled_time 1234567\n" },
    { "cpuset.cpus", "0,4-5\n" },
    { "cpuset.mems", "0\n" },
    { "cpuset.sched_load_balance", "1\n" },
    { "cpuset.sched_relax_domain_level", "-1\n" },
    { "memory.stat", "cache 12\nrss 9223372036854771712\n" },
    { "memory.usage_in_bytes", "987136\n" },
    { "memory.max_usage_in_bytes", "2797568\n" },
    { "memory.limit_in_bytes", "33554432\n" },
    { "memory.failcnt", "6\n" },
    { "memory.memsw.usage_in_bytes", "987137\n" },
    { "memory.memsw.limit_in_bytes", "9223372036854771712\n" },
    { "memory.kmem.tcp.failcnt", "0\n" },
    { "pids.current", "1\n" },
    { "pids.max", "20\n" },
    { "blkio.throttle.io_service_bytes_recursive",
      "8:0 Read 4096\n8:0 Write 0\n8:0 Total 4096\nTotal 4096\n" },
    { "blkio.bfq.io_serviced_recursive", "8:16 Read 3\nTotal 3\n" },
    { "blkio.throttle.io_serviced_recursive", "8:16 Read 99\nTotal 99\n" },
    { "blkio.bfq.sectors_recursive", "8:16 77\n" },
    { "hugetlb.1GB.usage_in_bytes", "0\n" },
    { "hugetlb.1GB.max_usage_in_bytes", "1073741824\n" },
    { "hugetlb.1GB.failcnt", "1\n" },
    { "hugetlb.1GB.rsvd.usage_in_bytes", "0\n" },
};
enum { N_FILES = sizeof files / sizeof files[0] };

static void each_controller(void)
{
    gathers(ONLY(CPUACCT) | ONLY(CPU), false,
            "\"cpu\":{\"usage\":{\"total\":9617831,\"percpu\":[8449222,1168609],"
            "\"percpu_kernel\":[11,22],\"percpu_user\":[4000000,0],"
            "\"kernel\":410000000,\"user\":30000000},"
            "\"throttling\":{\"periods\":5,\"throttledPeriods\":2,\"throttledTime\":1234567}}",
            "ticks become nanoseconds, columns become lists");
    gathers(ONLY(CPUSET), false,
            "\"cpuset\":{\"cpus\":[0,4,5],\"mems\":[0],\"sched_load_balance\":1,"
            "\"sched_relax_domain_level\":-1}",
            "cpusets, with a number below 0");
    gathers(ONLY(MEMORY), false,
            "\"memory\":{\"cache\":12,"
            "\"usage\":{\"limit\":33554432,\"usage\":987136,\"max\":2797568,\"failcnt\":6},"
            "\"swap\":{\"limit\":9223372036854771712,\"usage\":987137},"
            "\"kernelTCP\":{\"failcnt\":0},"
            "\"raw\":{\"cache\":12,\"rss\":9223372036854771712}}",
            "memory and swap are not added twice, and 64 bits are exact");
    gathers(ONLY(PIDS), false, "\"pids\":{\"current\":1,\"limit\":20}", "pids");
    gathers(ONLY(BLKIO), false,
            "\"blkio\":{\"ioServiceBytesRecursive\":["
            "{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":4096},"
            "{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":0},"
            "{\"major\":8,\"minor\":0,\"op\":\"Total\",\"value\":4096}],"
            "\"ioServicedRecursive\":[{\"major\":8,\"minor\":16,\"op\":\"Read\",\"value\":3}],"
            "\"sectorsRecursive\":[{\"major\":8,\"minor\":16,\"value\":77}]}",
            "bfq comes before throttle, and the sum of all devices is no device");
    gathers(ONLY(HUGETLB), false,
            "\"hugetlb\":{\"1GB\":{\"usage\":0,\"max\":1073741824,\"failcnt\":1}}", "huge pages");
    gathers(ONLY(UNIFIED), false, "", "v1 knows no pressure");
}

int main(void)
{
    make_sample(files, N_FILES);
    each_controller();
    remove_sample(files, N_FILES);
    return done_testing();
}
