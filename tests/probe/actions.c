// SPDX-License-Identifier: Apache-2.0
// The probes that try something and report whether it worked: files, devices, system calls, limits.
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int missing(const char *word)
{
    fprintf(stderr, "probe: %s needs an argument\n", word);
    return 2;
}

int probe_read(int argc, char **argv)
{
    int error;

    if (argc < 1)
        return missing("read");
    error = print_file(argv[0], "");
    errno = error;
    return error ? answer(-1) : 0;
}

static int try_write(const char *path, int flags, const char *text)
{
    int fd = open(path, flags | O_WRONLY | O_CLOEXEC | O_NOCTTY, 0644);
    int result = fd;

    if (fd < 0)
        return -1;
    if (text && write(fd, text, strlen(text)) < 0)
        result = -1;
    if (close(fd) < 0)
        result = -1;
    return result;
}

int probe_write(int argc, char **argv)
{
    if (argc < 1)
        return missing("write");
    return answer(try_write(argv[0], O_CREAT | O_TRUNC, argc > 1 ? argv[1] : "probe\n"));
}

int probe_open_w(int argc, char **argv)
{
    if (argc < 1)
        return missing("open-w");
    return answer(try_write(argv[0], 0, NULL));
}

int probe_mkdir(int argc, char **argv)
{
    if (argc < 1)
        return missing("mkdir");
    return answer(mkdir(argv[0], 0755));
}

int probe_mknod(int argc, char **argv)
{
    mode_t type;
    dev_t device = 0;

    if (argc < 2)
        return missing("mknod");
    type = argv[1][0] == 'b' ? S_IFBLK : argv[1][0] == 'p' ? S_IFIFO : S_IFCHR;
    if (argc > 3)
        device = makedev(atoi(argv[2]), atoi(argv[3]));
    return answer(mknod(argv[0], type | 0600, device));
}

int probe_exec(int argc, char **argv)
{
    if (argc < 1)
        return missing("exec");
    execv(argv[0], argv);
    answer(-1);
    return 127;
}

// Harmless where it succeeds, or done in a child process (see probe_syscall).
static long try_getcwd(void)
{
    char path[4096];

    return syscall(SYS_getcwd, path, sizeof(path));
}

static long try_getpid(void)
{
    return syscall(SYS_getpid);
}

static long try_uname(void)
{
    char names[6 * 65];

    return syscall(SYS_uname, names);
}

static long try_mkdirat(void)
{
    long result = syscall(SYS_mkdirat, AT_FDCWD, "/dev/shm/.probe", 0700);

    if (result == 0)
        rmdir("/dev/shm/.probe");
    return result;
}

static long try_unshare(void)
{
    return syscall(SYS_unshare, CLONE_NEWUTS);
}

static long try_unshare_user(void)
{
    return syscall(SYS_unshare, CLONE_NEWUSER);
}

static long try_mount(void)
{
    // ENODEV where mounting is allowed, for there is no such file system; nothing gets mounted.
    return syscall(SYS_mount, "none", "/", "probe-no-such-fs", 0, NULL);
}

static long try_ptrace(void)
{
    return syscall(SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL);
}

static long try_sethostname(void)
{
    // The name it has: allowed or not is the question, and the answer must change nothing.
    char name[65] = "";

    gethostname(name, sizeof(name) - 1);
    return syscall(SYS_sethostname, name, strlen(name));
}

static long try_settimeofday(void)
{
    // An impossible time: EINVAL where the call is allowed, EPERM where it is not.
    struct timespec impossible = { .tv_sec = -1, .tv_nsec = -1 };

    return syscall(SYS_clock_settime, CLOCK_REALTIME, &impossible);
}

static long try_keyctl(void)
{
    return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
}

static long try_chroot(void)
{
    return syscall(SYS_chroot, "/");
}

static long try_bpf(void)
{
    return syscall(SYS_bpf, 0, NULL, 0);
}

static long try_socket_raw(void)
{
    return syscall(SYS_socket, AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1);
}

static long try_socket_vsock(void)
{
    return syscall(SYS_socket, AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long try_unknown(void)
{
    return syscall(65000);
}

static const struct {
    const char *name;
    long (*call)(void);
} calls[] = {
    { "getcwd", try_getcwd },
    { "getpid", try_getpid },
    { "uname", try_uname },
    { "mkdirat", try_mkdirat },
    { "unshare", try_unshare },
    { "unshare-user", try_unshare_user },
    { "mount", try_mount },
    { "ptrace", try_ptrace },
    { "sethostname", try_sethostname },
    { "settimeofday", try_settimeofday },
    { "keyctl", try_keyctl },
    { "chroot", try_chroot },
    { "bpf", try_bpf },
    { "socket-raw", try_socket_raw },
    { "socket-vsock", try_socket_vsock },
    { "unknown", try_unknown },
};

// In a child: a filter may kill the caller, and a chroot or an unshare must end with it.
static void report_call(const char *name, long (*call)(void))
{
    int status = 0;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        errno = 0;
        _exit(call() < 0 ? errno : 0);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        printf("syscall %s unknown\n", name);
    else if (WIFSIGNALED(status))
        printf("syscall %s signal-%d\n", name, WTERMSIG(status));
    else
        printf("syscall %s %s\n", name,
               WEXITSTATUS(status) ? errno_name(WEXITSTATUS(status)) : "ok");
}

int probe_syscall(int argc, char **argv)
{
    int found = 0;

    for (size_t i = 0; i < COUNT(calls); i++) {
        for (int j = 0; j < argc; j++) {
            if (strcmp(argv[j], calls[i].name))
                continue;
            report_call(calls[i].name, calls[i].call);
            found++;
        }
        if (argc == 0)
            report_call(calls[i].name, calls[i].call);
    }
    return found == argc ? 0 : 2;
}

int probe_alloc(int argc, char **argv)
{
    size_t bytes, page = (size_t)sysconf(_SC_PAGESIZE);
    volatile char *memory;

    if (argc < 1)
        return missing("alloc");
    bytes = (size_t)strtoul(argv[0], NULL, 10) << 20;
    memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return answer(-1);
    for (size_t i = 0; i < bytes; i += page)
        memory[i] = 1;
    return answer(0);
}

int probe_fork_bomb(int argc, char **argv)
{
    int wanted = argc > 0 ? atoi(argv[0]) : 0;
    int forked = 0, error = 0;
    pid_t *children = calloc((size_t)wanted + 1, sizeof(*children));

    if (!children)
        return answer(-1);
    fflush(stdout);
    while (forked < wanted) {
        pid_t child = fork();

        if (child == 0) {
            pause();
            _exit(0);
        }
        if (child < 0) {
            error = errno;
            break;
        }
        children[forked++] = child;
    }
    for (int i = 0; i < forked; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
    free(children);
    printf("forked %d\n%s\n", forked, error ? errno_name(error) : "ok");
    return 0;
}
