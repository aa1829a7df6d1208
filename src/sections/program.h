// SPDX-License-Identifier: Apache-2.0
/* What the files of the program section share. */
#pragma once

#include "arena.h"
#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

/* Ready for execve; c->program. */
struct program {
    const char *path;
    char **argv;
    char **envp;
};

/* WHY NAME cannot be executed, as far as errno NUMBER tells: without a call. -1 */
int program_blame(struct error *why, const char *name, int number);

/* Say why executing PATH, asked for as NAME, fails with NUMBER: which file is missing, and what is
   wrong with it. Reads files that the container's owner may have made to harm us. Always -1. */
int program_diagnose(const char *path, const char *name, int number, struct error *why);

/* The home folder of UID by the container's own /etc/passwd; "/" where that says nothing; NULL when
 * memory runs out. */
const char *program_find_home(uint32_t uid, struct arena *arena);

/* Open PATH, absolute, in the container's root, through no magic link. An fd, or -1 with errno. */
int program_open_inside(const char *path, uint64_t flags);

struct container;

/* process.cwd where it is missing, before the rootfs is made read-only. What fails is told by
   cwd_enter. */
void cwd_prepare(struct container *c);
