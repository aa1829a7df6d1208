// SPDX-License-Identifier: Apache-2.0
/* Opening and making paths inside a root with openat2(2), safe against whatever the image holds. */
#include "kernel/path.h"
#include "base/own.h"
#include "kernel/missing.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    RETRIES = 100000, /* about a second; who renames without a pause needs one in a few thousand */
    LINKS_MAX = 40,   /* as the kernel's own limit for one path */
};

int path_open_how(int from, const char *path, const struct open_how *how)
{
    int fd = -1;

    for (int i = 0; i < RETRIES; i++) {
        fd = (int)syscall(SYS_openat2, from, path, how, sizeof *how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    return fd;
}

int path_open(int root, const char *path, uint64_t flags, uint64_t resolve)
{
    const struct open_how how = {
        .flags = flags | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve,
    };

    return path_open_how(root, *path ? path : ".", &how);
}

int path_append(const char *path, mode_t mode)
{
    const struct open_how how = {
        .flags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
        .mode = mode,
        .resolve = RESOLVE_NO_SYMLINKS,
    };
    autoclose int fd = path_open_how(AT_FDCWD, path, &how);

    return fd >= 0 && fcntl(fd, F_SETFL, O_APPEND) == 0 ? take_fd(fd) : -1;
}

ssize_t path_read_link(int dirfd, const char *name, char *out, size_t room)
{
    ssize_t n = readlinkat(dirfd, name, out, room);

    if (n < 0)
        return -1;
    if ((size_t)n >= room) {
        errno = ENAMETOOLONG;
        return -1;
    }
    out[n] = 0;
    return n;
}

void path_simplify(const char *path, char *out)
{
    char *to = out;

    while (*path) {
        size_t n = strcspn(path, "/");

        if (n > 0 && !(n == 1 && *path == '.')) {
            if (to > out)
                *to++ = '/';
            memmove(to, path, n);
            to += n;
        }
        path += n + (path[n] == '/');
    }
    *to = 0;
}

/* What is at a part of the path. */
enum part { PART_OPENED, PART_IS_LINK, PART_FAILED };

/* Make NAME in FOLDER; that somebody else made it just now is as good. */
static int make_part(int folder, const char *name, enum path_kind kind)
{
    int fd;

    if (kind == PATH_FOLDER)
        return mkdirat(folder, name, 0755) < 0 && errno != EEXIST ? -1 : 0;
    fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd >= 0)
        close_fd(&fd);
    else if (errno != EEXIST)
        return -1;
    return 0;
}

/* Put the link's TARGET in place of the first LENGTH characters of PATH; the last component of
 * these is the link. */
static int follow_link(char path[PATH_MAX], size_t length, const char *target)
{
    char whole[PATH_MAX];
    int front = 0, n;

    if (*target != '/')
        for (front = (int)length; front > 0 && path[front - 1] != '/'; front--)
            ;
    n = snprintf(whole, sizeof whole, "%.*s%s%s", front, path, target, path + length);
    if (n < 0 || (size_t)n >= sizeof whole) {
        errno = ENAMETOOLONG;
        return -1;
    }
    path_simplify(whole, path);
    return 0;
}

/* A walk down a path that makes what is missing. One step at a time, each from the folder before:
   what a path costs grows with its length, not with the cube of it. */
struct walk {
    int root;
    int folder; /* where the walk is */
    enum path_kind kind;
    char path[PATH_MAX]; /* all of it, simplified */
};

/* What the first LENGTH characters of the path lead to, as the kernel sees it from the root. */
static int open_front(struct walk *w, size_t length)
{
    char cut = w->path[length];
    int fd;

    w->path[length] = 0;
    fd = path_open(w->root, w->path, O_PATH, 0);
    w->path[length] = cut;
    return fd;
}

/* The part of the path from START to END, which is no "..", made where it is missing. */
static enum part open_part(struct walk *w, size_t start, size_t end, int *ret_fd)
{
    char name[NAME_MAX + 1];
    struct stat st;

    if (end - start > NAME_MAX) {
        errno = ENAMETOOLONG;
        return PART_FAILED;
    }
    memcpy(name, w->path + start, end - start);
    name[end - start] = 0;

    autoclose int fd = openat(w->folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT) {
        if (make_part(w->folder, name, w->path[end] ? PATH_FOLDER : w->kind) < 0)
            return PART_FAILED;
        fd = openat(w->folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    }
    if (fd < 0 || fstat(fd, &st) < 0)
        return PART_FAILED;
    if (S_ISLNK(st.st_mode))
        return PART_IS_LINK;
    *ret_fd = take_fd(fd);
    return PART_OPENED;
}

/* Follow the link from START to END. 0: it leads to *RET_FD; 1: its target is missing and stands in
   the path now, -1: errno. */
static int pass_link(struct walk *w, size_t start, size_t end, int *ret_fd)
{
    char target[PATH_MAX], name[NAME_MAX + 1];

    *ret_fd = open_front(w, end);
    if (*ret_fd >= 0 || errno != ENOENT)
        return *ret_fd >= 0 ? 0 : -1;
    memcpy(name, w->path + start, end - start);
    name[end - start] = 0;
    if (path_read_link(w->folder, name, target, sizeof target) < 0)
        return -1;
    return follow_link(w->path, end, target) < 0 ? -1 : 1;
}

/* 0: nothing is missing now; 1: a link was put into the path, begin again; -1: errno. */
static int walk_once(struct walk *w)
{
    autoclose int folder = open_front(w, 0);

    if (folder < 0)
        return -1;
    for (size_t start = 0, end; w->path[start]; start = end + (w->path[end] == '/')) {
        int next = -1, links = 0;

        end = start + strcspn(w->path + start, "/");
        w->folder = folder;
        if (end - start == 2 && memcmp(w->path + start, "..", 2) == 0)
            next = open_front(w, end);
        else if (open_part(w, start, end, &next) == PART_IS_LINK)
            links = pass_link(w, start, end, &next);
        if (links == 1)
            return 1;
        if (next < 0)
            return -1;
        close_fd(&folder);
        folder = next;
    }
    return 0;
}

int path_make(int root, const char *path, enum path_kind kind, struct error *why)
{
    struct walk w = { .root = root, .folder = -1, .kind = kind };
    int fd = path_open(root, path, O_PATH, 0), left = 1;

    if (fd >= 0)
        return fd;
    if (errno != ENOENT)
        return fail(why, errno, "open %s in the rootfs", path);
    if (strlen(path) >= sizeof w.path)
        return fail(why, ENAMETOOLONG, "make %s in the rootfs", path);
    path_simplify(path, w.path);
    for (int links = 0; left == 1; links++) {
        if (links > LINKS_MAX)
            return fail(why, ELOOP, "make %s in the rootfs", path);
        left = walk_once(&w);
    }
    if (left < 0)
        return fail(why, errno, "make %s in the rootfs", path);
    fd = path_open(root, w.path, O_PATH, 0);
    return fd >= 0 ? fd : fail(why, errno, "open %s in the rootfs", path);
}
