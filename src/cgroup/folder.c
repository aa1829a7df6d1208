// SPDX-License-Identifier: Apache-2.0
/* One cgroup in one hierarchy is a folder: making, walking and removing it. */
#include "cgroup/folder.h"
#include "base/clock.h"
#include "base/own.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_ROOM = 4096 };

unsigned folder_depth(const char *path)
{
    unsigned n = 0;

    for (; *path; path++)
        n += path[0] == '/' && path[1] && path[1] != '/';
    return n;
}

/* Cut WHOLE, which is ROOT + PATH, after PARTS parts of PATH; the rest of PATH. */
static void cut(char *whole, const char *root, const char *path, unsigned parts)
{
    const char *end = path;

    for (; parts > 0; parts--)
        end += 1 + strcspn(end + 1, "/");
    (void)snprintf(whole, PATH_ROOM, "%s%.*s", root, (int)(end - path), path);
}

unsigned folder_there(const char *root, const char *path)
{
    char whole[PATH_ROOM];
    unsigned depth = folder_depth(path);

    for (unsigned parts = depth; parts > 0; parts--) {
        cut(whole, root, path, parts);
        if (access(whole, F_OK) == 0)
            return parts;
    }
    return 0;
}

int folder_make(const char *root, const char *path, unsigned *ret_there)
{
    char whole[PATH_ROOM];
    unsigned depth = folder_depth(path);

    /* Another container's delete may take an empty folder between two of our mkdirs: begin again.
     */
    for (unsigned attempt = 0; attempt < 8; attempt++) {
        unsigned made_from = depth;

        cut(whole, root, path, depth);
        if (mkdir(whole, 0755) == 0)
            return *ret_there = depth - 1, 0;
        if (errno == EEXIST)
            return *ret_there = depth, 0;
        for (unsigned parts = 1; errno == ENOENT && parts <= depth; parts++) {
            cut(whole, root, path, parts);
            if (mkdir(whole, 0755) == 0) {
                made_from = made_from < parts - 1 ? made_from : parts - 1;
                errno = ENOENT;
                if (parts == depth)
                    return *ret_there = made_from, 0;
            } else if (errno == EEXIST) {
                errno = ENOENT;
            } else {
                break;
            }
        }

        int number = errno;

        for (unsigned parts = depth - 1; parts > made_from; parts--) {
            cut(whole, root, path, parts);
            (void)rmdir(whole);
        }
        errno = number;
        if (number != ENOENT)
            return -1;
    }
    return -1;
}

/* --- walks --- */

struct level {
    off_t next; /* where to go on reading the folder above */
    char name[NAME_MAX + 1];
};

struct walk {
    int fd; /* the folder at hand */
    size_t depth, room;
    struct level *levels;
    /* On the way down and up; other than 0 ends the walk. LEAVE: FD is the folder above. */
    int (*arrive)(struct walk *walk);
    int (*leave)(struct walk *walk, const char *name);
    void *context;
};

/* The next sub-folder of the one at hand from *FROM on: 1, 0 when there is none, -1 with errno. */
static int next_folder(int fd, off_t *from, char name[NAME_MAX + 1])
{
    _Alignas(struct dirent64) char room[4096];
    ssize_t n;

    if (lseek(fd, *from, SEEK_SET) < 0)
        return -1;
    while ((n = getdents64(fd, (void *)room, sizeof room)) > 0)
        for (ssize_t i = 0; i < n;) {
            const struct dirent64 *entry = (const void *)(room + i);
            size_t length = strlen(entry->d_name);

            i += entry->d_reclen;
            *from = entry->d_off;
            if (entry->d_type != DT_DIR || length > NAME_MAX || !strcmp(entry->d_name, ".") ||
                !strcmp(entry->d_name, ".."))
                continue;
            memcpy(name, entry->d_name, length + 1);
            return 1;
        }
    return n < 0 ? -1 : 0;
}

