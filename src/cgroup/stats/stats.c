// SPDX-License-Identifier: Apache-2.0
/* Which statistic is in which file: the table, and the walk over it. */
#include "cgroup/stats/stats.h"
#include "arena.h"
#include "base/own.h"
#include "cgroup/driver.h"
#include "cgroup/stats/formats.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* All objects of the answer but those of lists: what stays empty is absent. */
struct answer {
    struct oci_stats all;
    struct oci_stats_cpu cpu;
    struct oci_stats_cpu_usage usage;
    struct oci_stats_throttling throttling;
    struct oci_stats_cpuset cpuset;
    struct oci_stats_memory memory;
    struct oci_stats_memory_entry memory_usage, swap, kernel, kernel_tcp;
    struct oci_stats_pids pids;
    struct oci_stats_blkio blkio;
    struct oci_stats_rdma rdma;
};

/* Of several rows of a member the first that the kernel answers wins. */
struct row {
    size_t at;  /* of the member in struct answer */
    size_t has; /* of its has_ flag; 0 where a list or pointer itself shows absence */
    enum controller controller;
    struct stats_source v1, v2;
};

/* USER_HZ is 100 on every machine but alpha. */
enum { TICK_NS = 1000000000 / 100, USEC_NS = 1000 };

/* clang-format off */
#define NUMBER(object, member) offsetof(struct answer, object.member), offsetof(struct answer, object.has_##member)
#define WHOLE(object, member)  offsetof(struct answer, object.member), 0
#define STAT(what, controller_, v1_, v2_) { what, CONTROLLER_##controller_, v1_, v2_ }
#define READ(name, reader) { .file = name, .read = stats_##reader }
#define NONE { 0 }
#define IS(name) READ(name, number)
#define KEY(name, word, times) { .file = name, .read = stats_keyed, .key = word, .scale = times }
#define PART(name, reader, word) { .file = name, .read = stats_##reader, .key = word }

/* Rows of one file stand together: it is read once. cgroup.rst and the v1 files' own pages of the kernel tell the formats.
   member, controller, v1 file, v2 file */
