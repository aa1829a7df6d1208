// SPDX-License-Identifier: Apache-2.0
// The floor of `run` and `exec`: what the kernel charges for the default bundle's namespaces,
// mounts, devices, cgroups, pivot and exec when nobody parses, checks, records or cleans up after a
// failure.
//     floor [--no-cgroup] [--print-pid] run ROOTFS PROGRAM [ARG...]
//     floor exec PID PID-OF-ITS-FLOOR PROGRAM [ARG...]
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CGROUP_ROOT  "/sys/fs/cgroup"

static const unsigned long locked = MS_NOSUID | MS_NODEV | MS_NOEXEC;

// One cgroup a hierarchy: the folder on the host, and how the container mounts the hierarchy.
struct hierarchy {
    char name[32];
    int root, own; // descriptors of its root and of the container's cgroup
};

struct floor {
    struct hierarchy hierarchies[16];
    size_t count;
    bool unified; // a single cgroup2 at CGROUP_ROOT
    char cgroup[32];
    const char *rootfs;
    char **program;
    int joined[2]; // a pipe: end of file says that the child's cgroups are made
};

static void need(bool fine, const char *what)
{
    if (fine)
        return;
    perror(what);
    _exit(125);
}

static void write_file(int folder, const char *name, const char *text)
{
    int fd = openat(folder, name, O_WRONLY | O_CLOEXEC);

    need(fd >= 0 && write(fd, text, strlen(text)) >= 0, name);
    close(fd);
}

static void add_hierarchy(struct floor *floor, const char *name)
{
    struct hierarchy *new = &floor->hierarchies[floor->count];
    char path[300];
    struct statfs got;

    snprintf(path, sizeof(path), CGROUP_ROOT "/%s", name);
    if (floor->count == COUNT(floor->hierarchies) || strlen(name) >= sizeof(new->name) ||
        statfs(path, &got) < 0 ||
        (got.f_type != CGROUP_SUPER_MAGIC && got.f_type != CGROUP2_SUPER_MAGIC))
        return;
    strcpy(new->name, name);
    new->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    need(new->root >= 0, path);
    floor->count++;
}

static void find_hierarchies(struct floor *floor)
{
    struct statfs got;
    struct dirent *entry;
    DIR *folder;

    need(statfs(CGROUP_ROOT, &got) == 0, CGROUP_ROOT);
    floor->unified = got.f_type == CGROUP2_SUPER_MAGIC;
    if (floor->unified) {
        add_hierarchy(floor, ".");
        return;
    }
    folder = opendir(CGROUP_ROOT);
    need(folder, CGROUP_ROOT);
    while ((entry = readdir(folder)))
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            add_hierarchy(floor, entry->d_name);
    closedir(folder);
}

// A new v1 cpuset is empty, and nothing can be moved into it until it has processors and memory.
static void fill_cpuset(const struct hierarchy *cpuset)
{
    static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };

    for (size_t i = 0; i < COUNT(files); i++) {
        char value[256];
        int fd = openat(cpuset->root, files[i], O_RDONLY | O_CLOEXEC);
        ssize_t length = fd < 0 ? -1 : read(fd, value, sizeof(value) - 1);

        need(length >= 0, files[i]);
        value[length] = '\0';
        close(fd);
        write_file(cpuset->own, files[i], value);
    }
}

// The rules that the default bundle and the default devices come to.
static void allow_devices(const struct hierarchy *devices)
{
    static const char *const allowed[] = {
        "c *:* m",   "b *:* m",   "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm",
        "c 1:8 rwm", "c 1:9 rwm", "c 5:0 rwm", "c 5:2 rwm", "c 136:* rwm",
    };

    write_file(devices->own, "devices.deny", "a");
    for (size_t i = 0; i < COUNT(allowed); i++)
        write_file(devices->own, "devices.allow", allowed[i]);
}

static bool is_v2(const struct floor *floor, const struct hierarchy *hierarchy)
{
    return floor->unified || !strcmp(hierarchy->name, "unified");
}

