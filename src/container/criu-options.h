// SPDX-License-Identifier: Apache-2.0
/* From the options of checkpoint and restore to those of criu(8). Pure. */
#pragma once

#include "arena.h"
#include "container/lifecycle.h"

/* The words of a command line. */
struct criu_words {
    struct arena *arena;
    size_t n, room;
    const char **at; /* ends with NULL */
    bool is_short;   /* memory ran out: a word is missing */
};

/* What is NULL is left out. */
void criu_words_add(struct criu_words *words, const char *word, const char *argument);

/* "--external", "mnt[/a]:/b" and the like; WORD may be NULL. */
void criu_words_print(struct criu_words *words, const char *word, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Values that criu would refuse late or in words of its own; names the option. */
int criu_options_check(const struct criu_options *options, struct error *why);

/* What OPTIONS mean for `criu dump`, `criu pre-dump`, `criu restore`; without folders. */
enum criu_action { CRIU_DUMP, CRIU_PRE_DUMP, CRIU_RESTORE };
void criu_options_add(struct criu_words *words, const struct criu_options *options,
                      enum criu_action action);

/* The annotation org.criu.config: the administrator's own options, from a file; as with runc and
   crun. An empty one stands for none. */
int criu_options_add_file(struct criu_words *words, const struct oci_config *spec,
                          struct error *why);
