// SPDX-License-Identifier: Apache-2.0
/* The container's mounts over a checkpoint. */
#include "container/criu-mounts.h"
#include "base/text.h"
#include "kernel/submounts.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "sections/devices.h"
#include "sections/masked-paths.h"
#include "sections/mount-options.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Names of ours, which no mount point can have. */
#define MASK_FILE   "zind-oci-mask-file"
#define MASK_FOLDER "zind-oci-mask-folder"

static bool is_bind(const struct oci_mount *mount)
{
    struct mount_options options;

    mount_options_read(mount, &options);
    return options.is_bind || (mount->type && strcmp(mount->type, "bind") == 0);
}

/* "/a/b" in the container; false: too long. */
static bool find_point(const char *destination, char out[PATH_MAX])
{
    if (strlen(destination) + 2 >= PATH_MAX)
        return false;
    out[0] = '/';
    path_simplify(destination, out + 1);
    return true;
}

/* --- checks --- */

/* criu writes NAME[KEY]:VALUE: the end of the key must be beyond doubt. */
static bool is_clear(const char *path)
{
    return strpbrk(path, "]\n") == NULL;
}

static int fail_unclear(const char *point, struct error *why)
{
    (void)fail(why, 0, "\"]\" or a line break in the mount point %s could deceive criu", point);
    return fail_code(why, ERROR_UNSUPPORTED);
}

static int check_one(const struct oci_mount *mount, struct error *why)
{
    struct mount_options options;

    mount_options_read(mount, &options);
    if (options.is_idmapped || mount->uid_mappings.n > 0)
        return fail(why, 0, "criu cannot restore an idmapped mount");
    if (!is_clear(mount->destination))
        return fail(why, 0, "\"]\" or a line break in a mount's destination could deceive criu");
    return 0;
}

int criu_mounts_check(const struct container *c, struct error *why)
{
    for (size_t i = 0; i < c->spec->mounts.n; i++)
        if (check_one(&c->spec->mounts.at[i], why) < 0) {
            (void)fail_at(why, "mounts[%zu]", i);
            return fail_code(why, ERROR_UNSUPPORTED);
        }
    return 0;
}

/* --- dump --- */

/* Where the kernel says that PATH, opened as TARGET, lies: criu knows no links that lead there.
   Without an answer, as of a file that was deleted meanwhile, PATH itself. */
static bool find_real(int proc_fd, int target, const char *path, char out[PATH_MAX])
{
    char name[32];

    (void)snprintf(name, sizeof name, "self/fd/%d", target);
    if (target >= 0 && path_read_link(proc_fd, name, out, PATH_MAX) > 0 && *out == '/' &&
        !text_ends(out, " (deleted)"))
        return true;
    return find_point(path, out);
}

static void add_mask(struct criu_words *words, int proc_fd, int root, const char *path)
{
    autoclose int target = path_open(root, path, O_PATH, 0);
    char point[PATH_MAX];
    struct stat st;

    if (target < 0 || fstat(target, &st) < 0 || !find_real(proc_fd, target, path, point) ||
        !is_clear(point))
        return;
    criu_words_print(words, "--external", "mnt[%s]:%s", point,
                     S_ISDIR(st.st_mode) ? MASK_FOLDER : MASK_FILE);
}

/* Where a node could not be made, the host's is mounted. */
static void add_device(struct criu_words *words, int proc_fd, int root, const char *path)
{
    autoclose int target = path_open(root, path, O_PATH | O_NOFOLLOW, 0);
    char point[PATH_MAX], known[PATH_MAX];
    struct stat here, there;

    if (target < 0 || fstat(target, &there) < 0 || stat(path, &here) < 0 ||
        here.st_dev != there.st_dev || here.st_ino != there.st_ino || !is_clear(path) ||
        !find_point(path, known) || !find_real(proc_fd, target, path, point) || !is_clear(point))
        return;
    criu_words_print(words, "--external", "mnt[%s]:%s", point, known);
}

/* What rbind brought along is as foreign as the mount itself. */
struct bound {
    const struct container *c;
    struct criu_words *words;
    size_t mount;       /* its number in config.json */
    int root;           /* the container's, for dump; -1 for restore */
    const char *point;  /* in the container */
    const char *known;  /* what the images know it by: as config.json has it */
    const char *source; /* on the host; NULL for dump */
};