static void make_cgroups(struct floor *floor, bool v2)
{
    for (size_t i = 0; i < floor->count; i++) {
        struct hierarchy *each = &floor->hierarchies[i];

        if (is_v2(floor, each) != v2)
            continue;
        need(mkdirat(each->root, floor->cgroup, 0755) == 0, each->name);
        each->own = openat(each->root, floor->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        need(each->own >= 0, each->name);
        if (!strcmp(each->name, "cpuset"))
            fill_cpuset(each);
        if (!strcmp(each->name, "devices"))
            allow_devices(each);
    }
}

// A single thread moves itself without an RCU grace period, which moving a process takes on v1.
static void join_cgroups(const struct floor *floor, bool v2)
{
    char path[64];

    for (size_t i = 0; i < floor->count; i++) {
        const struct hierarchy *each = &floor->hierarchies[i];
        bool is_other = is_v2(floor, each);

        if (is_other && !v2)
            continue;
        snprintf(path, sizeof(path), "%s/%s", floor->cgroup, is_other ? "cgroup.procs" : "tasks");
        write_file(each->root, path, "0");
    }
}

static void remove_cgroups(const struct floor *floor)
{
    for (size_t i = 0; i < floor->count; i++)
        unlinkat(floor->hierarchies[i].root, floor->cgroup, AT_REMOVEDIR);
}

static void mount_base(void)
{
    static const struct {
        const char *path, *type;
        unsigned long flags;
        const char *data;
    } mounts[] = {
        { "proc", "proc", 0, NULL },
        { "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k" },
        { "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5" },
        { "dev/shm", "tmpfs", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=1777,size=65536k" },
        { "dev/mqueue", "mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL },
        { "sys", "sysfs", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, NULL },
    };

    for (size_t i = 0; i < COUNT(mounts); i++) {
        if (!strncmp(mounts[i].path, "dev/", 4))
            mkdir(mounts[i].path, 0755);
        need(mount(mounts[i].type, mounts[i].path, mounts[i].type, mounts[i].flags,
                   mounts[i].data) == 0,
             mounts[i].path);
    }
}

static void make_devices(void)
{
    static const struct {
        const char *path;
        unsigned major, minor;
    } nodes[] = {
        { "dev/null", 1, 3 },   { "dev/zero", 1, 5 },    { "dev/full", 1, 7 },
        { "dev/random", 1, 8 }, { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 },
    };
    static const char *const links[][2] = {
        { "/proc/self/fd", "dev/fd" },       { "/proc/self/fd/0", "dev/stdin" },
        { "/proc/self/fd/1", "dev/stdout" }, { "/proc/self/fd/2", "dev/stderr" },
        { "/proc/kcore", "dev/core" },       { "pts/ptmx", "dev/ptmx" },
    };
    mode_t mask = umask(0);

    for (size_t i = 0; i < COUNT(nodes); i++)
        need(mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)) == 0,
             nodes[i].path);
    umask(mask);
    for (size_t i = 0; i < COUNT(links); i++)
        need(symlink(links[i][0], links[i][1]) == 0, links[i][1]);
}

// /sys/fs/cgroup as a v1 container sees it: a tmpfs with one read-only mount a hierarchy.
static void mount_cgroups(const struct floor *floor)
{
    const unsigned long flags = locked | MS_RELATIME | MS_RDONLY;

    if (floor->unified) {
        need(mount("cgroup", "sys/fs/cgroup", "cgroup2", flags, NULL) == 0, "cgroup2");
        return;
    }
    need(mount("tmpfs", "sys/fs/cgroup", "tmpfs", locked, "mode=755") == 0, "sys/fs/cgroup");
    for (size_t i = 0; i < floor->count; i++) {
        const char *name = floor->hierarchies[i].name;
        bool unified = !strcmp(name, "unified"), systemd = !strcmp(name, "systemd");
        char path[64];

        snprintf(path, sizeof(path), "sys/fs/cgroup/%s", name);
        need(mkdir(path, 0755) == 0, path);
        need(mount("cgroup", path, unified ? "cgroup2" : "cgroup", flags,
                   unified   ? NULL
                   : systemd ? "none,name=systemd"
                             : name) == 0,
             path);
    }
    need(mount(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | locked, NULL) == 0,
         "sys/fs/cgroup");
}

static void mask_paths(void)
{
    static const char *const masked[] = {
        "/proc/acpi",        "/proc/asound",        "/proc/interrupts", "/proc/kcore",
        "/proc/keys",        "/proc/latency_stats", "/proc/scsi",       "/proc/timer_list",
        "/proc/timer_stats", "/sys/firmware",
    };
    static const char *const sealed[] = {
        "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    };

    for (size_t i = 0; i < COUNT(masked); i++)
        if (mount("/dev/null", masked[i], NULL, MS_BIND, NULL) < 0)
            mount("tmpfs", masked[i], "tmpfs", MS_RDONLY, NULL); // a folder; or it is not there
    for (size_t i = 0; i < COUNT(sealed); i++)
        if (mount(sealed[i], sealed[i], NULL, MS_BIND | MS_REC, NULL) == 0)
            need(mount(NULL, sealed[i], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | locked, NULL) == 0,
                 sealed[i]);
}

static void raise_loopback(void)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    need(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0, "lo");
    close(fd);
}

static void run_inside(struct floor *floor)
{
    struct rlimit limit = { .rlim_cur = 1024, .rlim_max = 1024 };
    char end;

    close(floor->joined[1]);
    raise_loopback();
    need(sethostname("inside", 6) == 0, "hostname");
    need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "/");
    need(mount(floor->rootfs, floor->rootfs, NULL, MS_BIND | MS_REC, NULL) == 0, floor->rootfs);
    need(chdir(floor->rootfs) == 0, floor->rootfs);
    mount_base();
    make_devices();
    if (floor->count) {
        need(read(floor->joined[0], &end, 1) == 0, "the other side");
        join_cgroups(floor, false);
        need(unshare(CLONE_NEWCGROUP) == 0, "cgroup namespace");
        mount_cgroups(floor);
    }
    need(syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root");
    need(umount2(".", MNT_DETACH) == 0 && chdir("/") == 0, "old root");
    mask_paths();
    setrlimit(RLIMIT_NOFILE, &limit);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    execv(floor->program[0], floor->program);
    need(false, floor->program[0]);
}

static int run(struct floor *floor, bool print_pid)
{
    struct clone_args how = {
        .flags = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS,
        .exit_signal = SIGCHLD,
    };
    int status = 0;
    pid_t child;

    snprintf(floor->cgroup, sizeof(floor->cgroup), "floor-%d", (int)getpid());
    need(pipe2(floor->joined, O_CLOEXEC) == 0, "pipe");
    make_cgroups(floor, true);
    for (size_t i = 0; i < floor->count; i++)
        if (is_v2(floor, &floor->hierarchies[i])) {
            how.flags |= CLONE_INTO_CGROUP;
            how.cgroup = (uint64_t)floor->hierarchies[i].own;
        }
    child = (pid_t)syscall(SYS_clone3, &how, sizeof(how));
    need(child >= 0, "clone3");
    if (child == 0)
        run_inside(floor);
    // The child mounts meanwhile.
    make_cgroups(floor, false);
    close(floor->joined[1]);
    if (print_pid) {
        printf("%d\n", (int)child);
        fflush(stdout);
    }
    need(waitpid(child, &status, 0) == child, "waitpid");
    remove_cgroups(floor);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// The cgroups are found by the name that `run` gave them, which holds the pid of that floor.
static void join_cgroups_of(struct floor *floor, pid_t creator)
{
    snprintf(floor->cgroup, sizeof(floor->cgroup), "floor-%d", (int)creator);
    join_cgroups(floor, true);
}

static int exec_inside(struct floor *floor, pid_t pid, pid_t creator)
{
    const int namespaces =
        CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWCGROUP;
    int status = 0, pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    pid_t child;

    need(pidfd >= 0, "pidfd_open");
    join_cgroups_of(floor, creator);
    need(setns(pidfd, namespaces) == 0, "setns");
    child = vfork();
    need(child >= 0, "vfork");
    if (child == 0) {
        execv(floor->program[0], floor->program);
        _exit(125);
    }
    need(waitpid(child, &status, 0) == child, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    struct floor floor = { 0 };
    bool cgroups = true, print_pid = false;
    int i = 1;

    for (; i < argc && argv[i][0] == '-'; i++) {
        cgroups = cgroups && strcmp(argv[i], "--no-cgroup");
        print_pid = print_pid || !strcmp(argv[i], "--print-pid");
    }
    if (cgroups)
        find_hierarchies(&floor);
    if (argc - i >= 3 && !strcmp(argv[i], "run")) {
        floor.rootfs = argv[i + 1];
        floor.program = argv + i + 2;
        return run(&floor, print_pid);
    }
    if (argc - i >= 4 && !strcmp(argv[i], "exec")) {
        floor.program = argv + i + 3;
        return exec_inside(&floor, atoi(argv[i + 1]), atoi(argv[i + 2]));
    }
    fprintf(stderr, "floor [--no-cgroup] [--print-pid] run ROOTFS PROGRAM [ARG...]\n"
                    "floor exec PID PID-OF-FLOOR PROGRAM [ARG...]\n");
    return 2;
}
