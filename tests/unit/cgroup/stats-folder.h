// SPDX-License-Identifier: Apache-2.0
/* A folder of files as the kernel shows them, and what stats_gather makes of it, as JSON. */
#ifndef STATS_FOLDER_H
#define STATS_FOLDER_H

#include "../tap.h"
#include "arena.h"
#include "cgroup/stats/stats.h"
#include "json-encode.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct sample {
    const char *file, *text;
};

static int sample_folder = -1;
static char sample_path[64] = "/tmp/zind-stats-XXXXXX";

static inline void make_sample(const struct sample *files, size_t n)
{
    sample_folder = open(mkdtemp(sample_path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < n; i++) {
        int fd = openat(sample_folder, files[i].file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        if (fd < 0 || write(fd, files[i].text, strlen(files[i].text)) < 0)
            perror(files[i].file);
        close(fd);
    }
}

static inline void remove_sample(const struct sample *files, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)unlinkat(sample_folder, files[i].file, 0);
    close(sample_folder);
    (void)rmdir(sample_path);
}

/* The text of the data member, with each controller in the sample's folder that is in WITH. */
static inline void gathers(uint32_t with, bool is_v2, const char *want, const char *name)
{
    struct arena arena = { 0 };
    struct stats_folder folders[CONTROLLERS];
    struct oci_event event = { .type = "stats", .id = "x" };
    struct json_error why = { .text = "" };
    char *text, wanted[8192];

    for (int i = 0; i < CONTROLLERS; i++)
        folders[i] = (struct stats_folder){ with >> i & 1 ? sample_folder : -1, is_v2 };
    event.data = stats_gather(folders, &arena);
    text = json_encode(&oci_event_object, &event, JSON_COMPACT, NULL, &why);
    if (why.text[0])
        printf("# %s: %s\n", why.path, why.text);
    (void)snprintf(wanted, sizeof wanted, "{\"type\":\"stats\",\"id\":\"x\",\"data\":{%s}}", want);
    is_str(text, wanted, name);
    free(text);
    arena_free(&arena);
}

#define ONLY(controller) (1u << CONTROLLER_##controller)

#endif