static int replace_fd(struct walk *walk, const char *name)
{
    int fd = openat(walk->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return -1;
    close_fd(&walk->fd);
    walk->fd = fd;
    return 0;
}

static int descend(struct walk *walk, off_t next, const char *name)
{
    if (replace_fd(walk, name) < 0)
        return errno == ENOENT ? 1 : -1;
    if (walk->depth == walk->room) {
        size_t room = walk->room ? 2 * walk->room : 4;
        struct level *levels = realloc(walk->levels, room * sizeof *levels);

        if (levels == NULL)
            return -1;
        walk->levels = levels;
        walk->room = room;
    }

    struct level *level = &walk->levels[walk->depth++];

    level->next = next;
    memcpy(level->name, name, strlen(name) + 1);
    return 0;
}

static int walk_steps(struct walk *walk)
{
    char name[NAME_MAX + 1];
    off_t from = 0;
    int rc = walk->arrive ? walk->arrive(walk) : 0;

    while (rc == 0) {
        int found = next_folder(walk->fd, &from, name);

        if (found < 0)
            return -1;
        if (found == 1) {
            int gone = descend(walk, from, name);

            if (gone < 0)
                return -1;
            if (gone == 0) {
                from = 0;
                rc = walk->arrive ? walk->arrive(walk) : 0;
            }
            continue;
        }
        if (walk->depth == 0)
            return 0;

        const struct level *level = &walk->levels[--walk->depth];

        from = level->next;
        /* cgroupfs has no links and cannot be renamed across folders: ".." is where we came from.
         */
        if (replace_fd(walk, "..") < 0)
            return -1;
        rc = walk->leave ? walk->leave(walk, level->name) : 0;
    }
    return rc;
}

/* Takes FD over. What a callback returned, 0 at the end, -1 with errno. */
static int walk_all(struct walk *walk)
{
    int rc = walk_steps(walk), number = errno;

    close_fd(&walk->fd);
    free(walk->levels);
    errno = number;
    return rc;
}

/* --- removing --- */

static int remove_left(struct walk *walk, const char *name)
{
    return unlinkat(walk->fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : 0;
}

/* One try: most containers have no cgroups below their own. */
static int remove_once(const char *whole)
{
    if (rmdir(whole) == 0 || errno == ENOENT)
        return 0;
    if (errno != EBUSY && errno != ENOTEMPTY)
        return -1;

    struct walk walk = { .leave = remove_left };

    walk.fd = open(whole, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (walk.fd < 0)
        return errno == ENOENT ? 0 : -1;
    if (walk_all(&walk) < 0)
        return -1;
    return rmdir(whole) < 0 && errno != ENOENT ? -1 : 0;
}

int folder_remove(const char *root, const char *path, unsigned there, uint64_t deadline)
{
    char whole[PATH_ROOM];
    unsigned depth = folder_depth(path), step = 1;

    cut(whole, root, path, depth);
    while (remove_once(whole) < 0)
        if ((errno != EBUSY && errno != ENOTEMPTY && errno != ENOENT) ||
            !clock_pause(&step, &deadline))
            return -1;
    /* A folder before it that someone else uses by now stays. */
    for (unsigned parts = depth - 1; parts > there && parts > 0; parts--) {
        cut(whole, root, path, parts);
        if (rmdir(whole) < 0 && errno != ENOENT)
            break;
    }
    return 0;
}

/* --- processes --- */

static int pids_add(struct pids *to, pid_t pid)
{
    if (to->n == to->room) {
        size_t room = to->room ? 2 * to->room : 64;
        pid_t *more = realloc(to->at, room * sizeof *more);

        if (more == NULL)
            return -1;
        to->at = more;
        to->room = room;
    }
    to->at[to->n++] = pid;
    return 0;
}

static int read_pids(struct walk *walk)
{
    autoclose int fd = openat(walk->fd, "cgroup.procs", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char room[4096];
    pid_t pid = 0;
    ssize_t n;

    if (fd < 0)
        return errno == ENOENT || errno == ENODEV ? 0 : -1;
    while ((n = read(fd, room, sizeof room)) > 0)
        for (ssize_t i = 0; i < n; i++) {
            if (room[i] >= '0' && room[i] <= '9') {
                pid = pid * 10 + (room[i] - '0');
                continue;
            }
            /* 0: a process that our pid namespace does not see */
            if (pid > 0 && pids_add(walk->context, pid) < 0)
                return -1;
            pid = 0;
        }
    /* EOPNOTSUPP: a threaded cgroup, whose processes are listed by the one above it */
    return n < 0 && errno != ENODEV && errno != EOPNOTSUPP ? -1 : 0;
}

int folder_pids(int fd, struct pids *to)
{
    struct walk walk = { .arrive = read_pids, .context = to };

    walk.fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return walk.fd < 0 ? -1 : walk_all(&walk);
}

static int enter_if_taken(struct walk *walk)
{
    return folder_write(walk->fd, "cgroup.procs", walk->context) == 0;
}

int folder_enter_below(int fd, const char *pid)
{
    char text[16];
    struct walk walk = { .arrive = enter_if_taken, .context = text };
    int rc;

    (void)snprintf(text, sizeof text, "%s", pid);
    walk.fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    rc = walk.fd < 0 ? -1 : walk_all(&walk);
    if (rc == 0)
        errno = EBUSY;
    return rc == 1 ? 0 : -1;
}

/* --- files --- */

ssize_t folder_read(int fd, const char *file, char *out, size_t room)
{
    autoclose int in = openat(fd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = in < 0 ? -1 : read(in, out, room - 1);

    if (n < 0)
        return -1;
    while (n > 0 && out[n - 1] == '\n')
        n--;
    out[n] = 0;
    return n;
}

int folder_write(int fd, const char *file, const char *value)
{
    autoclose int out = openat(fd, file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n;

    if (out < 0)
        return -1;
    do
        n = write(out, value, strlen(value));
    while (n < 0 && errno == EINTR);
    return n < 0 ? -1 : 0;
}
