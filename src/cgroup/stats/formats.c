// SPDX-License-Identifier: Apache-2.0
/* The formats of the kernel's statistics. */
#include "cgroup/stats/formats.h"
#include "arena.h"
#include "base/own.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 16 << 20 };

char *stats_text(int fd, const char *file, struct arena *arena)
{
    autoclose int in = openat(fd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    size_t length = 0, room = 4096;
    char *text = in < 0 ? NULL : arena_alloc(arena, room);

    while (text) {
        ssize_t n = read(in, text + length, room - 1 - length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return NULL;
        length += (size_t)n;
        text[length] = 0;
        if (n == 0)
            return text;
        if (length < room - 1)
            continue;

        char *larger = room < TEXT_MAX ? arena_alloc(arena, room *= 2) : NULL;

        if (larger)
            memcpy(larger, text, length + 1);
        text = larger;
    }
    return NULL;
}

/* --- words, lines and lists --- */

/* A number or "max" (UINT64_MAX), and where it ends; false: none. */
static bool read_number(const char **at, uint64_t *ret)
{
    char *end;

    if (text_starts(*at, "max")) {
        *at += 3;
        *ret = UINT64_MAX;
        return true;
    }
    if ((**at < '0' || **at > '9') && **at != '-')
        return false;
    errno = 0;
    *ret = **at == '-' ? (uint64_t)strtoll(*at, &end, 10) : strtoull(*at, &end, 10);
    if (errno || end == *at)
        return false;
    *at = end;
    return true;
}

static const char *next_line(const char *line)
{
    line += strcspn(line, "\n");
    return line + (*line == '\n');
}

static size_t count(const char *text, const char *of)
{
    size_t n = 0;

    for (; *text; text++)
        n += strchr(of, *text) != NULL;
    return n;
}

/* What follows "WORD=" in the line at hand, or NULL. */
static const char *value_of(const char *line, const char *word)
{
    size_t length = strlen(word);

    for (line += strcspn(line, " \n"); *line == ' '; line += strcspn(line, " \n")) {
        line += strspn(line, " ");
        if (strncmp(line, word, length) == 0 && line[length] == '=')
            return line + length + 1;
    }
    return NULL;
}

/* A list of the decoder's kind, with room for N items of SIZE bytes; NULL when memory runs out. */
struct list {
    size_t n;
    void *at;
};

static void *make_list(struct arena *arena, size_t n, size_t size)
{
    return n > SIZE_MAX / size ? NULL : arena_alloc(arena, n * size);
}

static bool store_list(void *out, size_t n, void *at)
{
    struct list list = { n, at };

    if (n > 0 && at)
        memcpy(out, &list, sizeof list);
    return n > 0 && at;
}

/* --- numbers --- */

static bool store_number(const char *text, const struct stats_source *source, void *out)
{
    uint64_t value;

    if (!read_number(&text, &value))
        return false;
    if (source->scale && value != UINT64_MAX)
        value *= source->scale;
    memcpy(out, &value, sizeof value);
    return true;
}

bool stats_number(const char *text, const struct stats_source *source, void *out,
                  struct arena *arena)
{
    (void)arena;
    return store_number(text, source, out);
}

bool stats_limit(const char *text, const struct stats_source *source, void *out,
                 struct arena *arena)
{
    (void)arena;
    return store_number(text_starts(text, "max") ? "0" : text, source, out);
}

bool stats_keyed(const char *text, const struct stats_source *source, void *out,
                 struct arena *arena)
{
    size_t length = strlen(source->key);

    (void)arena;
    for (const char *line = text; *line; line = next_line(line))
        if (strncmp(line, source->key, length) == 0 && line[length] == ' ')
            return store_number(line + length + 1, source, out);
    return false;
}

bool stats_keyed_all(const char *text, const struct stats_source *source, void *out,
                     struct arena *arena)
{
    size_t lines = count(text, "\n") + 1, n = 0;
    uint64_t *values = make_list(arena, lines, sizeof *values);
    const char **keys = make_list(arena, lines, sizeof *keys);

    (void)source;
    for (const char *line = text; values && keys && *line; line = next_line(line)) {
        size_t length = strcspn(line, " \n");
        const char *at = line + length + (line[length] == ' ');

        if (length == 0 || line[length] != ' ' || !read_number(&at, &values[n]))
            continue;
        keys[n] = arena_strndup(arena, line, length);
        if (keys[n++] == NULL)
            return false;
    }
    if (!keys || !store_list(out, n, values))
        return false;
    ((struct json_string_map *)out)->key = keys;
    return true;
}

/* --- lists of numbers --- */

bool stats_sequence(const char *text, const struct stats_source *source, void *out,
                    struct arena *arena)
{
    size_t n = 0;
    uint64_t *values = make_list(arena, count(text, " \n") + 1, sizeof *values);

    (void)source;
    while (values && read_number(&text, &values[n])) {
        n++;
        text += strspn(text, " \n");
    }
    return store_list(out, n, values);
}

bool stats_column(const char *text, const struct stats_source *source, void *out,
                  struct arena *arena)
{
    size_t n = 0, column = 0, length = strlen(source->key);
    uint64_t *values = make_list(arena, count(text, "\n") + 1, sizeof *values);
    const char *head = text;

    while (strncmp(head, source->key, length) != 0 || !strchr(" \n", head[length])) {
        head += strcspn(head, " \n");
        if (*head != ' ')
            return false;
        head += strspn(head, " ");
        column++;
    }
    for (const char *line = next_line(text); values && *line; line = next_line(line)) {
        const char *at = line;

        for (size_t i = 0; i < column; i++) {
            at += strcspn(at, " \n");
            at += strspn(at, " ");
        }
        n += read_number(&at, &values[n]);
    }
    return store_list(out, n, values);
}

/* One range, and where the next begins; false: none. */
static bool read_range(const char **at, uint64_t *first, uint64_t *last)
{
    if (!read_number(at, first))
        return false;
    *last = *first;
    if (**at == '-') {
        (*at)++;
        if (!read_number(at, last))
            return false;
    }
    *at += **at == ',';
    return *first <= *last && *last <= UINT16_MAX;
}

bool stats_ranges(const char *text, const struct stats_source *source, void *out,
                  struct arena *arena)
{
    size_t n = 0;
    uint64_t first, last;
    uint16_t *values;

    (void)source;
    for (const char *at = text; read_range(&at, &first, &last);)
        n += last - first + 1;
    values = make_list(arena, n, sizeof *values);
    n = 0;
    for (const char *at = text; values && read_range(&at, &first, &last);)
        while (first <= last)
            values[n++] = (uint16_t)first++;
    return store_list(out, n, values);
}

/* --- devices --- */

/* "8:0 " at the begin of a line. */
static bool read_device(const char **at, struct oci_stats_blkio_entry *ret)
{
    if (!read_number(at, &ret->major) || **at != ':')
        return false;
    (*at)++;
    if (!read_number(at, &ret->minor) || **at != ' ')
        return false;
    (*at)++;
    return true;
}

bool stats_devices(const char *text, const struct stats_source *source, void *out,
                   struct arena *arena)
{
    size_t n = 0;
    struct oci_stats_blkio_entry *entries =
        make_list(arena, count(text, "\n") + 1, sizeof *entries);

    (void)source;
    for (const char *line = text; entries && *line; line = next_line(line)) {
        const char *at = line;
        size_t length;

        /* The last line is the sum of all devices: "Total 17". */
        if (!read_device(&at, &entries[n]))
            continue;
        length = strcspn(at, " \n");
        if (at[length] == ' ') {
            entries[n].op = arena_strndup(arena, at, length);
            at += length + 1;
        }
        n += read_number(&at, &entries[n].value);
    }
    return store_list(out, n, entries);
}

bool stats_io(const char *text, const struct stats_source *source, void *out, struct arena *arena)
{
    static const char *const ops[] = { "Read", "Write", "Discard" };
    size_t n = 0;
    struct oci_stats_blkio_entry *entries =
        make_list(arena, 3 * (count(text, "\n") + 1), sizeof *entries);
    char word[16];

    for (const char *line = text; entries && *line; line = next_line(line))
        for (size_t i = 0; i < 3; i++) {
            const char *at = line, *value;

            if (!read_device(&at, &entries[n]))
                break;
            (void)snprintf(word, sizeof word, "%c%s", "rwd"[i], source -> key);
            value = value_of(line, word);
            if (value && read_number(&value, &entries[n].value))
                entries[n++].op = ops[i];
        }
    return store_list(out, n, entries);
}

bool stats_rdma(const char *text, const struct stats_source *source, void *out, struct arena *arena)
{
    size_t n = 0;
    struct oci_stats_rdma_entry *entries = make_list(arena, count(text, "\n") + 1, sizeof *entries);

    (void)source;
    for (const char *line = text; entries && *line; line = next_line(line)) {
        struct oci_stats_rdma_entry *entry = &entries[n];
        const char *handles = value_of(line, "hca_handle"), *objects = value_of(line, "hca_object");
        uint64_t value;

        entry->device = arena_strndup(arena, line, strcspn(line, " \n"));
        if (entry->device == NULL)
            return false;
        entry->has_hca_handles = handles && read_number(&handles, &value);
        if (entry->has_hca_handles)
            entry->hca_handles = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
        entry->has_hca_objects = objects && read_number(&objects, &value);
        if (entry->has_hca_objects)
            entry->hca_objects = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
        n += entry->has_hca_handles || entry->has_hca_objects;
    }
    return store_list(out, n, entries);
}

/* --- pressure --- */

/* "0.00" as it stands. */
static const char *read_average(const char *line, const char *word, struct arena *arena)
{
    const char *value = value_of(line, word);

    return value ? arena_strndup(arena, value, strspn(value, "0123456789.")) : NULL;
}

static const struct oci_stats_psi_share *read_share(const char *line, struct arena *arena)
{
    struct oci_stats_psi_share *share = arena_alloc(arena, sizeof *share);
    const char *total = value_of(line, "total");

    if (share == NULL)
        return NULL;
    share->avg10 = read_average(line, "avg10", arena);
    share->avg60 = read_average(line, "avg60", arena);
    share->avg300 = read_average(line, "avg300", arena);
    share->has_total = total && read_number(&total, &share->total);
    return share;
}

bool stats_pressure(const char *text, const struct stats_source *source, void *out,
                    struct arena *arena)
{
    struct oci_stats_psi *psi = arena_alloc(arena, sizeof *psi);

    (void)source;
    for (const char *line = text; psi && *line; line = next_line(line)) {
        if (text_starts(line, "some "))
            psi->some = read_share(line, arena);
        else if (text_starts(line, "full "))
            psi->full = read_share(line, arena);
    }
    if (psi == NULL || (psi->some == NULL && psi->full == NULL))
        return false;
    memcpy(out, &psi, sizeof psi);
    return true;
}
