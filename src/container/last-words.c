// SPDX-License-Identifier: Apache-2.0
/* What INIT says through memory. */
#include "container/last-words.h"
#include "container/peer.h"
#include "sections/seccomp.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct last_words *map(int fd)
{
    void *at = mmap(NULL, sizeof(struct last_words), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return at == MAP_FAILED ? NULL : at;
}

int last_words_lend(struct container *c, int *ret_fd, struct error *why)
{
    autoclose int fd = -1;

    *ret_fd = -1;
    /* run has born INIT itself. */
    if (c->last_words || !seccomp_is_wanted(c))
        return 0;
    fd = memfd_create("last-words", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, sizeof(struct last_words)) < 0 || !(c->last_words = map(fd)))
        return fail(why, errno, "share memory with INIT");
    *ret_fd = take_fd(fd);
    return 0;
}

void last_words_borrow(struct container *c, int fd)
{
    struct last_words *words;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size < (off_t)sizeof *words)
        return;
    words = map(fd);
    if (words)
        c->last_words = words;
}

void container_say_last(const struct container *c, const struct error *why)
{
    if (c->last_words == NULL)
        return;
    c->last_words->why = *why;
    atomic_store(&c->last_words->are_said, true);
}

bool last_words_heard(const struct container *c, struct error *why)
{
    if (c->last_words == NULL || !atomic_load(&c->last_words->are_said))
        return false;
    *why = c->last_words->why;
    peer_tidy(why);
    return true;
}
