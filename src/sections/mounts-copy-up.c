// SPDX-License-Identifier: Apache-2.0
/* What a new tmpfs takes over from the folder that it covers: the mode; with tmpcopyup all that is
 * in it. */
#include "base/io.h"
#include "kernel/path.h"
#include "kernel/proc.h"
#include "sections/mounts.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/xattr.h>

enum { DEPTH_MAX = 128 };

static int copy_folder(int proc_fd, int from, int to, unsigned depth, struct error *why);

static int copy_bytes(int from, int to, off_t left)
{
    while (left > 0) {
        ssize_t n = sendfile(to, from, NULL, (size_t)left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -1 : 0;
        left -= n;
    }
    return 0;
}

/* Those that a tmpfs can hold: capabilities of files and labels. */
static int copy_attributes(int from, int to)
{
    static const char *const names[] = { "security.capability", "security.selinux" };
    char value[1024];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ssize_t n = fgetxattr(from, names[i], value, sizeof value);

        if (n > 0 && fsetxattr(to, names[i], value, (size_t)n, 0) < 0 && errno != EPERM &&
            errno != ENOTSUP)
            return -1;
    }
    return 0;
}

static int copy_owner(int from, int to, const struct stat *st)
{
    const struct timespec times[2] = { st->st_atim, st->st_mtim };

    return fchown(to, st->st_uid, st->st_gid) < 0 || fchmod(to, st->st_mode & 07777) < 0 ||
                   copy_attributes(from, to) < 0 || futimens(to, times) < 0
               ? -1
               : 0;
}

/* IN is what was looked at: a name could be another file's by now, a device's for instance, whose
 * mere opening may do something. */
static int copy_file(int proc_fd, int in, int to, const char *name, const struct stat *st,
                     struct error *why)
{
    autoclose int readable = proc_reopen(proc_fd, in, O_RDONLY | O_NONBLOCK);
    autoclose int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (readable < 0 || out < 0 || copy_bytes(readable, out, st->st_size) < 0 ||
        copy_owner(readable, out, st) < 0)
        return fail(why, errno, "copy %s", name);
    return 0;
}

static int copy_subfolder(int proc_fd, int from, int to, const char *name, unsigned depth,
                          struct error *why)
{
    autoclose int in = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    autoclose int out = -1;

    if (mkdirat(to, name, 0700) < 0)
        return fail(why, errno, "make %s", name);
    out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (in < 0 || out < 0)
        return fail(why, errno, "open %s", name);
    return copy_folder(proc_fd, in, out, depth + 1, why);
}

static int copy_link(int in, int to, const char *name, const struct stat *st, struct error *why)
{
    char target[PATH_MAX];

    if (path_read_link(in, "", target, sizeof target) < 0 || symlinkat(target, to, name) < 0 ||
        fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(why, errno, "copy the link %s", name);
    return 0;
}

static int copy_entry(int proc_fd, int from, int to, const char *name, unsigned depth,
                      struct error *why)
{
    autoclose int in = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (in < 0 || fstat(in, &st) < 0)
        return fail(why, errno, "stat %s", name);
    switch (st.st_mode & S_IFMT) {
    case S_IFDIR:
        return copy_subfolder(proc_fd, in, to, name, depth, why);
    case S_IFREG:
        return copy_file(proc_fd, in, to, name, &st, why);
    case S_IFLNK:
        return copy_link(in, to, name, &st, why);
    case S_IFSOCK:
        return 0; /* nobody listens on a copy */
    default:
        if (mknodat(to, name, st.st_mode, st.st_rdev) < 0 ||
            fchownat(to, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
            return fail(why, errno, "copy the device %s", name);
        return 0;
    }
}

static int copy_folder(int proc_fd, int from, int to, unsigned depth, struct error *why)
{
    DIR *folder;
    struct stat st;
    int result = 0, listed = fcntl(from, F_DUPFD_CLOEXEC, 3);

    if (depth > DEPTH_MAX || listed < 0 || (folder = fdopendir(listed)) == NULL) {
        own_close(&listed);
        return fail(why, depth > DEPTH_MAX ? ELOOP : errno, "list a folder");
    }
    while (result == 0) {
        errno = 0;
        const struct dirent *entry = readdir(folder);

        if (entry == NULL && errno)
            result = fail(why, errno, "list a folder");
        if (entry == NULL)
            break;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        result = copy_entry(proc_fd, from, to, entry->d_name, depth, why);
        if (result < 0 && depth == 0)
            (void)fail_in(why, "tmpcopyup");
    }
    (void)closedir(folder);
    if (result == 0 && depth > 0 && (fstat(from, &st) < 0 || copy_owner(from, to, &st) < 0))
        return fail(why, errno, "copy a folder's owner");
    return result;
}

int mounts_copy_up(int proc_fd, int from, int to, bool with_owner, struct error *why)
{
    struct stat st;

    autoclose int in = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    autoclose int out = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (in < 0 || out < 0)
        return fail(why, errno, "tmpcopyup");
    if (copy_folder(proc_fd, in, out, 0, why) < 0)
        return -1;
    if (with_owner && (fstat(in, &st) < 0 || copy_owner(in, out, &st) < 0))
        return fail(why, errno, "tmpcopyup");
    return 0;
}

int mounts_copy_mode(int from, int to, struct error *why)
{
    struct stat st;

    if (fstat(from, &st) < 0)
        return fail(why, errno, "stat a folder");

    autoclose int out = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (out < 0 || fchmod(out, st.st_mode & 07777) < 0)
        return fail(why, errno, "set the mode of a folder");
    return 0;
}
