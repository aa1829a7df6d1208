// SPDX-License-Identifier: Apache-2.0
// Test data: a file of the source tree as a malloc'ed string.
#ifndef READ_FILE_H
#define READ_FILE_H

#include <stdio.h>
#include <stdlib.h>

// PATH is below the root of the source tree, which make check gives in $srcdir; NULL on failure.
static inline char *read_file(const char *path, size_t *len)
{
    char full[4096];
    const char *top = getenv("srcdir");
    snprintf(full, sizeof full, "%s/%s", top ? top : ".", path);
    FILE *file = fopen(full, "re");
    char *text = malloc(1 << 20);
    if (!file || !text) {
        perror(full);
        free(text);
        if (file)
            fclose(file);
        return NULL;
    }
    *len = fread(text, 1, (1 << 20) - 1, file);
    text[*len] = '\0';
    fclose(file);
    return text;
}

#endif
