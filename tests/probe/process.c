// SPDX-License-Identifier: Apache-2.0
// The probes of what a process is: identity, capabilities, limits, scheduling, confinement.
#include "probe.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

extern char **environ;

int probe_args(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("arg %d %s\n", i, argv[i]);
    return 0;
}

int probe_env(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (char **variable = environ; *variable; variable++)
        puts(*variable);
    return 0;
}

int probe_cwd(int argc, char **argv)
{
    char path[PATH_MAX];

    (void)argc;
    (void)argv;
    // The system call itself: the C library hides a result that starts with "(unreachable)".
    if (syscall(SYS_getcwd, path, sizeof(path)) < 0)
        return answer(-1);
    printf("cwd %s\n", path);
    return 0;
}

// By number, as in linux/capability.h; written out so that an old header does not shorten it.
static const char *const capability_names[] = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};

int probe_caps(int argc, char **argv)
{
    static const struct {
        const char *set, *field;
    } sets[] = {
        { "bounding", "CapBnd" },  { "effective", "CapEff" }, { "inheritable", "CapInh" },
        { "permitted", "CapPrm" }, { "ambient", "CapAmb" },
    };

    (void)argc;
    (void)argv;
    for (size_t i = 0; i < COUNT(sets); i++) {
        const char *hex = status_field(sets[i].field);
        uint64_t bits = strtoull(hex, NULL, 16);

        printf("%s %s", sets[i].set, hex);
        for (unsigned bit = 0; bit < 64; bit++) {
            if (!(bits >> bit & 1))
                continue;
            if (bit < COUNT(capability_names))
                printf(" %s", capability_names[bit]);
            else
                printf(" CAP_%u", bit);
        }
        putchar('\n');
    }
    return 0;
}

static void print_limit(rlim_t limit)
{
    if (limit == RLIM_INFINITY)
        printf(" unlimited");
    else
        printf(" %llu", (unsigned long long)limit);
}

int probe_rlimits(int argc, char **argv)
{
    static const struct {
        const char *name;
        int resource;
    } limits[] = {
#define LIMIT(name) { #name, name }
        LIMIT(RLIMIT_AS),      LIMIT(RLIMIT_CORE),     LIMIT(RLIMIT_CPU),
        LIMIT(RLIMIT_DATA),    LIMIT(RLIMIT_FSIZE),    LIMIT(RLIMIT_LOCKS),
        LIMIT(RLIMIT_MEMLOCK), LIMIT(RLIMIT_MSGQUEUE), LIMIT(RLIMIT_NICE),
        LIMIT(RLIMIT_NOFILE),  LIMIT(RLIMIT_NPROC),    LIMIT(RLIMIT_RSS),
        LIMIT(RLIMIT_RTPRIO),  LIMIT(RLIMIT_RTTIME),   LIMIT(RLIMIT_SIGPENDING),
        LIMIT(RLIMIT_STACK),
#undef LIMIT
    };

    (void)argc;
    (void)argv;
    for (size_t i = 0; i < COUNT(limits); i++) {
        struct rlimit limit;

        printf("%s", limits[i].name);
        if (getrlimit(limits[i].resource, &limit) < 0) {
            printf(" %s\n", errno_name(errno));
            continue;
        }
        print_limit(limit.rlim_cur);
        print_limit(limit.rlim_max);
        putchar('\n');
    }
    return 0;
}

int probe_ids(int argc, char **argv)
{
    static gid_t groups[65536];
    int count = getgroups(COUNT(groups), groups);
    mode_t mask = umask(0);

    (void)argc;
    (void)argv;
    umask(mask);
    printf("uid %u\ngid %u\ngroups", (unsigned)getuid(), (unsigned)getgid());
    for (int i = 0; i < count; i++)
        printf(" %u", (unsigned)groups[i]);
    printf("\numask %04o\n", (unsigned)mask);
    return 0;
}

// As the kernel has it (sched/types.h); older C libraries do not declare it.
struct sched_attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

int probe_sched(int argc, char **argv)
{
    static const char *const policies[] = { "SCHED_OTHER",   "SCHED_FIFO", "SCHED_RR",
                                            "SCHED_BATCH",   "SCHED_ISO",  "SCHED_IDLE",
                                            "SCHED_DEADLINE" };
    static const char *const classes[] = { "none", "IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE",
                                           "IOPRIO_CLASS_IDLE" };
    struct sched_attributes got = { 0 };
    long io;

    (void)argc;
    (void)argv;
    if (syscall(SYS_sched_getattr, 0, &got, sizeof(got), 0) < 0)
        return answer(-1);
    printf("policy %s\n", got.policy < COUNT(policies) ? policies[got.policy] : "unknown");
    printf("nice %d\npriority %u\nflags %#llx\n", got.nice, got.priority,
           (unsigned long long)got.flags);
    printf("deadline %llu %llu %llu\n", (unsigned long long)got.runtime,
           (unsigned long long)got.deadline, (unsigned long long)got.period);
    io = syscall(SYS_ioprio_get, 1, 0); // 1: IOPRIO_WHO_PROCESS
    if (io >= 0)
        printf("ioprio %s %ld\n", classes[io >> 13 & 3], io & 7);
    printf("cpus %s\n", status_field("Cpus_allowed_list"));
    printf("mems %s\n", status_field("Mems_allowed_list"));
    return 0;
}

int probe_personality(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("personality %#x\n", (unsigned)personality(0xffffffff));
    return 0;
}

int probe_seccomp(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("seccomp %s\n", status_field("Seccomp"));
    printf("filters %s\n", status_field("Seccomp_filters"));
    printf("nnp %s\n", status_field("NoNewPrivs"));
    return 0;
}

int probe_oom(int argc, char **argv)
{
    int error = print_file("/proc/self/oom_score_adj", "oom_score_adj ");

    (void)argc;
    (void)argv;
    if (error)
        printf("oom_score_adj %s\n", errno_name(error));
    return error ? 1 : 0;
}

int probe_lsm(int argc, char **argv)
{
    char label[4096] = "";
    FILE *file = fopen("/proc/self/attr/current", "re");

    (void)argc;
    (void)argv;
    // The label may end in a NUL (SELinux) or a newline (AppArmor); without an LSM the read fails.
    if (!file || !fgets(label, sizeof(label), file)) {
        printf("lsm %s\n", errno_name(errno));
        return 1;
    }
    fclose(file);
    label[strcspn(label, "\n")] = '\0';
    printf("lsm %s\n", label);
    return 0;
}

int probe_proc_status(int argc, char **argv)
{
    int error = print_file("/proc/self/status", "");

    (void)argc;
    (void)argv;
    errno = error;
    return error ? answer(-1) : 0;
}
