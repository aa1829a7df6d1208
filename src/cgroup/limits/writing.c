// SPDX-License-Identifier: Apache-2.0
/* Where a value goes: finds the folder once, keeps the last file open, remembers what it wrote for
 * the message. */
#include "cgroup/limits/writing.h"
#include "base/own.h"
#include "cgroup/folder.h"
#include "cgroup/limits/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void writing_begin(struct writing *w, const struct cgroup *cgroup,
                   const struct oci_resources *asked)
{
    *w = (struct writing){
        .cgroup = cgroup, .asked = asked, .file_fd = -1, .index = -1, .missing = CONTROLLERS
    };
    for (size_t i = 0; i < CONTROLLERS; i++)
        w->folders[i] = -1;
    w->mounted = mounted_of(cgroup, &w->room);
}

void writing_end(struct writing *w)
{
    close_fd(&w->file_fd);
    for (size_t i = 0; i < CONTROLLERS; i++)
        close_fd(&w->folders[i]);
}

/* Printing must change nothing: what the root has could be enabled. */
static uint32_t look_at_root(const struct hierarchy *unified)
{
    char path[MOUNTED_PATH_MAX], list[512];

    if (!mounted_path(path, unified, "/cgroup.controllers") ||
        folder_read(AT_FDCWD, path, list, sizeof list) < 0)
        return 0;
    return mounted_controllers(list, ' ');
}

bool writing_locate(struct writing *w, enum controller controller)
{
    const struct hierarchy *unified = mounted_find(w->mounted, CONTROLLER_UNIFIED);
    char root[MOUNTED_PATH_MAX];
    uint32_t bit = 1u << controller;

    close_fd(&w->file_fd);
    w->file[0] = 0;
    w->hierarchy = mounted_find(w->mounted, controller);
    if (w->hierarchy == NULL && unified) {
        if (!(w->unified_has & bit) && mounted_path(root, unified, ""))
            w->unified_has |=
                w->print ? look_at_root(unified) : v2_enable(root, w->cgroup->path, bit);
        if (w->unified_has & bit)
            w->hierarchy = unified;
    }
    w->is_v2 = w->hierarchy && w->hierarchy->is_v2;
    return w->hierarchy != NULL;
}

int writing_folder(struct writing *w)
{
    int *fd = &w->folders[w->hierarchy->slot];

    if (*fd < 0)
        *fd = cgroupfs_open(w->cgroup, w->hierarchy);
    return *fd;
}

void writing_name(struct writing *w, const char *file, const char *value)
{
    (void)snprintf(w->file, sizeof w->file, "%s", file);
    (void)snprintf(w->value, sizeof w->value, "%s", value);
}

int writing_put(struct writing *w, const char *file, const char *value)
{
    bool is_same = w->file_fd >= 0 && strcmp(file, w->file) == 0;
    ssize_t n;

    writing_name(w, file, value);
    if (w->print) {
        char path[MOUNTED_PATH_MAX], whole[MOUNTED_PATH_MAX];

        (void)snprintf(whole, sizeof whole, "%s/%s", w->cgroup->path, file);
        if (mounted_path(path, w->hierarchy, whole))
            w->print(w->context, path, value);
        return 0;
    }
    if (!is_same) {
        int folder = writing_folder(w);

        close_fd(&w->file_fd);
        if (folder < 0)
            return -1;
        w->file_fd = openat(folder, file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
        if (w->file_fd < 0)
            return -1;
    }
    if (w->journal)
        return journal_note(w->journal, w);
    /* Of nothing the kernel hears nothing: cpusets have an empty line for it. */
    if (value[0] == 0)
        value = "\n";
    do
        n = write(w->file_fd, value, strlen(value));
    while (n < 0 && errno == EINTR);
    return n < 0 ? -1 : 0;
}

int writing_putf(struct writing *w, const char *file, const char *format, ...)
{
    char value[512];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(value, sizeof value, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof value)
        return errno = EOVERFLOW, -1;
    return writing_put(w, file, value);
}

int writing_put_first(struct writing *w, const char *const files[], const char *const values[])
{
    for (size_t i = 0;; i++) {
        int rc = writing_put(w, files[i], values[i]);

        if (rc == 0 || errno != ENOENT || files[i + 1] == NULL)
            return rc;
    }
}

int64_t writing_get(struct writing *w, const char *file)
{
    char text[64], *end;
    int folder = writing_folder(w);
    long long n;

    if (folder < 0 || folder_read(folder, file, text, sizeof text) < 0)
        return -1;
    errno = 0;
    n = strtoll(text, &end, 10);
    return end == text || errno || n < 0 ? -1 : n;
}
