// SPDX-License-Identifier: Apache-2.0
// The probes that race: they swap names under the runtime, and look for what it holds as it comes
// in.
#include "probe.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static time_t end_after(const char *seconds)
{
    return time(NULL) + atol(seconds);
}

static volatile sig_atomic_t is_told_to_end;

static void note_end(int number)
{
    (void)number;
    is_told_to_end = 1;
}

static void say_ready(void)
{
    signal(SIGTERM, note_end);
    puts("ready");
    fflush(stdout);
}

static bool is_over(time_t end)
{
    return is_told_to_end || time(NULL) >= end;
}

int probe_swap(int argc, char **argv)
{
    unsigned long rounds = 0;
    time_t end;

    if (argc < 3)
        return 2;
    end = end_after(argv[0]);
    say_ready();
    while (!is_over(end))
        for (int i = 0; i < 500; i++, rounds++)
            if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) < 0)
                return answer(-1);
    printf("swapped %lu\n", rounds);
    return 0;
}

// From a folder of the host all of the host can be reached by "..": our root is not on that way.
static bool leads_out(int folder, const char *secret)
{
    char path[600];
    struct stat st;

    snprintf(path, sizeof(path), ".%s", secret);
    if (fstatat(folder, path, &st, 0) == 0)
        return true;
    snprintf(path, sizeof(path), "../../../../../../../../../../../..%s", secret);
    return fstatat(folder, path, &st, 0) == 0;
}

static bool try_folder(const char *pid, const char *name, const char *secret)
{
    char path[300];
    int fd;

    snprintf(path, sizeof(path), "/proc/%.16s/%.270s", pid, name);
    fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (leads_out(fd, secret)) {
        printf("out by %s\n", path);
        return true;
    }
    // A procfs of the host: through its processes.
    char down[64] = "1/root";
    int root = openat(fd, down, O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool is_out = root >= 0 && leads_out(root, secret);

    if (root >= 0)
        close(root);
    close(fd);
    if (is_out)
        printf("out by %s/1/root\n", path);
    return is_out;
}

static bool try_process(const char *pid, const char *secret)
{
    char path[64], name[300];
    bool is_out = try_folder(pid, "root", secret) || try_folder(pid, "cwd", secret);
    DIR *fds;

    snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
    fds = is_out ? NULL : opendir(path);
    for (struct dirent *entry; fds && !is_out && (entry = readdir(fds));) {
        snprintf(name, sizeof(name), "fd/%s", entry->d_name);
        is_out = entry->d_name[0] != '.' && try_folder(pid, name, secret);
    }
    if (fds)
        closedir(fds);
    return is_out;
}

// Calls TRY for the processes that are neither INIT nor ourselves, until it says true, time is up
// or TERM has come.
static bool try_strangers(time_t end, bool (*try_one)(const char *, const char *), const char *word)
{
    bool is_done = false;
    char own[16];

    snprintf(own, sizeof(own), "%d", getpid());
    while (!is_done && !is_over(end)) {
        DIR *dir = opendir("/proc");

        for (struct dirent *entry; !is_done && dir && (entry = readdir(dir));)
            if (isdigit((unsigned char)entry->d_name[0]) && strcmp(entry->d_name, own) != 0 &&
                strcmp(entry->d_name, "1") != 0)
                is_done = try_one(entry->d_name, word);
        if (dir)
            closedir(dir);
    }
    return is_done;
}

int probe_grab_host(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    say_ready();
    if (!try_strangers(end_after(argv[0]), try_process, argv[1]))
        puts("nothing");
    return 0;
}

static unsigned long long seen_capabilities;

static bool note_capabilities(const char *pid, const char *field)
{
    unsigned long long before = seen_capabilities;
    char path[64], line[256];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%.16s/status", pid);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file))
        if (strncmp(line, field, strlen(field)) == 0)
            seen_capabilities |= strtoull(line + strlen(field), NULL, 16);
    if (file)
        fclose(file);
    if (seen_capabilities != before) {
        printf("seen %llx\n", seen_capabilities);
        fflush(stdout);
    }
    return false;
}

int probe_watch_caps(int argc, char **argv)
{
    if (argc < 1)
        return 2;
    say_ready();
    (void)try_strangers(end_after(argv[0]), note_capabilities, "CapPrm:");
    return 0;
}

static bool send_signal(const char *pid, const char *number)
{
    (void)kill(atoi(pid), atoi(number));
    return false;
}

int probe_harass(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    say_ready();
    (void)try_strangers(end_after(argv[0]), send_signal, argv[1]);
    return 0;
}

int probe_type_ahead(int argc, char **argv)
{
    const char letter = 'x';

    (void)argc;
    (void)argv;
    return answer(ioctl(0, TIOCSTI, &letter));
}
