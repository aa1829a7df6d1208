// SPDX-License-Identifier: Apache-2.0
/* The program's home folder: a strict reader of the container's /etc/passwd. No NSS: its modules
 * would be the image's. */
#include "base/own.h"
#include "base/text.h"
#include "sections/program.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum {
    LINE_MAX_BYTES = 2048,     /* a longer line is nobody's */
    PASSWD_MAX_BYTES = 4 << 20 /* a longer file is not read to its end */
};

/* The home of LINE, "name:password:uid:gid:comment:home:shell", if it is UID's. LINE is cut up. */
static const char *match(char *line, uint32_t uid)
{
    char *field[7];
    uint64_t number;

    for (int i = 0; i < 7; i++) {
        field[i] = line;
        line = line ? strchr(line, ':') : NULL;
        if (line)
            *line++ = 0;
        else if (i < 6)
            return NULL;
    }
    if (!text_to_number(field[2], UINT32_MAX, &number) || number != uid || field[5][0] != '/')
        return NULL;
    return field[5];
}

/* Line by line through a small buffer: what INIT touches is charged to the container. */
static const char *read_home(int fd, uint32_t uid, struct arena *arena)
{
    char buffer[LINE_MAX_BYTES + 1];
    size_t used = 0, total = 0;
    bool skipping = false;

    for (;;) {
        ssize_t n = read(fd, buffer + used, LINE_MAX_BYTES - used);
        char *line = buffer, *end;

        if (n < 0 && errno == EINTR)
            continue;
        /* The last line may lack its end. */
        if (n == 0 && used > 0 && !skipping)
            buffer[used++] = '\n';
        else if (n <= 0)
            return "/";
        used += (size_t)n;
        total += (size_t)n;
        for (; (end = memchr(line, '\n', used - (size_t)(line - buffer))); line = end + 1) {
            *end = 0;

            const char *home = skipping ? NULL : match(line, uid);

            skipping = false;
            if (home)
                return arena_strdup(arena, home);
        }
        used -= (size_t)(line - buffer);
        memmove(buffer, line, used);
        if (used == LINE_MAX_BYTES) {
            skipping = true;
            used = 0;
        }
        if (n == 0 || total > PASSWD_MAX_BYTES)
            return "/";
    }
}

const char *program_find_home(uint32_t uid, struct arena *arena)
{
    /* O_NONBLOCK: a fifo must not hold us up. */
    autoclose int fd = program_open_inside("/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return "/";
    return read_home(fd, uid, arena);
}
