// SPDX-License-Identifier: Apache-2.0
/* Mounts below a folder, out of the kernel's list. */
#include "../tap.h"
#include "base/io.h"
#include "kernel/submounts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const char list[] = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                           "23 22 0:20 / /mnt rw - tmpfs a rw\n"
                           "24 23 0:21 / /mnt/a\\040b rw,x - tmpfs b rw\n"
                           "25 24 0:22 /sub /mnt/a\\040b/c rw - tmpfs c rw\n"
                           "26 22 0:23 / /mnt2 rw - tmpfs d rw\n"
                           "27 22 0:24 /\n";

static char seen[256];

static int note(void *context, const char *suffix, struct error *why)
{
    (void)strncat(seen, suffix, sizeof seen - strlen(seen) - 1);
    (void)strncat(seen, "|", sizeof seen - strlen(seen) - 1);
    return context ? fail(why, 0, "enough") : 0;
}

static const char *below(int folder, const char *path)
{
    struct error why;

    seen[0] = 0;
    return submounts_each(folder, "list", path, note, NULL, &why) == 0 ? seen : NULL;
}

int main(void)
{
    char path[] = "/tmp/zind-submounts-XXXXXX";
    int folder = mkdtemp(path) ? open(path, O_RDONLY | O_DIRECTORY) : -1;
    struct error why;

    if (folder < 0 || io_write_new(folder, "list", list, strlen(list), 0600, &why) < 0)
        return 1;
    is_str(below(folder, "/mnt"), "/a b|/a b/c|", "mounts_below_are_found_blanks_and_all");
    is_str(below(folder, "/mnt2"), "", "the_folder_itself_is_not_below");
    is_str(below(folder, "/"), "/mnt|/mnt/a b|/mnt/a b/c|/mnt2|", "all_lie_below_the_root");
    seen[0] = 0;
    ok(submounts_each(folder, "list", "/mnt", note, seen, &why) < 0 && !strcmp(seen, "/a b|"),
       "a_failure_ends_it");
    (void)unlinkat(folder, "list", 0);
    (void)rmdir(path);
    return done_testing();
}
