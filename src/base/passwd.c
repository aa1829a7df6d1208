// SPDX-License-Identifier: Apache-2.0
/* A strict, bounded reader of passwd(5). No NSS: its modules could be the image's, and a static
 * program has none. */
#include "base/passwd.h"
#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 2048,     /* a longer line is nobody's */
    PASSWD_MAX_BYTES = 4 << 20 /* a longer file is not read to its end */
};

/* The field of LINE, "name:password:uid:gid:comment:home:shell", if it is UID's. LINE is cut up. */
static const char *match(char *line, uint32_t uid, enum passwd_field wanted)
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
    if (!text_to_number(field[2], UINT32_MAX, &number) || number != uid)
        return NULL;
    return field[wanted];
}

/* Line by line through a small buffer: what INIT touches is charged to the container. */
const char *passwd_find(int fd, uint32_t uid, enum passwd_field wanted, struct arena *arena)
{
    struct stat st;
    char buffer[LINE_MAX_BYTES + 1];
    size_t used = 0, total = 0;
    bool skipping = false;

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return NULL;
    for (;;) {
        ssize_t n = read(fd, buffer + used, LINE_MAX_BYTES - used);
        char *line = buffer, *end;

        if (n < 0 && errno == EINTR)
            continue;
        /* The last line may lack its end. */
        if (n == 0 && used > 0 && !skipping)
            buffer[used++] = '\n';
        else if (n <= 0)
            return NULL;
        used += (size_t)n;
        total += (size_t)n;
        for (; (end = memchr(line, '\n', used - (size_t)(line - buffer))); line = end + 1) {
            *end = 0;

            const char *field = skipping ? NULL : match(line, uid, wanted);

            skipping = false;
            if (field)
                return arena_strdup(arena, field);
        }
        used -= (size_t)(line - buffer);
        memmove(buffer, line, used);
        if (used == LINE_MAX_BYTES) {
            skipping = true;
            used = 0;
        }
        if (n == 0 || total > PASSWD_MAX_BYTES)
            return NULL;
    }
}
