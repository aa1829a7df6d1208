// SPDX-License-Identifier: Apache-2.0
/* Statistics of huge pages, whose files are named after the page sizes of the machine. */
#include "arena.h"
#include "base/text.h"
#include "cgroup/stats/formats.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { SIZES_MAX = 16 };

/* "hugetlb.2MB.current" and "hugetlb.2MB.usage_in_bytes" name a size. */
static size_t find_sizes(const struct stats_folder *folder, const char *sizes[SIZES_MAX],
                         struct arena *arena)
{
    const char *end = folder->is_v2 ? ".current" : ".usage_in_bytes";
    int copy = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    size_t n = 0;

    if (dir == NULL)
        return 0;
    for (struct dirent *entry; n < SIZES_MAX && (entry = readdir(dir));) {
        const char *size = entry->d_name + strlen("hugetlb.");

        if (!text_starts(entry->d_name, "hugetlb.") || !text_ends(size, end) ||
            strchr(size, '.') != size + strlen(size) - strlen(end))
            continue;
        sizes[n] = arena_strndup(arena, size, strlen(size) - strlen(end));
        n += sizes[n] != NULL;
    }
    (void)closedir(dir);
    return n;
}

static bool read_page_file(const struct stats_folder *folder, const char *size, const char *what,
                           const char *key, uint64_t *ret, struct arena *arena)
{
    const struct stats_source source = { .key = key };
    char file[128];
    const char *text;

    (void)snprintf(file, sizeof file, "hugetlb.%s.%s", size, what);
    text = stats_text(folder->fd, file, arena);
    if (text == NULL)
        return false;
    return key ? stats_keyed(text, &source, ret, arena) : stats_number(text, &source, ret, arena);
}

static void read_pages(const struct stats_folder *folder, const char *size,
                       struct oci_stats_hugetlb *ret, struct arena *arena)
{
    if (folder->is_v2) {
        ret->has_usage = read_page_file(folder, size, "current", NULL, &ret->usage, arena);
        ret->has_failcnt = read_page_file(folder, size, "events", "max", &ret->failcnt, arena);
        return;
    }
    ret->has_usage = read_page_file(folder, size, "usage_in_bytes", NULL, &ret->usage, arena);
    ret->has_max = read_page_file(folder, size, "max_usage_in_bytes", NULL, &ret->max, arena);
    ret->has_failcnt = read_page_file(folder, size, "failcnt", NULL, &ret->failcnt, arena);
}

bool stats_hugetlb_read(const struct stats_folder *folder, struct oci_stats_hugetlb_map *ret,
                        struct arena *arena)
{
    const char *sizes[SIZES_MAX];
    size_t n = folder->fd < 0 ? 0 : find_sizes(folder, sizes, arena);
    struct oci_stats_hugetlb *pages = arena_alloc(arena, n * sizeof *pages);
    const char **keys = arena_alloc(arena, n * sizeof *keys);

    if (n == 0 || pages == NULL || keys == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        keys[i] = sizes[i];
        read_pages(folder, sizes[i], &pages[i], arena);
    }
    *ret = (struct oci_stats_hugetlb_map){ n, pages, keys };
    return true;
}
