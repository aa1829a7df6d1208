// SPDX-License-Identifier: Apache-2.0
/* Which mounts lie below a folder, by the kernel's list. */
#include "kernel/submounts.h"
#include "base/io.h"
#include "base/own.h"

#include <stdbool.h>
#include <string.h>

enum { MOUNTINFO_MAX = 64 * 1024 * 1024, POINT_FIELD = 4 };

static bool is_octal(const char *at)
{
    return at[0] >= '0' && at[0] <= '3' && at[1] >= '0' && at[1] <= '7' && at[2] >= '0' &&
           at[2] <= '7';
}

/* Blanks, tabs, line breaks and backslashes are written as \040 and the like. */
static void unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from == '\\' && is_octal(from + 1)) {
            *to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 3;
        } else {
            *to++ = *from;
        }
    }
    *to = 0;
}

/* The fifth field of "36 35 98:0 /mnt1 /mnt2 rw …". */
static char *point_of(char *line)
{
    char *field = line, *end;

    for (int i = 0; i < POINT_FIELD && field; i++) {
        field = strchr(field, ' ');
        field = field ? field + 1 : NULL;
    }
    end = field ? strchr(field, ' ') : NULL;
    if (end == NULL)
        return NULL;
    *end = 0;
    unescape(field);
    return field;
}

int submounts_each(int proc_fd, const char *file, const char *folder, submounts_act *act,
                   void *context, struct error *why)
{
    size_t length, folder_length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    autofree char *text = io_read_file(proc_fd, file, MOUNTINFO_MAX, &length, why);
    char *state = NULL;

    if (text == NULL)
        return -1;
    for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
        const char *point = point_of(line);

        if (point && strncmp(point, folder, folder_length) == 0 && point[folder_length] == '/' &&
            point[folder_length + 1] && act(context, point + folder_length, why) < 0)
            return -1;
    }
    return 0;
}
