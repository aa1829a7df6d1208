// SPDX-License-Identifier: Apache-2.0
/* What stood in cgroup files before they were changed, and the way back to it. Private to cgroup/.
 */
#pragma once

#include "cgroup/limits/writing.h"

struct journal_entry {
    const struct hierarchy *hierarchy;
    char file[128];
    char *before; /* what to write to have it as it was; on the heap */
    /* v2's cpusets: what held while the file was empty, or NULL. Linux 6.1 refuses an empty one to
       a cgroup with processes. */
    char *effective;
    bool is_late; /* refused while others stood as they did */
};

struct journal {
    size_t n, room;
    struct journal_entry *at;
};

/* Note what stands where W would write now. 0, also when there is nothing that could be written
   back; -1 with errno. */
int journal_note(struct journal *journal, struct writing *w);

/* Write back, last one first, all that is not as it was; what cannot be had back is warned of. */
void journal_restore(struct journal *journal, struct writing *w);

void journal_free(struct journal *journal);

/* The line that sets FILE, which holds CONTENT, back where VALUE is written to it; on the heap,
   NULL without memory, "" where there is no way back. */
char *journal_way_back(const char *file, const char *content, const char *value);
