// SPDX-License-Identifier: Apache-2.0
/* descriptors.json: ours and runc's. */
#include "../tap.h"
#include "base/io.h"
#include "base/own.h"
#include "container/descriptors.h"
#include "kernel/proc.h"

#include <fcntl.h>
#include <stdlib.h>

static int folder;
static struct descriptors all;

static bool read_text(const char *text)
{
    struct error why;

    if (io_write_atomic(folder, "descriptors.json", text, strlen(text), 0600, &why) < 0)
        return false;
    return descriptors_read(&all, folder, &why) == 0;
}

static void check_own(void)
{
    autoclose int proc = proc_open(&(struct error){ 0 });
    struct error why;
    autoclose int own = openat(folder, "own", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int pipe_fds[2];

    if (own < 0 || dup2(own, 0) < 0 || pipe(pipe_fds) < 0 || dup2(pipe_fds[1], 2) < 0)
        return;
    ok(descriptors_look(&all, proc, getpid(), &why) == 0, "a_process_can_be_looked_at");
    ok(strncmp(all.at[2], "pipe:[", 6) == 0, "a_pipe_is_seen");
    ok(!descriptors_is_file(&all, 0), "a_file_of_its_own_mount_namespace_is_its_own_affair");
    ok(descriptors_write(&all, folder, &why) == 0 && descriptors_read(&all, folder, &why) == 0 &&
           strncmp(all.at[2], "pipe:[", 6) == 0,
       "what_is_written_is_read");
}

int main(void)
{
    char path[] = "/tmp/zind-descriptors-XXXXXX";

    if (mkdtemp(path) == NULL || (folder = open(path, O_RDONLY | O_DIRECTORY)) < 0)
        return 1;
    ok(descriptors_read(&all, folder, &(struct error){ 0 }) == 0 && !all.at[0][0],
       "no_file_means_nothing_is_passed");
    ok(read_text("[\"/dev/null\",\"pipe:[12]\",\"pipe:[12]\"]\n"), "what_runc_writes_is_read");
    ok(!descriptors_is_passed(&all, 0) && descriptors_is_passed(&all, 1),
       "pipes_are_passed_paths_are_not");
    ok(!descriptors_is_passed(&all, 2), "what_was_the_same_is_passed_once");
    ok(read_text("[ \"file[1a:2b]\", \"a\\\"pipe:[1]\", \"\" ]") && descriptors_is_file(&all, 0) &&
           descriptors_is_passed(&all, 0) && !descriptors_is_passed(&all, 1),
       "files_are_passed_and_escapes_understood");
    ok(!read_text("[\"pipe:[12]\"") && !read_text("{}") && !read_text("[\"a\",\"b\",\"c"),
       "a_damaged_file_is_refused");
    check_own();
    (void)unlinkat(folder, "descriptors.json", 0);
    (void)unlinkat(folder, "own", 0);
    (void)rmdir(path);
    return done_testing();
}
