// SPDX-License-Identifier: Apache-2.0
/* Reading and writing whole files. */
#include "base/io.h"
#include "base/own.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WRITE_DEADLINE_MS = 10000 };

char *io_read_fd(int fd, const char *name, size_t max, size_t *ret_length, struct error *why)
{
    size_t room = 8192, used = 0;
    autofree char *text = malloc(room + 1);

    while (text) {
        ssize_t n = read(fd, text + used, room - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(why, errno, "read %s", name), NULL;
        if (n == 0)
            break;
        used += (size_t)n;
        if (used > max)
            return fail(why, EFBIG, "read %s: more than %zu bytes", name, max), NULL;
        if (used < room)
            continue;
        room *= 2;

        char *more = realloc(text, room + 1);

        if (more == NULL)
            return fail(why, ENOMEM, "read %s", name), NULL;
        text = more;
    }
    if (text == NULL)
        return fail(why, ENOMEM, "read %s", name), NULL;
    text[used] = 0;
    *ret_length = used;
    return take(text);
}

char *io_read_file(int dirfd, const char *path, size_t max, size_t *ret_length, struct error *why)
{
    autoclose int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0)
        return fail(why, errno, "open %s", path), NULL;
    if (fstat(fd, &st) < 0)
        return fail(why, errno, "stat %s", path), NULL;
    if (!S_ISREG(st.st_mode))
        return fail(why, S_ISDIR(st.st_mode) ? EISDIR : 0, "read %s: not a regular file", path),
               NULL;
    if ((uint64_t)st.st_size > max)
        return fail(why, EFBIG, "read %s: more than %zu bytes", path, max), NULL;
    return io_read_fd(fd, path, max, ret_length, why);
}

int io_write_all(int fd, const void *data, size_t length)
{
    for (const char *at = data; length > 0;) {
        ssize_t n = write(fd, at, length);

        if (n < 0 && errno == EINTR)
            continue;
        /* The caller's own output may be non-blocking. */
        if (n < 0 && errno == EAGAIN &&
            poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, WRITE_DEADLINE_MS) != 0)
            continue;
        if (n < 0)
            return -1;
        at += n;
        length -= (size_t)n;
    }
    return 0;
}

enum { TEMP_ROOM = 300 };

static void name_temp(char temp[TEMP_ROOM], const char *name)
{
    (void)snprintf(temp, TEMP_ROOM, ".%.250s.%d", name, (int)getpid());
}

int io_write_new(int dirfd, const char *name, const char *text, size_t length, mode_t mode,
                 struct error *why)
{
    enum { FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
    autoclose int fd = openat(dirfd, name, FLAGS, mode);

    /* A leftover, or, in a folder that others may write to, a trap: a link, a fifo. */
    if (fd < 0 && errno == EEXIST && unlinkat(dirfd, name, 0) == 0)
        fd = openat(dirfd, name, FLAGS, mode);
    if (fd < 0)
        return fail(why, errno, "create %s", name);
    if (io_write_all(fd, text, length) < 0) {
        int number = errno;

        (void)unlinkat(dirfd, name, 0);
        return fail(why, number, "write %s", name);
    }
    return 0;
}

int io_prepare(int dirfd, const char *name, const char *text, size_t length, mode_t mode,
               struct error *why)
{
    char temp[TEMP_ROOM];

    name_temp(temp, name);
    return io_write_new(dirfd, temp, text, length, mode, why);
}

static int put(int dirfd, const char *temp, const char *name, struct error *why)
{
    if (renameat(dirfd, temp, dirfd, name) < 0) {
        int number = errno;

        (void)unlinkat(dirfd, temp, 0);
        return fail(why, number, "write %s", name);
    }
    return 0;
}

int io_replace(int dirfd, const char *name, struct error *why)
{
    char temp[TEMP_ROOM];

    name_temp(temp, name);
    /* Renaming it onto a file makes ext4 write the new text to the disk first, an exchange does
     * not. */
    if (syscall(SYS_renameat2, dirfd, temp, dirfd, name, RENAME_EXCHANGE) < 0)
        return put(dirfd, temp, name, why);
    (void)unlinkat(dirfd, temp, 0);
    return 0;
}

void io_discard(int dirfd, const char *name)
{
    char temp[TEMP_ROOM];

    name_temp(temp, name);
    (void)unlinkat(dirfd, temp, 0);
}

int io_write_atomic(int dirfd, const char *name, const char *text, size_t length, mode_t mode,
                    struct error *why)
{
    char temp[TEMP_ROOM];

    if (io_prepare(dirfd, name, text, length, mode, why) < 0)
        return -1;
    name_temp(temp, name);
    return put(dirfd, temp, name, why);
}
