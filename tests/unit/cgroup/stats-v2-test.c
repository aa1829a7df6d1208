// SPDX-License-Identifier: Apache-2.0
/* Statistics of cgroup v2: the formats of Documentation/admin-guide/cgroup-v2.rst. */
#include "stats-folder.h"

static const struct sample files[] = {
    { "cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnr_periods 7\n"
                  "nr_throttled 3\nthrottled_usec 42\nnr_bursts 0\nburst_usec 0\n" },
    { "cpu.pressure", "some avg10=1.50 avg60=0.00 avg300=99.99 total=123456\n"
                      "full avg10=0.00 avg60=0.00 avg300=0.00 total=18446744073709551615\n" },
    { "cpuset.cpus.effective", "0-2,5\n" },
    { "cpuset.mems.effective", "\n" },
    { "memory.current", "1000\n" },
    { "memory.max", "4096000\n" },
    { "memory.peak", "2000\n" },
    { "memory.swap.current", "24\n" },
    { "memory.swap.max", "1024\n" },
    { "memory.events", "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n" },
    { "memory.stat", "anon 300\nfile 200\nkernel 100\nsock 17\nfile_mapped 5\n" },
    { "pids.current", "3\n" },
    { "pids.max", "max\n" },
    { "io.stat", "8:0 rbytes=90112 wbytes=1 rios=22 wios=2 dbytes=4 dios=1\n"
                 "253:16 rbytes=7 cost.usage=3 rios=6\n7:0 \n" },
    { "hugetlb.2MB.current", "2097152\n" },
    { "hugetlb.2MB.rsvd.current", "4194304\n" },
    { "hugetlb.2MB.events", "max 5\n" },
    { "rdma.max", "mlx4_0 hca_handle=2 hca_object=max\nocrdma1 hca_handle=3 hca_object=2000\n" },
    { "rdma.current", "mlx4_0 hca_handle=1 hca_object=20\n" },
};
enum { N_FILES = sizeof files / sizeof files[0] };

static void replace(const char *file, const char *text)
{
    int fd = openat(sample_folder, file, O_WRONLY | O_TRUNC | O_CLOEXEC);

    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        perror(file);
    close(fd);
}

static void each_controller(void)
{
    gathers(ONLY(CPUACCT) | ONLY(CPU), true,
            "\"cpu\":{\"usage\":{\"total\":1500000,\"kernel\":500000,\"user\":1000000},"
            "\"throttling\":{\"periods\":7,\"throttledPeriods\":3,\"throttledTime\":42000}}",
            "microseconds become nanoseconds");
    gathers(ONLY(UNIFIED), true,
            "\"cpu\":{\"psi\":{\"some\":{\"avg10\":1.50,\"avg60\":0.00,\"avg300\":99.99,"
            "\"total\":123456},\"full\":{\"avg10\":0.00,\"avg60\":0.00,\"avg300\":0.00,"
            "\"total\":18446744073709551615}}}",
            "pressure keeps its digits, and what has no file is absent");
    gathers(ONLY(CPUSET), true, "\"cpuset\":{\"cpus\":[0,1,2,5]}",
            "ranges are taken apart, an empty list is absent");
    gathers(ONLY(PIDS), true, "\"pids\":{\"current\":3,\"limit\":0}", "no limit of pids is 0");
    gathers(ONLY(BLKIO), true,
            "\"blkio\":{\"ioServiceBytesRecursive\":["
            "{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":90112},"
            "{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":1},"
            "{\"major\":8,\"minor\":0,\"op\":\"Discard\",\"value\":4},"
            "{\"major\":253,\"minor\":16,\"op\":\"Read\",\"value\":7}],"
            "\"ioServicedRecursive\":["
            "{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":22},"
            "{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":2},"
            "{\"major\":8,\"minor\":0,\"op\":\"Discard\",\"value\":1},"
            "{\"major\":253,\"minor\":16,\"op\":\"Read\",\"value\":6}]}",
            "io.stat becomes bytes and operations, what is unknown is left out");
    gathers(ONLY(HUGETLB), true, "\"hugetlb\":{\"2MB\":{\"usage\":2097152,\"failcnt\":5}}",
            "huge pages by size, and reservations are no size");
    gathers(ONLY(RDMA), true,
            "\"rdma\":{\"rdma_limit\":["
            "{\"device\":\"mlx4_0\",\"hca_handles\":2,\"hca_objects\":4294967295},"
            "{\"device\":\"ocrdma1\",\"hca_handles\":3,\"hca_objects\":2000}],\"rdma_current\":["
            "{\"device\":\"mlx4_0\",\"hca_handles\":1,\"hca_objects\":20}]}",
            "rdma by device");
    gathers(0, true, "", "without a controller nothing is told");
}

static const char raw[] = "\"raw\":{\"anon\":300,\"file\":200,\"kernel\":100,\"sock\":17,"
                          "\"file_mapped\":5}";

static void memory_is(const char *usage, const char *swap, const char *name)
{
    char want[1024];

    (void)snprintf(want, sizeof want,
                   "\"memory\":{\"cache\":200,\"usage\":{%s},%s"
                   "\"kernel\":{\"usage\":100},\"kernelTCP\":{\"usage\":17},%s}",
                   usage, swap, raw);
    gathers(ONLY(MEMORY), true, want, name);
}

static void memory(void)
{
    memory_is("\"limit\":4096000,\"usage\":1000,\"max\":2000,\"failcnt\":9",
              "\"swap\":{\"limit\":4097024,\"usage\":1024},", "swap is memory and swap together");
    replace("memory.swap.max", "max\n");
    memory_is("\"limit\":4096000,\"usage\":1000,\"max\":2000,\"failcnt\":9",
              "\"swap\":{\"limit\":18446744073709551615,\"usage\":1024},",
              "unlimited swap stays unlimited");
    replace("memory.swap.max", "1024\n");
    replace("memory.max", "max\n");
    memory_is("\"limit\":18446744073709551615,\"usage\":1000,\"max\":2000,\"failcnt\":9",
              "\"swap\":{\"limit\":18446744073709551615,\"usage\":1024},",
              "limited swap beside unlimited memory is unlimited together");
    (void)unlinkat(sample_folder, "memory.swap.current", 0);
    (void)unlinkat(sample_folder, "memory.swap.max", 0);
    (void)unlinkat(sample_folder, "memory.peak", 0);
    memory_is("\"limit\":18446744073709551615,\"usage\":1000,\"failcnt\":9", "",
              "an older kernel's missing files are absent");
    replace("memory.current", "nonsense\n");
    replace("memory.events", "maximum 3\n");
    memory_is("\"limit\":18446744073709551615", "", "what is no number is absent");
}

int main(void)
{
    make_sample(files, N_FILES);
    each_controller();
    memory();
    remove_sample(files, N_FILES);
    return done_testing();
}
