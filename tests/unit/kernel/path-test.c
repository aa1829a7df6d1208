// SPDX-License-Identifier: Apache-2.0
// A path inside a root never leaves it, whatever the image holds (runtime-spec config.md, "Mounts":
// destination is inside the container).
#include "../tap.h"
#include "base/own.h"
#include "kernel/path.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char outer[] = "/tmp/zind-path-test.XXXXXX";
static int top, root;

// outer/secret is what no path below outer/root may reach.
static void set_up(void)
{
    if (mkdtemp(outer) == NULL)
        exit(99);
    top = open(outer, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (mkdirat(top, "secret", 0755) || mkdirat(top, "one", 0755) || mkdirat(top, "root", 0755))
        exit(99);
    root = openat(top, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (mkdirat(root, "etc", 0755) || symlinkat("/", root, "to-root") ||
        symlinkat("../../../../..", root, "climbs") || symlinkat(outer, root, "to-outer") ||
        symlinkat("/proc/self/root", root, "magic") || symlinkat("loop-b", root, "loop-a") ||
        symlinkat("loop-a", root, "loop-b") ||
        symlinkat("../run/late/file", root, "etc/dangling") ||
        symlinkat("/run/absolute", root, "dangling-folder") || symlinkat("grows/x", root, "grows"))
        exit(99);
}

static void tear_down(void)
{
    char command[64];

    (void)snprintf(command, sizeof command, "rm -rf '%s'", outer);
    if (system(command) != 0)
        exit(99);
}

static bool is_same(int a, int b)
{
    struct stat x, y;

    return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void opens_root(const char *path, const char *claim)
{
    autoclose int fd = path_open(root, path, O_PATH, 0);

    ok(fd >= 0 && is_same(fd, root), claim);
}

static void every_way_up_ends_at_the_root(void)
{
    opens_root("", "the empty path");
    opens_root("/", "a slash");
    opens_root("..", "dot-dot");
    opens_root("/../../..", "dot-dots");
    opens_root("etc/../../../..", "dot-dots through a folder");
    opens_root("to-root", "a link to /");
    opens_root("climbs", "a link of dot-dots");
    opens_root("to-root/climbs/to-root", "links in a row");
}

static void fails(const char *path, uint64_t resolve, int wanted, const char *claim)
{
    autoclose int fd = path_open(root, path, O_PATH, resolve);

    is_int(fd < 0 ? errno : 0, wanted, claim);
}

static void hostile_links_lead_nowhere(void)
{
    fails("to-outer/secret", 0, ENOENT, "an absolute link starts at the root");
    fails("climbs/secret", 0, ENOENT, "a climbing link stays in the root");
    fails("loop-a", 0, ELOOP, "a loop ends");
    fails("to-root", RESOLVE_NO_SYMLINKS, ELOOP, "a link is refused where none is wanted");
    fails("magic", 0, ENOENT, "the root has no /proc of its own");
}

static void links_of_procfs_are_refused(void)
{
    autoclose int slash = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    autoclose int fd = path_open(slash, "/proc/self/root", O_PATH, 0);

    ok(fd < 0 && errno == ELOOP, "a magic link is refused");
}

static void makes(const char *path, enum path_kind kind, const char *at, const char *claim)
{
    struct error why = { 0 };
    autoclose int fd = path_make(root, path, kind, &why);
    autoclose int made = openat(root, at, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat st = { 0 };

    if (fd < 0)
        printf("# %s\n", why.text);
    ok(fd >= 0 && made >= 0 && is_same(fd, made) && fstat(fd, &st) == 0 &&
           (kind == PATH_FOLDER ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode)),
       claim);
}

static void missing_parts_are_made_inside(void)
{
    makes("/a/b/c", PATH_FOLDER, "a/b/c", "folders");
    makes("a//./b/file", PATH_FILE, "a/b/file", "a file in an existing folder");
    makes("new/deep/file", PATH_FILE, "new/deep/file", "a file and its folders");
    makes("to-root/x", PATH_FOLDER, "x", "through a link to /");
    makes("climbs/y", PATH_FOLDER, "y", "through a climbing link");
    makes("/etc/dangling", PATH_FILE, "run/late/file", "the missing target of a relative link");
    makes("/dangling-folder/z", PATH_FOLDER, "run/absolute/z",
          "the missing target of a folder's link");
    makes("missing/../w", PATH_FOLDER, "w", "dot-dot after a missing folder");
    makes("/", PATH_FOLDER, ".", "the root itself");
}

static void nothing_is_made_outside(void)
{
    struct error why = { 0 };
    autoclose int fd = path_make(root, "to-outer/secret/planted", PATH_FILE, &why);
    struct stat st;

    ok(fd >= 0, "a path that looks like the host's is made inside");
    ok(fstatat(top, "secret/planted", &st, 0) < 0,
       "the host's folder of that name has nothing new");
    ok(path_make(root, "loop-a/x", PATH_FOLDER, &why) < 0, "nothing is made behind a loop");
    ok(path_make(root, "grows/y", PATH_FOLDER, &why) < 0, "a link that grows ends");
    ok(path_make(root, "a/b/file/below", PATH_FOLDER, &why) < 0, "a file is no folder");
}

static void modes_are_those_of_mount_points(void)
{
    struct stat st = { 0 };

    is_int(fstatat(root, "a/b", &st, 0) == 0 ? st.st_mode & 0777 : 0, 0755, "folders have 0755");
    is_int(fstatat(root, "a/b/file", &st, 0) == 0 ? st.st_mode & 0777 : 0, 0644, "files have 0644");
}

// A path of 2,040 parts, each of which is missing: cubic work takes minutes of CPU.
static void a_long_path_is_quick(void)
{
    enum { PARTS = 2040 };
    static char path[2 * PARTS + 1];
    struct error why = { 0 };
    clock_t before = clock();

    for (int i = 0; i < PARTS; i++) {
        path[2 * (size_t)i] = '/';
        path[2 * (size_t)i + 1] = (char)('a' + i % 26);
    }
    autoclose int fd = path_make(root, path, PATH_FOLDER, &why);

    ok(fd >= 0 && clock() - before < 10 * CLOCKS_PER_SEC, "2,040 folders are made in no time");
}

// openat2(2): EAGAIN where something was renamed while the kernel walked over "..".
static void renames_elsewhere_do_no_harm(void)
{
    char path[600] = "etc";
    int failed = 0;
    pid_t renamer = fork();

    while (renamer == 0)
        (void)(renameat(top, "one", top, "other") || renameat(top, "other", top, "one"));
    for (int i = 0; i < 60; i++)
        (void)strcat(path, "/../etc");
    for (int i = 0; i < 20000; i++) {
        autoclose int fd = path_open(root, path, O_PATH, 0);

        failed += fd < 0;
    }
    (void)kill(renamer, SIGKILL);
    (void)waitpid(renamer, NULL, 0);
    is_int(failed, 0, "a path with many \"..\" opens while others rename");
}

static void simplifies(const char *path, const char *wanted)
{
    char out[PATH_MAX];

    path_simplify(path, out);
    is_str(out, wanted, path);
}

static void paths_become_simple(void)
{
    simplifies("/", "");
    simplifies("//a/./b/", "a/b");
    simplifies("a/../b", "a/../b");
    simplifies("./.", "");
    simplifies("/.hidden/..x", ".hidden/..x");
}

int main(void)
{
    (void)umask(022);
    set_up();
    every_way_up_ends_at_the_root();
    hostile_links_lead_nowhere();
    links_of_procfs_are_refused();
    missing_parts_are_made_inside();
    nothing_is_made_outside();
    modes_are_those_of_mount_points();
    paths_become_simple();
    a_long_path_is_quick();
    renames_elsewhere_do_no_harm();
    tear_down();
    return done_testing();
}