/* Where mount I is; at restore nobody has gone there yet. */
static bool point_of(const struct bound *bound, size_t i, char out[PATH_MAX])
{
    const char *destination = bound->c->spec->mounts.at[i].destination;

    if (bound->root < 0)
        return find_point(destination, out);

    autoclose int target = path_open(bound->root, destination, O_PATH, 0);

    return find_real(bound->c->proc_fd, target, destination, out);
}

/* The last mount of config.json that PATH lies on or below. */
static size_t mount_of(const struct bound *bound, const char *path)
{
    size_t found = bound->c->spec->mounts.n, longest = 0;

    for (size_t i = 0; i < bound->c->spec->mounts.n; i++) {
        char point[PATH_MAX];
        size_t length;

        if (!point_of(bound, i, point))
            continue;
        length = strlen(point);
        if (length < longest || strncmp(path, point, length) != 0 ||
            (path[length] && path[length] != '/'))
            continue;
        found = i;
        longest = length;
    }
    return found;
}

static int add_submount(void *context, const char *suffix, struct error *why)
{
    const struct bound *bound = context;
    char path[2 * PATH_MAX];

    (void)snprintf(path, sizeof path, "%s%s", bound->point, suffix);
    if (mount_of(bound, path) != bound->mount)
        return 0;
    if (!is_clear(path))
        return fail_unclear(path, why);
    criu_words_print(bound->words, "--external", "mnt[%s]:%s%s", path,
                     bound->source ? bound->source : bound->known, suffix);
    return 0;
}

static int add_submounts(const struct bound *bound, struct error *why)
{
    struct bound copy = *bound;
    struct mount_options options;
    char file[32] = "self/mountinfo";

    mount_options_read(&bound->c->spec->mounts.at[bound->mount], &options);
    if (!options.is_recursive)
        return 0;
    if (bound->source == NULL)
        (void)snprintf(file, sizeof file, "%d/mountinfo", (int)bound->c->init);
    return submounts_each(bound->c->proc_fd, file, bound->source ? bound->source : bound->point,
                          add_submount, &copy, why);
}

static int add_bound(const struct container *c, size_t i, int root, struct criu_words *words,
                     struct error *why)
{
    const struct oci_mount *mount = &c->spec->mounts.at[i];
    char point[PATH_MAX], known[PATH_MAX];
    struct bound bound = {
        .c = c, .words = words, .mount = i, .root = root, .point = point, .known = known
    };

    if (!is_bind(mount) || !find_point(mount->destination, known) || !point_of(&bound, i, point))
        return 0;
    if (!is_clear(point))
        return fail_unclear(point, why);
    criu_words_print(words, "--external", "mnt[%s]:%s", point, known);
    return add_submounts(&bound, why);
}

