// SPDX-License-Identifier: Apache-2.0
/* Directories of the host that we make. */
#include "kernel/host-folder.h"
#include "base/own.h"
#include "kernel/path.h"
#include "kernel/userns.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MAX = 40, UNMAPPED = 65534 /* /proc/sys/kernel/overflowuid */ };

/* A walk down a path of the host. */
struct walk {
    int at;
    const char *whole;   /* as it was given */
    char left[PATH_MAX]; /* what is still to be walked */
    unsigned links;
    mode_t mode;
    bool was_made; /* the directory that the walk has reached */
};

static int fail_part(const struct walk *w, const char *name, struct error *why)
{
    return fail(why, errno, "make the folder %s: %s", w->whole, name);
}

/* Root of a user namespace sees the host's root as a user without a number. */
static bool is_trusted(uid_t user)
{
    return user == 0 || user == geteuid() || (user == UNMAPPED && !userns_is_initial());
}

/* Whether nobody else can have put the link LINK into the directory FOLDER. In a sticky one nobody
 * else can replace it. */
static bool may_follow(const struct stat *folder, const struct stat *link)
{
    bool is_closed = !(folder->st_mode & (S_IWGRP | S_IWOTH)) || (folder->st_mode & S_ISVTX);

    return is_trusted(link->st_uid) && is_trusted(folder->st_uid) && is_closed;
}

static int follow(struct walk *w, const char *name, const struct stat *link, struct error *why)
{
    char target[PATH_MAX], rest[PATH_MAX];
    struct stat folder;
    int n;

    if (fstat(w->at, &folder) < 0)
        return fail_part(w, name, why);
    if (!may_follow(&folder, link)) {
        (void)fail(why, ELOOP, "make the folder %s: %s is a link of user %u", w->whole, name,
                   link->st_uid);
        return fail_hint(why, "give a path on which only root and the caller can put links");
    }
    memcpy(rest, w->left, sizeof rest);
    if (path_read_link(w->at, name, target, sizeof target) < 0)
        return fail_part(w, name, why);
    n = snprintf(w->left, sizeof w->left, "%s/%s", target, rest);
    if (n < 0 || (size_t)n >= sizeof w->left || ++w->links > LINKS_MAX) {
        errno = ELOOP;
        return fail_part(w, name, why);
    }
    if (*target != '/')
        return 0;
    close_fd(&w->at);
    w->at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return w->at < 0 ? fail_part(w, name, why) : 0;
}

/* One step, to NAME, the LAST of the path or not. */
static int step(struct walk *w, const char *name, bool is_last, struct error *why)
{
    int next = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    w->was_made = false;
    if (next < 0 && errno == ENOENT) {
        w->was_made = mkdirat(w->at, name, is_last ? w->mode : 0755) == 0;
        if (!w->was_made && errno != EEXIST)
            return fail_part(w, name, why);
        next = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    }
    if (next < 0 || fstat(next, &st) < 0) {
        (void)fail_part(w, name, why);
        close_fd(&next);
        return -1;
    }
    if (S_ISLNK(st.st_mode)) {
        close_fd(&next);
        return follow(w, name, &st, why);
    }
    close_fd(&w->at);
    w->at = next;
    return 0;
}

static int walk(struct walk *w, struct error *why)
{
    char name[NAME_MAX + 1];

    for (;;) {
        const char *begin = w->left + strspn(w->left, "/");
        size_t length = strcspn(begin, "/"), after = length + strspn(begin + length, "/");
        bool is_last = begin[after] == 0;

        if (length == 0)
            return 0;
        if (length > NAME_MAX) {
            errno = ENAMETOOLONG;
            return fail_part(w, "a name on the way", why);
        }
        memcpy(name, begin, length);
        name[length] = 0;
        memmove(w->left, begin + after, strlen(begin + after) + 1);
        if (step(w, name, is_last, why) < 0)
            return -1;
    }
}

int host_folder_make(const char *path, mode_t mode, bool *ret_was_made, struct error *why)
{
    struct walk w = { .whole = path, .mode = mode };
    int fd = -1;

    if (strlen(path) >= sizeof w.left)
        return fail(why, ENAMETOOLONG, "make the folder %s", path);
    memcpy(w.left, path, strlen(path) + 1);
    w.at = open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (w.at < 0)
        return fail(why, errno, "make the folder %s", path);
    if (walk(&w, why) == 0) {
        fd = openat(w.at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            (void)fail(why, errno, "open the folder %s", path);
    }
    close_fd(&w.at);
    if (ret_was_made)
        *ret_was_made = w.was_made;
    return fd;
}