static const struct row rows[] = {
    STAT(NUMBER(usage, total), CPUACCT, IS("cpuacct.usage"), KEY("cpu.stat", "usage_usec", USEC_NS)),
    STAT(NUMBER(usage, user), CPUACCT, KEY("cpuacct.stat", "user", TICK_NS), KEY("cpu.stat", "user_usec", USEC_NS)),
    STAT(NUMBER(usage, kernel), CPUACCT, KEY("cpuacct.stat", "system", TICK_NS), KEY("cpu.stat", "system_usec", USEC_NS)),
    STAT(NUMBER(throttling, periods), CPU, KEY("cpu.stat", "nr_periods", 1), KEY("cpu.stat", "nr_periods", 1)),
    STAT(NUMBER(throttling, throttled_periods), CPU, KEY("cpu.stat", "nr_throttled", 1), KEY("cpu.stat", "nr_throttled", 1)),
    STAT(NUMBER(throttling, throttled_time), CPU,
        KEY("cpu.stat", "throttled_time", 1), KEY("cpu.stat", "throttled_usec", USEC_NS)),
    STAT(WHOLE(usage, percpu), CPUACCT, READ("cpuacct.usage_percpu", sequence), NONE),
    STAT(WHOLE(usage, percpu_user), CPUACCT, PART("cpuacct.usage_all", column, "user"), NONE),
    STAT(WHOLE(usage, percpu_kernel), CPUACCT, PART("cpuacct.usage_all", column, "system"), NONE),
    STAT(WHOLE(cpu, psi), UNIFIED, NONE, READ("cpu.pressure", pressure)),

    STAT(WHOLE(cpuset, cpus), CPUSET, READ("cpuset.cpus", ranges), READ("cpuset.cpus.effective", ranges)),
    STAT(WHOLE(cpuset, mems), CPUSET, READ("cpuset.mems", ranges), READ("cpuset.mems.effective", ranges)),
    STAT(NUMBER(cpuset, cpu_exclusive), CPUSET, IS("cpuset.cpu_exclusive"), NONE),
    STAT(NUMBER(cpuset, mem_hardwall), CPUSET, IS("cpuset.mem_hardwall"), NONE),
    STAT(NUMBER(cpuset, mem_exclusive), CPUSET, IS("cpuset.mem_exclusive"), NONE),
    STAT(NUMBER(cpuset, memory_migrate), CPUSET, IS("cpuset.memory_migrate"), NONE),
    STAT(NUMBER(cpuset, memory_spread_page), CPUSET, IS("cpuset.memory_spread_page"), NONE),
    STAT(NUMBER(cpuset, memory_spread_slab), CPUSET, IS("cpuset.memory_spread_slab"), NONE),
    STAT(NUMBER(cpuset, memory_pressure), CPUSET, IS("cpuset.memory_pressure"), NONE),
    STAT(NUMBER(cpuset, sched_load_balance), CPUSET, IS("cpuset.sched_load_balance"), NONE),
    STAT(NUMBER(cpuset, sched_relax_domain_level), CPUSET, IS("cpuset.sched_relax_domain_level"), NONE),

    STAT(WHOLE(memory, raw), MEMORY, READ("memory.stat", keyed_all), READ("memory.stat", keyed_all)),
    STAT(NUMBER(memory, cache), MEMORY, KEY("memory.stat", "cache", 1), KEY("memory.stat", "file", 1)),
    STAT(NUMBER(kernel, usage), MEMORY, IS("memory.kmem.usage_in_bytes"), KEY("memory.stat", "kernel", 1)),
    STAT(NUMBER(kernel, limit), MEMORY, IS("memory.kmem.limit_in_bytes"), NONE),
    STAT(NUMBER(kernel, max), MEMORY, IS("memory.kmem.max_usage_in_bytes"), NONE),
    STAT(NUMBER(kernel, failcnt), MEMORY, IS("memory.kmem.failcnt"), NONE),
    STAT(NUMBER(kernel_tcp, usage), MEMORY, IS("memory.kmem.tcp.usage_in_bytes"), KEY("memory.stat", "sock", 1)),
    STAT(NUMBER(kernel_tcp, limit), MEMORY, IS("memory.kmem.tcp.limit_in_bytes"), NONE),
    STAT(NUMBER(kernel_tcp, max), MEMORY, IS("memory.kmem.tcp.max_usage_in_bytes"), NONE),
    STAT(NUMBER(kernel_tcp, failcnt), MEMORY, IS("memory.kmem.tcp.failcnt"), NONE),
    STAT(NUMBER(memory_usage, usage), MEMORY, IS("memory.usage_in_bytes"), IS("memory.current")),
    STAT(NUMBER(memory_usage, limit), MEMORY, IS("memory.limit_in_bytes"), IS("memory.max")),
    STAT(NUMBER(memory_usage, max), MEMORY, IS("memory.max_usage_in_bytes"), IS("memory.peak")), /* v2: Linux 5.19 */
    STAT(NUMBER(memory_usage, failcnt), MEMORY, IS("memory.failcnt"), KEY("memory.events", "max", 1)),
    STAT(NUMBER(swap, usage), MEMORY, IS("memory.memsw.usage_in_bytes"), IS("memory.swap.current")),
    STAT(NUMBER(swap, limit), MEMORY, IS("memory.memsw.limit_in_bytes"), IS("memory.swap.max")),
    STAT(NUMBER(swap, max), MEMORY, IS("memory.memsw.max_usage_in_bytes"), NONE),
    STAT(NUMBER(swap, failcnt), MEMORY, IS("memory.memsw.failcnt"), NONE),
    STAT(WHOLE(memory, psi), UNIFIED, NONE, READ("memory.pressure", pressure)),

    STAT(NUMBER(pids, current), PIDS, IS("pids.current"), IS("pids.current")),
    STAT(NUMBER(pids, limit), PIDS, READ("pids.max", limit), READ("pids.max", limit)),

    STAT(WHOLE(blkio, io_service_bytes_recursive), BLKIO,
        READ("blkio.bfq.io_service_bytes_recursive", devices), PART("io.stat", io, "bytes")),
    STAT(WHOLE(blkio, io_serviced_recursive), BLKIO,
        READ("blkio.bfq.io_serviced_recursive", devices), PART("io.stat", io, "ios")),
    STAT(WHOLE(blkio, io_service_bytes_recursive), BLKIO, READ("blkio.throttle.io_service_bytes_recursive", devices), NONE),
    STAT(WHOLE(blkio, io_serviced_recursive), BLKIO, READ("blkio.throttle.io_serviced_recursive", devices), NONE),
    STAT(WHOLE(blkio, io_queue_recursive), BLKIO, READ("blkio.bfq.io_queued_recursive", devices), NONE),
    STAT(WHOLE(blkio, io_service_time_recursive), BLKIO, READ("blkio.bfq.io_service_time_recursive", devices), NONE),
    STAT(WHOLE(blkio, io_wait_time_recursive), BLKIO, READ("blkio.bfq.io_wait_time_recursive", devices), NONE),
    STAT(WHOLE(blkio, io_merged_recursive), BLKIO, READ("blkio.bfq.io_merged_recursive", devices), NONE),
    STAT(WHOLE(blkio, io_time_recursive), BLKIO, READ("blkio.bfq.time_recursive", devices), NONE),
    STAT(WHOLE(blkio, sectors_recursive), BLKIO, READ("blkio.bfq.sectors_recursive", devices), NONE),
    STAT(WHOLE(blkio, psi), UNIFIED, NONE, READ("io.pressure", pressure)),

    STAT(WHOLE(rdma, rdma_limit), RDMA, READ("rdma.max", rdma), READ("rdma.max", rdma)),
    STAT(WHOLE(rdma, rdma_current), RDMA, READ("rdma.current", rdma), READ("rdma.current", rdma)),
};

/* Which object hangs where, the inner ones first: an object in which nothing is stays absent. */
#define LINK(parent, member, child) \
    { offsetof(struct answer, parent.member), offsetof(struct answer, child), sizeof ((struct answer *)0)->child }