int criu_mounts_add(const struct container *c, struct criu_words *words, struct error *why)
{
    char path[32];
    const char *device;

    (void)snprintf(path, sizeof path, "%d/root", (int)c->init);

    autoclose int root = openat(c->proc_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (root < 0)
        return fail(why, errno, "open the container's root");
    for (size_t i = 0; i < c->spec->mounts.n; i++)
        if (add_bound(c, i, root, words, why) < 0)
            return fail_at(why, "mounts[%zu]", i);
    for (size_t i = 0; (device = devices_path(c->spec, i)); i++)
        add_device(words, c->proc_fd, root, device);
    for (size_t i = 0; c->spec->linux && i < c->spec->linux->masked_paths.n; i++)
        add_mask(words, c->proc_fd, root, c->spec->linux->masked_paths.at[i]);
    return 0;
}

/* --- restore --- */

static int add_source(const struct container *c, size_t i, struct criu_words *words,
                      struct error *why)
{
    const struct oci_mount *mount = &c->spec->mounts.at[i];
    const char *given = mount->source ? mount->source : "";
    const char *path = *given == '/' ? given : arena_sprintf(c->arena, "%s/%s", c->bundle, given);
    char point[PATH_MAX], source[PATH_MAX];
    struct bound bound = {
        .c = c, .words = words, .mount = i, .root = -1, .point = point, .source = source
    };

    if (!is_bind(mount) || !find_point(mount->destination, point))
        return 0;
    if (path == NULL || realpath(path, source) == NULL)
        return fail(why, errno, "find the source %s", given);
    criu_words_print(words, "--external", "mnt[%s]:%s", point, source);
    return add_submounts(&bound, why);
}

int criu_mounts_add_sources(const struct container *c, struct criu_words *words, struct error *why)
{
    const char *path;
    char point[PATH_MAX];

    for (size_t i = 0; i < c->spec->mounts.n; i++)
        if (add_source(c, i, words, why) < 0)
            return fail_at(why, "mounts[%zu]", i);
    for (size_t device = 0; (path = devices_path(c->spec, device)); device++)
        if (is_clear(path) && find_point(path, point))
            criu_words_print(words, "--external", "mnt[%s]:%s", point, path);
    criu_words_print(words, "--external", "mnt[" MASK_FILE "]:%s/%s/masks/null", c->root, c->id);
    criu_words_print(words, "--external", "mnt[" MASK_FOLDER "]:%s/%s/masks/empty", c->root, c->id);
    return 0;
}

/* Whether an earlier mount covers the place where mount I goes. */
static bool is_covered(const struct container *c, size_t i, const char *point)
{
    char earlier[PATH_MAX];

    while (i-- > 0) {
        if (!find_point(c->spec->mounts.at[i].destination, earlier))
            continue;

        size_t length = strlen(earlier);

        if (strncmp(earlier, point, length) == 0 && (point[length] == '/' || !point[length]))
            return true;
    }
    return false;
}

static enum path_kind kind_of(const struct container *c, const struct oci_mount *mount)
{
    autoclose int bundle = open(c->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat st;

    if (!is_bind(mount) || mount->source == NULL || fstatat(bundle, mount->source, &st, 0) < 0)
        return PATH_FOLDER;
    return S_ISDIR(st.st_mode) ? PATH_FOLDER : PATH_FILE;
}

int criu_mounts_make_points(const struct container *c, struct error *why)
{
    for (size_t i = 0; i < c->spec->mounts.n; i++) {
        const struct oci_mount *mount = &c->spec->mounts.at[i];
        char point[PATH_MAX];

        if (!find_point(mount->destination, point) || is_covered(c, i, point))
            continue;

        autoclose int fd = path_make(c->root_fd, point, kind_of(c, mount), why);

        if (fd < 0)
            return fail_at(why, "mounts[%zu]", i);
    }
    return 0;
}

/* The rootfs over itself; it is the folder that was found at first, or nothing. */
static int mount_root(const struct container *c, struct error *why)
{
    autoclose int place = open(c->root_path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat here, there;

    if (place < 0 || fstat(place, &here) < 0 || fstat(c->root_fd, &there) < 0)
        return fail(why, errno, "open the rootfs %s", c->root_path);
    if (here.st_dev != there.st_dev || here.st_ino != there.st_ino)
        return fail(why, 0, "%s was replaced by another folder meanwhile", c->root_path);

    autoclose int tree = mount_clone(place, "", true);

    if (tree < 0 || mount_propagate(tree, MS_PRIVATE, true) < 0 || mount_attach(tree, place) < 0)
        return fail(why, errno, "mount the rootfs %s", c->root_path);
    return 0;
}

int criu_mounts_enter(struct container *c, struct error *why)
{
    const char *masks = arena_sprintf(c->arena, "%s/%s/masks", c->root, c->id);

    if (unshare(CLONE_NEWNS) < 0)
        return fail(why, errno, "make a mount namespace");

    autoclose int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

    /* What is mounted here stays here; a slave volume still sees the host's mounts. */
    if (root < 0 || mount_propagate(root, MS_SLAVE, true) < 0)
        return fail(why, errno, "leave the host's mounts alone");
    if (mount_root(c, why) < 0)
        return -1;

    autoclose int place = masks ? open(masks, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

    if (place < 0)
        return fail(why, errno, "open the folder for masks in the state folder");
    return masked_paths_prepare(c, place, why);
}
