// SPDX-License-Identifier: Apache-2.0
/* New file systems: their options, and linux.mountLabel. */
#include "base/text.h"
#include "kernel/mount.h"
#include "sections/mounts.h"

#include <string.h>

static int set_option(int fs, const char *option)
{
    const char *equals = strchr(option, '=');
    char key[256];

    if (equals == NULL)
        return mount_fs_set(fs, option, NULL);
    if ((size_t)(equals - option) >= sizeof key) {
        errno = EINVAL;
        return -1;
    }
    memcpy(key, option, (size_t)(equals - option));
    key[equals - option] = 0;
    return mount_fs_set(fs, key, equals + 1);
}

int mounts_set_options(int fs, const struct oci_mount *mount, const char *skip, struct error *why)
{
    char complaint[200];

    for (size_t i = 0; i < mount->options.n; i++) {
        const char *option = mount->options.at[i];

        if (mount_option_for(option) == MOUNT_OPTION_FOR_US || (skip && text_starts(option, skip)))
            continue;
        if (set_option(fs, option) == 0)
            continue;
        int number = errno;

        mount_fs_complaint(fs, complaint, sizeof complaint);
        return fail(why, number, "option \"%s\" of %s%s%s", option, mount->type,
                    *complaint ? ": " : "", complaint);
    }
    return 0;
}

/* Kernel file systems have one super block for many mounts, and later mounts go into a tmpfs: for
 * these "ro" is of the mount alone. */
static bool is_of_kernel(const char *type)
{
    static const char *const types[] = { "proc",   "sysfs",  "tmpfs",   "devpts",
                                         "mqueue", "cgroup", "cgroup2", NULL };

    for (size_t i = 0; types[i]; i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

/* These take no label from us: they have their own rules. */
static bool takes_label(const char *type)
{
    return strcmp(type, "proc") != 0 && strcmp(type, "sysfs") != 0 && strcmp(type, "mqueue") != 0;
}

int mounts_make_new(const struct container *c, const struct oci_mount *mount,
                    const struct mount_options *options, const char *skip, struct error *why)
{
    autoclose int fs = mount_fs_open(mount->type);
    const char *label = c->spec->linux ? c->spec->linux->mount_label : NULL;
    uint64_t attributes = options->top.set | options->tree.set;
    char complaint[200];
    int tree, number;

    if (fs < 0)
        return fail(why, errno, "mount %s%s", mount->type,
                    errno == ENODEV ? ": the kernel does not have this file system" : "");
    if (mount->source && *mount->source && mount_fs_set(fs, "source", mount->source) < 0)
        return fail(why, errno, "source %s of %s", mount->source, mount->type);
    if (mounts_set_options(fs, mount, skip, why) < 0)
        return -1;
    if (label && *label && takes_label(mount->type) && mount_fs_set(fs, "context", label) < 0)
        return fail(why, errno, "label %s with %s", mount->type, label),
               fail_at(why, "linux.mountLabel");
    if ((attributes & MOUNT_ATTR_RDONLY) && !is_of_kernel(mount->type))
        (void)mount_fs_set(fs, "ro", NULL);
    if (strcmp(mount->type, "tmpfs") == 0)
        attributes &= ~(uint64_t)MOUNT_ATTR_RDONLY;
    tree = mount_fs_finish(fs, attributes);
    if (tree >= 0)
        return tree;
    number = errno;
    mount_fs_complaint(fs, complaint, sizeof complaint);
    return fail(why, number, "mount %s%s%s", mount->type, *complaint ? ": " : "", complaint);
}