static const struct link {
    size_t from, to, size;
} links[] = {
    LINK(cpu, usage, usage), LINK(cpu, throttling, throttling), LINK(all, cpu, cpu),
    LINK(all, cpuset, cpuset),
    LINK(memory, usage, memory_usage), LINK(memory, swap, swap), LINK(memory, kernel, kernel),
    LINK(memory, kernel_tcp, kernel_tcp), LINK(all, memory, memory),
    LINK(all, pids, pids), LINK(all, blkio, blkio), LINK(all, rdma, rdma),
};
/* clang-format on */

static bool is_empty(const char *object, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (object[i])
            return false;
    return true;
}

static void link_objects(char *answer)
{
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        const char *object = answer + links[i].to;

        if (!is_empty(object, links[i].size))
            memcpy(answer + links[i].from, &object, sizeof object);
    }
}

/* The file read last, because many rows share one. */
struct reading {
    int fd;
    const char *file;
    const char *text;
};

static const char *text_of(struct reading *last, int fd, const char *file, struct arena *arena)
{
    if (last->file == NULL || last->fd != fd || strcmp(last->file, file) != 0)
        *last = (struct reading){ fd, file, stats_text(fd, file, arena) };
    return last->text;
}

static void read_row(char *answer, const struct row *row, const struct stats_folder *folder,
                     struct reading *last, struct arena *arena)
{
    const struct stats_source *source = folder->is_v2 ? &row->v2 : &row->v1;
    const char *text;
    size_t first; /* of a list its length, or a pointer */

    if (folder->fd < 0 || source->file == NULL)
        return;
    memcpy(&first, answer + row->at, sizeof first);
    if (row->has ? answer[row->has] : first != 0)
        return;
    text = text_of(last, folder->fd, source->file, arena);
    if (text && source->read(text, source, answer + row->at, arena) && row->has)
        answer[row->has] = true;
}

/* v1 counts memory and swap together, v2 counts swap alone. */
static void add_memory_to_swap(struct oci_stats_memory_entry *swap,
                               const struct oci_stats_memory_entry *memory)
{
    if (swap->has_usage)
        swap->usage += memory->usage;
    if (swap->has_limit && swap->limit != UINT64_MAX)
        swap->limit =
            memory->limit < UINT64_MAX - swap->limit ? swap->limit + memory->limit : UINT64_MAX;
}

const struct oci_stats *stats_gather(const struct stats_folder folders[CONTROLLERS],
                                     struct arena *arena)
{
    struct answer *answer = arena_alloc(arena, sizeof *answer);
    struct reading last = { .fd = -1 };

    if (answer == NULL)
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        read_row((char *)answer, &rows[i], &folders[rows[i].controller], &last, arena);
    if (folders[CONTROLLER_MEMORY].is_v2)
        add_memory_to_swap(&answer->swap, &answer->memory_usage);
    (void)stats_hugetlb_read(&folders[CONTROLLER_HUGETLB], &answer->all.hugetlb, arena);
    link_objects((char *)answer);
    return &answer->all;
}

/* --- of a container --- */

/* FDS: one a hierarchy; how many could be opened. */
static size_t open_folders(const struct cgroup *cgroup, struct stats_folder ret[CONTROLLERS],
                           int fds[CONTROLLERS])
{
    struct mounted room;
    const struct mounted *mounted = mounted_of(cgroup, &room);
    size_t opened = 0;

    for (size_t i = 0; i < mounted->n; i++) {
        fds[i] = cgroupfs_open(cgroup, &mounted->at[i]);
        opened += fds[i] >= 0;
    }
    for (enum controller slot = 0; slot < CONTROLLERS; slot++) {
        const struct hierarchy *hierarchy = mounted_find_or_v2(mounted, slot);

        ret[slot].fd = hierarchy ? fds[hierarchy - mounted->at] : -1;
        ret[slot].is_v2 = hierarchy && hierarchy->is_v2;
    }
    return opened;
}

int stats_check(const struct cgroup *cgroup, struct error *why)
{
    if (cgroup->path && cgroup->path[0])
        return 0;
    (void)fail(why, 0, "read its statistics: this container has no cgroup");
    (void)fail_hint(why, "create it without --cgroup-manager disabled, and as a user who may make "
                         "cgroups");
    return fail_code(why, ERROR_CGROUP);
}

const struct oci_stats *stats_read(const struct cgroup *cgroup, struct arena *arena,
                                   struct error *why)
{
    struct stats_folder folders[CONTROLLERS];
    int fds[CONTROLLERS];
    const struct oci_stats *stats;

    if (stats_check(cgroup, why) < 0)
        return NULL;
    memset(fds, -1, sizeof fds);
    if (open_folders(cgroup, folders, fds) == 0) {
        (void)fail(why, errno, "open cgroup %s", cgroup->path);
        (void)fail_code(why, ERROR_CGROUP);
        return NULL;
    }
    stats = stats_gather(folders, arena);
    if (stats == NULL)
        (void)fail(why, ENOMEM, "read the statistics of cgroup %s", cgroup->path);
    for (size_t i = 0; i < CONTROLLERS; i++)
        close_fd(&fds[i]);
    return stats;
}
