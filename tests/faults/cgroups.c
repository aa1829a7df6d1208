// SPDX-License-Identifier: Apache-2.0
// Finds the cgroups of a case in all hierarchies of the host.
#include "faults.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define BASE "/sys/fs/cgroup"

bool host_is_cgroup2(void)
{
    struct statfs fs;

    return statfs(BASE, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

struct walk {
    const char *token;
    void (*see)(const char *path, void *);
    void *data;
    char path[PATH_MAX];
};

// Others make and remove theirs meanwhile: what is gone is passed over.
static void walk_directory(struct walk *walk, int parent, const char *name)
{
    const size_t length = strlen(walk->path);
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    struct stat status;

    while (directory && (entry = readdir(directory))) {
        if (entry->d_type != DT_DIR || !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        snprintf(walk->path + length, sizeof(walk->path) - length, "/%s", entry->d_name);
        if (strstr(walk->path, walk->token))
            walk->see(walk->path, walk->data);
        // Two links has who has no directories: its many files need not be listed.
        if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_nlink != 2)
            walk_directory(walk, fd, entry->d_name);
    }
    walk->path[length] = '\0';
    if (directory)
        closedir(directory);
    else if (fd >= 0)
        close(fd);
}

void cgroups_find(const char *token, void (*see)(const char *path, void *), void *data)
{
    struct walk walk = { .token = token, .see = see, .data = data, .path = BASE };

    walk_directory(&walk, AT_FDCWD, BASE);
}

// Children come after their parent: as many turns as they are deep.
static void remove_one(const char *path, void *data)
{
    (void)data;
    (void)rmdir(path);
}

void cgroups_sweep(const char *token)
{
    for (int i = 0; i < 20; i++) {
        cgroups_find(token, remove_one, NULL);
        usleep(10000);
    }
}
