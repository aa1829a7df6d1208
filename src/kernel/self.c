// SPDX-License-Identifier: Apache-2.0
/* Where our own program lies on the host. */
#include "kernel/self.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const variable = "ZIND_OCI_SELF";

/* Of a detached clone of a mount the file is the root, and one in memory has no place. */
static bool read_link(char out[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);

    if (n <= 1)
        return false;
    out[n] = 0;
    return out[0] == '/' && !text_starts(out, "/memfd:") && !text_ends(out, " (deleted)");
}

void self_note(void)
{
    char path[PATH_MAX];

    if (read_link(path))
        (void)setenv(variable, path, 1);
}

bool self_beside(char out[PATH_MAX], const char *name)
{
    char path[PATH_MAX];
    const char *known = read_link(path) ? path : secure_getenv(variable);
    const char *slash = known && known[0] == '/' ? strrchr(known, '/') : NULL;
    int n;

    if (slash == NULL)
        return false;
    n = snprintf(out, PATH_MAX, "%.*s/%s", (int)(slash - known), known, name);
    return n > 0 && n < PATH_MAX;
}

bool self_is_variable(const char *entry)
{
    size_t length = strlen(variable);

    return strncmp(entry, variable, length) == 0 && entry[length] == '=';
}
