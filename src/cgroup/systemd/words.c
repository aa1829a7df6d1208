// SPDX-License-Identifier: Apache-2.0
/* The words of a request to zind-oci-systemd. */
#include "cgroup/systemd/systemd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(struct systemd_words *to, const char *bytes, size_t length)
{
    if (length > to->room - to->length) {
        size_t room = 2 * to->room + length + 256;
        char *more = realloc(to->at, room);

        if (more == NULL) {
            to->is_short = true;
            return;
        }
        to->at = more;
        to->room = room;
    }
    if (length)
        memcpy(to->at + to->length, bytes, length);
    to->length += length;
}

void systemd_words_add(struct systemd_words *to, const char *word)
{
    append(to, word, strlen(word) + 1);
}

void systemd_words_addf(struct systemd_words *to, const char *format, ...)
{
    char word[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(word, sizeof word, format, args);
    va_end(args);
    systemd_words_add(to, word);
}

void systemd_words_append(struct systemd_words *to, const struct systemd_words *more)
{
    to->is_short |= more->is_short;
    append(to, more->at, more->length);
}

void systemd_words_free(struct systemd_words *words)
{
    free(words->at);
    *words = (struct systemd_words){ 0 };
}
