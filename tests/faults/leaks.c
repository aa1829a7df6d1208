// SPDX-License-Identifier: Apache-2.0
// What a container may leave on the host: found, told, and taken away.
#include "faults.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

enum { SWEEP_TRIES = 100, SWEEP_PAUSE_US = 20000 };

struct telling {
    FILE *to;
    size_t n;
};

static void tell(struct telling *telling, const char *kind, const char *what)
{
    fprintf(telling->to, "left behind, %s: %s\n", kind, what);
    telling->n++;
}

// --- files: state, resctrl ---

// Those with WITH in their names, but for one.
static void tell_entries(struct telling *telling, const char *kind, const char *path,
                         const char *with, const char *but)
{
    DIR *directory = opendir(path);
    struct dirent *entry;

    while (directory && (entry = readdir(directory)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            strcmp(entry->d_name, but) != 0 && strstr(entry->d_name, with))
            tell(telling, kind, entry->d_name);
    if (directory)
        closedir(directory);
}

static void tell_resctrl(struct telling *telling, const char *directory)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/resctrl", directory);
    tell_entries(telling, "resctrl group", path, "", "mon_groups");
    snprintf(path, sizeof(path), "%s/resctrl/mon_groups", directory);
    tell_entries(telling, "resctrl monitoring group", path, "", "");
}

// --- mounts ---

// Calls SEE with each mount below DIRECTORY of this process's namespace.
static void find_mounts(const char *directory, void (*see)(const char *path, void *), void *data)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    const size_t length = strlen(directory);
    char *line = NULL;
    size_t size = 0;

    while (file && getline(&line, &size, file) > 0) {
        char *path = line;

        // The fifth word.
        for (int i = 0; i < 4 && path; i++)
            path = (path = strchr(path, ' ')) ? path + 1 : NULL;
        if (!path || strncmp(path, directory, length) != 0 || path[length] != '/')
            continue;
        path[strcspn(path, " ")] = '\0';
        see(path, data);
    }
    free(line);
    if (file)
        fclose(file);
}

static void tell_mount(const char *path, void *data)
{
    tell(data, "mount", path);
}

static void detach(const char *path, void *data)
{
    (void)data;
    (void)umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
}

// --- units of systemd, where it runs ---

static bool find_units(const char *token, char *out, size_t size)
{
    char pattern[64];

    if (access("/run/systemd/system", F_OK) != 0)
        return false;
    snprintf(pattern, sizeof(pattern), "*%s*", token);
    (void)program_run((const char *const[]){ "systemctl", "list-units", "--all", "--plain",
                                             "--no-legend", pattern, NULL },
                      out, size);
    return *out;
}

static void stop_units(const char *token)
{
    char units[4096], said[512], *rest = units, *line;

    if (!find_units(token, units, sizeof(units)))
        return;
    while ((line = strsep(&rest, "\n"))) {
        line[strcspn(line, " ")] = '\0';
        if (!*line)
            continue;
        (void)program_run((const char *const[]){ "systemctl", "stop", line, NULL }, said,
                          sizeof(said));
        (void)program_run((const char *const[]){ "systemctl", "reset-failed", line, NULL }, said,
                          sizeof(said));
    }
}

// --- processes ---

struct search {
    const char *text;
    bool found;
};

static bool has_text(pid_t pid, const char *words, void *data)
{
    struct search *search = data;

    (void)pid;
    search->found = strstr(words, search->text);
    return !search->found;
}

bool leaks_have_process(const struct traces *traces, const char *text)
{
    struct search search = { .text = text };

    processes_find(traces, has_text, &search);
    return search.found;
}

static bool tell_process(pid_t pid, const char *words, void *data)
{
    char text[512];

    snprintf(text, sizeof(text), "%d %s", (int)pid, words);
    tell(data, "process", text);
    return true;
}

static bool kill_process(pid_t pid, const char *words, void *data)
{
    (void)words;
    *(bool *)data = true;
    (void)kill(pid, SIGKILL);
    return true;
}

static void kill_processes(const struct traces *traces)
{
    bool found = true;

    for (int i = 0; found && i < SWEEP_TRIES; i++) {
        found = false;
        processes_find(traces, kill_process, &found);
        if (found)
            usleep(SWEEP_PAUSE_US);
        if (traces->has_children)
            processes_reap();
    }
}

// --- all of it ---

static void tell_cgroup(const char *path, void *data)
{
    tell(data, "cgroup", path);
}

bool leaks_tell(const struct traces *traces, bool processes, FILE *to)
{
    struct telling telling = { .to = to };
    char units[4096];

    if (traces->root)
        tell_entries(&telling, "state", traces->root, traces->token, "");
    tell_resctrl(&telling, traces->directory);
    cgroups_find(traces->token, tell_cgroup, &telling);
    if (find_units(traces->token, units, sizeof(units)))
        tell(&telling, "units", units);
    find_mounts(traces->directory, tell_mount, &telling);
    if (processes)
        processes_find(traces, tell_process, &telling);
    return telling.n > 0;
}

void leaks_sweep(const struct traces *traces)
{
    kill_processes(traces);
    // What is mounted over a mount is found first, so that one turn reaches only the uppermost.
    for (int i = 0; i < 3; i++)
        find_mounts(traces->directory, detach, NULL);
    stop_units(traces->token);
    cgroups_sweep(traces->token);
}
