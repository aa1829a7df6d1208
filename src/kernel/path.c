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

enum {
    RETRIES = 128,  /* openat2 says EAGAIN when a rename or mount elsewhere raced with ".." */
    LINKS_MAX = 40, /* as the kernel's own limit for one path */
};

int path_open(int root, const char *path, uint64_t flags, uint64_t resolve)
{
    const struct open_how how = {
        .flags = flags | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve,
    };
    int fd;

    for (int i = 0; i < RETRIES; i++) {
        fd = missing_openat2(root, *path ? path : ".", &how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    return fd;
}

int path_append(const char *path, mode_t mode)
{
    const struct open_how how = {
        .flags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
        .mode = mode,
        .resolve = RESOLVE_NO_SYMLINKS,
    };
    autoclose int fd = missing_openat2(AT_FDCWD, path, &how);

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

/* A part of the path that could not be opened: what is to be done about it. */
enum part { PART_MADE, PART_IS_LINK, PART_FAILED };

/* Make NAME in FOLDER, or find that it is a link whose target is missing: then it goes to TARGET.
 */
static enum part make_part(int folder, const char *name, enum path_kind kind, char target[PATH_MAX])
{
    if (kind == PATH_FOLDER && mkdirat(folder, name, 0755) == 0)
        return PART_MADE;
    if (kind == PATH_FILE) {
        autoclose int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

        if (fd >= 0)
            return PART_MADE;
    }
    if (errno != EEXIST)
        return PART_FAILED;
    if (path_read_link(folder, name, target, PATH_MAX) >= 0)
        return PART_IS_LINK;
    /* Somebody else made it just now. */
    return errno == EINVAL ? PART_MADE : PART_FAILED;
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

/* The folder that holds the last component of the first LENGTH characters of PATH; *RET_NAME is
 * that component. */
static int open_holder(int root, char path[PATH_MAX], size_t length, char ret_name[NAME_MAX + 1])
{
    size_t front = length;
    char cut;
    int fd;

    while (front > 0 && path[front - 1] != '/')
        front--;
    if (length - front > NAME_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(ret_name, path + front, length - front);
    ret_name[length - front] = 0;
    cut = path[front];
    path[front] = 0;
    fd = path_open(root, path, O_PATH | O_DIRECTORY, 0);
    path[front] = cut;
    return fd;
}

/* Make the first component that is missing. 1: something changed, try again; 0: nothing is missing;
 * -1: errno. */
static int make_first_missing(int root, char path[PATH_MAX], enum path_kind kind)
{
    char target[PATH_MAX], name[NAME_MAX + 1];

    for (size_t end = strcspn(path, "/");; end += 1 + strcspn(path + end + 1, "/")) {
        bool is_last = path[end] == 0;
        char cut = path[end];

        path[end] = 0;
        autoclose int there = path_open(root, path, O_PATH, 0);
        path[end] = cut;
        if (there < 0 && errno != ENOENT)
            return -1;
        if (there < 0) {
            autoclose int holder = open_holder(root, path, end, name);

            if (holder < 0)
                return -1;
            switch (make_part(holder, name, is_last ? kind : PATH_FOLDER, target)) {
            case PART_MADE:
                return 1;
            case PART_IS_LINK:
                return follow_link(path, end, target) < 0 ? -1 : 1;
            case PART_FAILED:
                return -1;
            }
        }
        if (is_last)
            return 0;
    }
}

int path_make(int root, const char *path, enum path_kind kind, struct error *why)
{
    char left[PATH_MAX];
    int fd = path_open(root, path, O_PATH, 0);

    if (fd >= 0)
        return fd;
    if (errno != ENOENT)
        return fail(why, errno, "open %s in the rootfs", path);
    if (strlen(path) >= sizeof left)
        return fail(why, ENAMETOOLONG, "make %s in the rootfs", path);
    path_simplify(path, left);
    /* Each round makes a component or follows a link. */
    for (int rounds = 0, n = 1; n > 0; rounds++) {
        if (rounds > PATH_MAX / 2 + LINKS_MAX)
            return fail(why, ELOOP, "make %s in the rootfs", path);
        n = make_first_missing(root, left, kind);
        if (n < 0)
            return fail(why, errno, "make %s in the rootfs", path);
    }
    fd = path_open(root, left, O_PATH, 0);
    return fd >= 0 ? fd : fail(why, errno, "open %s in the rootfs", path);
}
