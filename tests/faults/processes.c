// SPDX-License-Identifier: Apache-2.0
// Finds the processes of a case: by its token, and those that it left to us.
#include "faults.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILE_MAX = 8192 };

// How much of /proc/PID/NAME is in OUT, which ends with a null byte: the kernel gives it at once.
static size_t read_file(pid_t pid, const char *name, char out[FILE_MAX])
{
    char path[64];
    ssize_t got = 0;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        got = read(fd, out, FILE_MAX - 1);
        close(fd);
    }
    out[got > 0 ? got : 0] = '\0';
    return got > 0 ? (size_t)got : 0;
}

// The words of its command line with blanks between them.
static size_t read_words(pid_t pid, char out[FILE_MAX])
{
    size_t length = read_file(pid, "cmdline", out);

    for (size_t i = 0; i < length; i++)
        if (out[i] == '\0')
            out[i] = ' ';
    return length;
}

// -1: it is a zombie, which awaits its parent, or gone; the runtime has nothing to do with that.
static pid_t parent_of(pid_t pid)
{
    char text[FILE_MAX];
    const char *at;

    read_file(pid, "stat", text);
    at = strrchr(text, ')');
    if (!at || strlen(at) < 4 || at[2] == 'Z' || at[2] == 'X')
        return -1;
    return atoi(at + 3);
}

static bool have_children(void)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

void processes_reap(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
}

static pid_t next_process(DIR *proc)
{
    struct dirent *entry;

    while ((entry = readdir(proc)))
        if (isdigit((unsigned char)entry->d_name[0]))
            return atoi(entry->d_name);
    return 0;
}

// Those without a command line are zombies and the kernel's own.
static bool has_token(pid_t pid, const char *words, const char *token)
{
    char cgroup[FILE_MAX];

    return strstr(words, token) ||
           (*words && read_file(pid, "cgroup", cgroup) > 0 && strstr(cgroup, token));
}

void processes_find(const struct traces *traces, bool (*see)(pid_t, const char *, void *),
                    void *data)
{
    const bool adopts = traces->has_children && have_children();
    char words[FILE_MAX];
    DIR *proc = opendir("/proc");
    bool goes_on = true;
    pid_t pid;

    while (proc && goes_on && (pid = next_process(proc)) > 0) {
        read_words(pid, words);
        if (has_token(pid, words, traces->token) ? parent_of(pid) >= 0
                                                 : adopts && parent_of(pid) == getpid())
            goes_on = see(pid, words, data);
    }
    if (proc)
        closedir(proc);
}

pid_t processes_find_child(pid_t parent, const char *word)
{
    char words[FILE_MAX];
    DIR *proc = opendir("/proc");
    pid_t pid, found = 0;

    while (proc && (pid = next_process(proc)) > 0)
        if (parent_of(pid) == parent && read_words(pid, words) > 0 && strstr(words, word))
            found = found ? -1 : pid;
    if (proc)
        closedir(proc);
    return found;
}
