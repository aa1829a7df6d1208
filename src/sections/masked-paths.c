// SPDX-License-Identifier: Apache-2.0
/* linux.maskedPaths: paths of the container that cannot be read. */
#include "sections/masked-paths.h"
#include "kernel/mount.h"
#include "kernel/path.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* A path is covered with a null device, a folder with an empty folder. Both are our own, never the
   image's: made, not looked up, before anything of the image is mounted. In a mount namespace that
   is not the container's alone, where a tmpfs for them would be in the way: the host's null device,
   and a tmpfs for each folder. */
struct masks {
    int null;
    int folder; /* -1: a new tmpfs each */
};

void masked_paths_check(const struct oci_config *spec, struct problems *all)
{
    if (spec->linux == NULL)
        return;
    for (size_t i = 0; i < spec->linux->masked_paths.n; i++)
        if (*spec->linux->masked_paths.at[i] != '/')
            refuse(all, at("linux.maskedPaths[%zu]", i), "is not an absolute path");
}

bool masked_paths_are_given(const struct container *c)
{
    return c->spec->linux && c->spec->linux->masked_paths.n > 0;
}

void masked_paths_explain(const struct container *c, struct explain *to)
{
    FOREACH (path, c->spec->linux->masked_paths)
        explain(to, "mask %s", *path);
}

/* The host's null device, where a user namespace does not let us make our own. */
static int open_host_null(struct error *why)
{
    autoclose int fd = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return fail(why, errno, "open /dev/null");
    if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
        return fail(why, 0, "the host's /dev/null is not the null device");
    return take_fd(fd);
}

static int open_own_null(int folder, struct error *why)
{
    int fd;

    if (mknodat(folder, "null", S_IFCHR | 0666, makedev(1, 3)) < 0)
        /* EOVERFLOW: this user namespace has no id 0, or whichever we have, to own it. */
        return errno == EPERM || errno == EOVERFLOW ? open_host_null(why)
                                                    : fail(why, errno, "make a null device");
    fd = openat(folder, "null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return fd >= 0 ? fd : fail(why, errno, "open a null device");
}

static int make_scratch(uint64_t attributes, struct error *why)
{
    autoclose int fs = mount_fs_open("tmpfs");
    int mount;

    if (fs < 0 || mount_fs_set(fs, "size", "16k") < 0 || mount_fs_set(fs, "mode", "0755") < 0 ||
        (mount = mount_fs_finish(fs, attributes | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)) < 0)
        return fail(why, errno, "make a tmpfs for masks");
    return mount;
}

int masked_paths_prepare(struct container *c, int place, struct error *why)
{
    struct masks *masks;
    int scratch;

    if (!masked_paths_are_given(c))
        return 0;
    masks = c->masks = arena_alloc(c->arena, sizeof *masks);
    if (masks == NULL)
        return fail(why, ENOMEM, "prepare masks");
    masks->folder = scratch = make_scratch(0, why);
    if (scratch < 0)
        return -1;
    masks->null = open_own_null(scratch, why);
    if (masks->null < 0)
        return -1;
    if (mkdirat(scratch, "empty", 0555) < 0)
        return fail(why, errno, "make a folder for masks");
    masks->folder = openat(scratch, "empty", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (masks->folder < 0)
        return fail(why, errno, "open a folder for masks");
    /* A detached mount cannot be cloned before Linux 6.15: it must hang somewhere. */
    if (mount_change(scratch, MOUNT_ATTR_RDONLY, 0, false) < 0 || mount_attach(scratch, place) < 0)
        return fail(why, errno, "mount a tmpfs for masks");
    (void)close(scratch);
    return 0;
}

static int prepare_for_shared(struct container *c, struct error *why)
{
    struct masks *masks = c->masks = arena_alloc(c->arena, sizeof *masks);

    if (masks == NULL)
        return fail(why, ENOMEM, "prepare masks");
    masks->folder = -1;
    masks->null = open_host_null(why);
    return masks->null < 0 ? -1 : 0;
}

static int make_mask(const struct masks *masks, bool is_folder, struct error *why)
{
    if (!is_folder)
        return mount_clone(masks->null, "", false);
    if (masks->folder >= 0)
        return mount_clone(masks->folder, "", false);
    return make_scratch(MOUNT_ATTR_RDONLY, why);
}

/* What is not there needs no mask. */
static int cover(struct container *c, const char *path, struct error *why)
{
    const struct masks *masks = c->masks;
    autoclose int target = path_open(c->root_fd, path, O_PATH, 0);
    struct stat st;

    if (target < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (target < 0)
        return fail(why, errno, "open %s in the rootfs", path);
    if (fstat(target, &st) < 0)
        return fail(why, errno, "stat %s in the rootfs", path);

    autoclose int mask = make_mask(masks, S_ISDIR(st.st_mode), why);

    if (mask < 0 || mount_attach(mask, target) < 0)
        return fail(why, errno, "mask %s", path);
    return 0;
}

int masked_paths_cover(struct container *c, struct error *why)
{
    if (c->masks == NULL && prepare_for_shared(c, why) < 0)
        return -1;

    struct masks *masks = c->masks;

    for (size_t i = 0; i < c->spec->linux->masked_paths.n; i++)
        if (cover(c, c->spec->linux->masked_paths.at[i], why) < 0)
            return fail_at(why, "linux.maskedPaths[%zu]", i);
    /* No descriptor of the old root may outlive the pivot. */
    close_fd(&masks->null);
    close_fd(&masks->folder);
    return 0;
}
