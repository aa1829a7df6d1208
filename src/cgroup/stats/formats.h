// SPDX-License-Identifier: Apache-2.0
/* The formats of the kernel's statistics: from the text of a file to a member of struct oci_stats.
 * Private to cgroup/. */
#pragma once

#include "cgroup/stats/stats.h"

/* A file and how to understand it. */
struct stats_source {
    const char *file; /* NULL: this version has none */
    /* Store at OUT what TEXT says; false: it says nothing of it, or not in this format. A number
       goes to a uint64_t, a list or map to one, psi to a pointer. */
    bool (*read)(const char *text, const struct stats_source *source, void *out,
                 struct arena *arena);
    const char *key; /* which line, column or counter of it, for those that have several */
    uint64_t scale;  /* what the number is multiplied with; 0: as it stands */
};

typedef bool stats_reader(const char *text, const struct stats_source *source, void *out,
                          struct arena *arena);

stats_reader stats_number;    /* "17"; "max" is UINT64_MAX; below 0 as int64_t */
stats_reader stats_limit;     /* the same, "max" is 0 */
stats_reader stats_keyed;     /* "KEY 17" in a line */
stats_reader stats_keyed_all; /* all such lines, into a map */
stats_reader stats_sequence;  /* "17 4 12" into uint64_t */
stats_reader stats_column;    /* a head line with KEY, then numbers: that column into uint64_t */
stats_reader stats_ranges;    /* "0-3,8" into uint16_t, each by itself */
stats_reader stats_devices;   /* "8:0 Read 17" or "8:0 17" in each line */
stats_reader stats_io;        /* "8:0 rKEY=17 wKEY=4 dKEY=0 …" in each line */
stats_reader stats_pressure;  /* "some avg10=0.00 … total=17" */
stats_reader stats_rdma;      /* "mlx5_0 hca_handle=2 hca_object=max" in each line */

/* The whole of a file of the folder FD; NULL: not there, or not readable. */
char *stats_text(int fd, const char *file, struct arena *arena);

/* All page sizes that the folder has files of, into RET. */
bool stats_hugetlb_read(const struct stats_folder *folder, struct oci_stats_hugetlb_map *ret,
                        struct arena *arena);
