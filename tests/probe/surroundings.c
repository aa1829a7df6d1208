// SPDX-License-Identifier: Apache-2.0
// The probes of what is around a process: mounts, namespaces, open files, names, terminal, cgroup.
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

// One line of proc_pid_mountinfo(5): id parent major:minor root path options [tags...] - type
// source superoptions. Tags name the propagation; none means private.
static void print_mount(char *line)
{
    char *word[6], *rest, *fields[3], *tags = NULL, *saved = NULL;
    char *dash = strstr(line, " - ");

    if (!dash)
        return;
    *dash = '\0';
    rest = dash + 3;
    for (int i = 0; i < 6; i++) {
        word[i] = strtok_r(i ? NULL : line, " ", &saved);
        if (!word[i])
            return;
    }
    tags = saved && *saved ? saved : NULL;
    for (char *c = tags; c && *c; c++)
        if (*c == ' ')
            *c = '+';
    saved = NULL;
    for (int i = 0; i < 3; i++) {
        fields[i] = strtok_r(i ? NULL : rest, " \n", &saved);
        if (!fields[i])
            fields[i] = "-";
    }
    printf("mount %s %s %s %s %s %s %s\n", word[4], fields[0], word[5], tags ? tags : "private",
           fields[1], fields[2], word[3]);
}

int probe_mounts(int argc, char **argv)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t size = 0;

    (void)argc;
    (void)argv;
    if (!file)
        return answer(-1);
    while (getline(&line, &size, file) > 0)
        print_mount(line);
    free(line);
    fclose(file);
    return 0;
}

// Where the link points, or the errno's name.
static const char *link_target(const char *path)
{
    static char target[PATH_MAX];
    ssize_t length = readlink(path, target, sizeof(target) - 1);

    if (length < 0)
        return errno_name(errno);
    target[length] = '\0';
    return target;
}

int probe_ns(int argc, char **argv)
{
    static const char *const names[] = {
        "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"
    };

    (void)argc;
    (void)argv;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[64];
        const char *target, *inode;

        snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
        target = link_target(path);
        inode = strchr(target, '[');
        printf("ns %s %.*s\n", names[i], (int)strcspn(inode ? inode + 1 : target, "]"),
               inode ? inode + 1 : target);
    }
    return 0;
}

int probe_fds(int argc, char **argv)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;

    (void)argc;
    (void)argv;
    if (!folder)
        return answer(-1);
    while ((entry = readdir(folder))) {
        char path[300];

        if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(folder))
            continue;
        snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
        printf("fd %s %s\n", entry->d_name, link_target(path));
    }
    closedir(folder);
    return 0;
}

int probe_hostname(int argc, char **argv)
{
    struct utsname names;

    (void)argc;
    (void)argv;
    if (uname(&names) < 0)
        return answer(-1);
    printf("hostname %s\ndomainname %s\n", names.nodename, names.domainname);
    return 0;
}

int probe_cgroup(int argc, char **argv)
{
    int error = print_file("/proc/self/cgroup", "");

    (void)argc;
    (void)argv;
    errno = error;
    return error ? answer(-1) : 0;
}

int probe_tty(int argc, char **argv)
{
    struct winsize size;
    int fd;

    (void)argc;
    (void)argv;
    for (int i = 0; i < 3; i++) {
        char *name = isatty(i) ? ttyname(i) : NULL;

        printf("tty %d %s %s\n", i, isatty(i) ? "yes" : "no", name ? name : "-");
    }
    if (ioctl(0, TIOCGWINSZ, &size) == 0)
        printf("size %u %u\n", size.ws_row, size.ws_col);
    fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    printf("controlling %s\n", fd < 0 ? errno_name(errno) : "yes");
    if (fd >= 0)
        close(fd);
    return 0;
}

int probe_sysctl(int argc, char **argv)
{
    int worst = 0;

    for (int i = 0; i < argc; i++) {
        char path[PATH_MAX], prefix[300];
        int error;

        snprintf(path, sizeof(path), "/proc/sys/%s", argv[i]);
        for (char *c = path + strlen("/proc/sys/"); *c; c++)
            if (*c == '.')
                *c = '/';
        snprintf(prefix, sizeof(prefix), "sysctl %s ", argv[i]);
        error = print_file(path, prefix);
        if (error) {
            printf("%s%s\n", prefix, errno_name(error));
            worst = 1;
        }
    }
    return worst;
}

static const char *type_name(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "file";
    case S_IFDIR:
        return "dir";
    case S_IFCHR:
        return "char";
    case S_IFBLK:
        return "block";
    case S_IFIFO:
        return "fifo";
    case S_IFLNK:
        return "link";
    default:
        return "socket";
    }
}

int probe_stat(int argc, char **argv)
{
    int worst = 0;

    for (int i = 0; i < argc; i++) {
        struct stat got;

        if (lstat(argv[i], &got) < 0) {
            printf("stat %s %s\n", argv[i], errno_name(errno));
            worst = 1;
            continue;
        }
        printf("stat %s %s %04o %u:%u %u %u", argv[i], type_name(got.st_mode),
               (unsigned)(got.st_mode & 07777), major(got.st_rdev), minor(got.st_rdev),
               (unsigned)got.st_uid, (unsigned)got.st_gid);
        if (S_ISLNK(got.st_mode))
            printf(" %s", link_target(argv[i]));
        putchar('\n');
    }
    return worst;
}
