// SPDX-License-Identifier: Apache-2.0
/* Standard input, output and error over a checkpoint. */
#include "container/descriptors.h"
#include "base/io.h"
#include "base/own.h"
#include "base/text.h"
#include "kernel/path.h"
#include "kernel/proc.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MOUNTINFO_MAX = 64 * 1024 * 1024, FILE_MAX = 64 * 1024 };

#define FILE_NAME "descriptors.json"

/* --- looking --- */

static bool find_mount(int proc_fd, pid_t pid, unsigned i, unsigned *ret)
{
    char path[64], text[1024];
    const char *line;

    (void)snprintf(path, sizeof path, "%d/fdinfo/%u", (int)pid, i);
    if (proc_read(proc_fd, path, text, sizeof text) < 0 || !(line = strstr(text, "mnt_id:")))
        return false;
    *ret = (unsigned)strtoul(line + strlen("mnt_id:"), NULL, 10);
    return true;
}

/* Whether mount ID is one of those that MOUNTINFO lists. */
static bool has_mount(const char *mountinfo, unsigned id)
{
    for (const char *line = mountinfo; *line; line++) {
        if (strtoul(line, NULL, 10) == id)
            return true;
        line = strchr(line, '\n');
        if (line == NULL)
            return false;
    }
    return false;
}

static void look_at(char out[64], int proc_fd, pid_t pid, unsigned i, const char *mountinfo)
{
    char name[64], link[PATH_MAX];
    struct stat st;
    unsigned mount;

    *out = 0;
    (void)snprintf(name, sizeof name, "%d/fd/%u", (int)pid, i);
    if (path_read_link(proc_fd, name, link, sizeof link) < 0)
        return;
    if (text_starts(link, "pipe:[") && strlen(link) < 64) {
        (void)snprintf(out, 64, "%.63s", link);
        return;
    }
    if (link[0] == '/' && fstatat(proc_fd, name, &st, 0) == 0 && !S_ISFIFO(st.st_mode) &&
        find_mount(proc_fd, pid, i, &mount) && !has_mount(mountinfo, mount))
        (void)snprintf(out, 64, "file[%x:%llx]", mount, (unsigned long long)st.st_ino);
}

int descriptors_look(struct descriptors *ret, int proc_fd, pid_t pid, struct error *why)
{
    char path[64];
    size_t length;

    (void)snprintf(path, sizeof path, "%d/mountinfo", (int)pid);

    autofree char *mountinfo = io_read_file(proc_fd, path, MOUNTINFO_MAX, &length, why);

    if (mountinfo == NULL)
        return -1;
    for (unsigned i = 0; i < DESCRIPTORS; i++)
        look_at(ret->at[i], proc_fd, pid, i, mountinfo);
    return 0;
}

/* --- keeping --- */

int descriptors_write(const struct descriptors *all, int folder, struct error *why)
{
    char text[256];
    int length =
        snprintf(text, sizeof text, "[\"%s\",\"%s\",\"%s\"]", all->at[0], all->at[1], all->at[2]);

    return io_write_atomic(folder, FILE_NAME, text, (size_t)length, 0600, why);
}

/* The string that begins at *TEXT; what is too long or has a backslash cannot be one of ours: "".
   False: there is none. */
static bool read_string(const char **text, char out[64])
{
    const char *begin = strchr(*text, '"'), *end = begin;
    bool is_plain = true;

    if (begin == NULL)
        return false;
    for (end = ++begin; *end && *end != '"'; end++) {
        is_plain &= *end != '\\';
        if (*end == '\\' && end[1])
            end++;
    }
    if (*end == 0)
        return false;
    is_plain &= end - begin < 64;
    (void)snprintf(out, 64, "%.*s", is_plain ? (int)(end - begin) : 0, begin);
    *text = end + 1;
    return true;
}

int descriptors_read(struct descriptors *ret, int folder, struct error *why)
{
    size_t length;
    autofree char *text = io_read_file(folder, FILE_NAME, FILE_MAX, &length, why);
    const char *at = text;

    memset(ret, 0, sizeof *ret);
    if (text == NULL)
        return why->number == ENOENT ? 0 : -1;
    for (unsigned i = 0; i < DESCRIPTORS; i++) {
        if (!read_string(&at, ret->at[i]))
            return fail(why, 0, FILE_NAME " of the images is damaged");
        if (!text_starts(ret->at[i], "pipe:[") && !descriptors_is_file(ret, i))
            ret->at[i][0] = 0;
    }
    return 0;
}

bool descriptors_is_file(const struct descriptors *all, unsigned i)
{
    return text_starts(all->at[i], "file[");
}

bool descriptors_is_passed(const struct descriptors *all, unsigned i)
{
    for (unsigned earlier = 0; earlier < i; earlier++)
        if (strcmp(all->at[earlier], all->at[i]) == 0)
            return false;
    return all->at[i][0];
}
