// SPDX-License-Identifier: Apache-2.0
/* New file systems: their options, and linux.mountLabel. */
#include "base/own.h"
#include "base/text.h"
#include "kernel/mount.h"
#include "sections/mounts.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

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

/* How long the first of several options is that one string holds, "size=64k,mode=1770". As mount(2)
 * has it, a comma after a backslash (overlay) or between quotes is none; labels are whole. */
static size_t first_length(const char *options)
{
    size_t key = strcspn(options, "=,"), n = 0;
    bool is_quoted = false;

    if (options[key] == '=' && key >= 7 && text_starts(options + key - 7, "context="))
        return strlen(options);
    for (; options[n] && (options[n] != ',' || is_quoted); n++)
        if (options[n] == '\\' && options[n + 1])
            n++;
        else if (options[n] == '"')
            is_quoted = !is_quoted;
    return n;
}

static int set_each(int fs, const char *options)
{
    while (*options) {
        size_t length = first_length(options);
        autofree char *one = strndup(options, length);

        if (one == NULL || (*one && set_option(fs, one) < 0))
            return -1;
        options += length + (options[length] == ',');
    }
    return 0;
}

int mounts_set_options(int fs, const struct oci_mount *mount, const char *skip, struct error *why)
{
    char complaint[200];

    for (size_t i = 0; i < mount->options.n; i++) {
        const char *option = mount->options.at[i];

        if (mount_option_for(option) == MOUNT_OPTION_FOR_US || (skip && text_starts(option, skip)))
            continue;
        if (set_each(fs, option) == 0)
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

/* Whether the host enforces or could enforce labels. */
static bool has_selinux(void)
{
    struct statfs fs;

    return statfs("/sys/fs/selinux", &fs) == 0 && fs.f_type == SELINUX_MAGIC;
}

/* The label that a mount of TYPE gets; NULL: none. */
static const char *label_for(struct container *c, const char *type)
{
    const char *label = c->spec->linux ? c->spec->linux->mount_label : NULL;
    struct mounts *mounts = c->mounts;

    if (label == NULL || *label == 0 || !takes_label(type))
        return NULL;
    if (has_selinux())
        return label;
    /* The kernel would refuse it; engines may give one all the same. */
    if (!mounts->has_warned_of_label)
        container_warn(c, "linux.mountLabel has no effect: the host does not use SELinux");
    mounts->has_warned_of_label = true;
    return NULL;
}

/* "context", unless an annotation asks for one of the others (mount(8), SELinux). */
static const char *label_option(const struct container *c)
{
    const char *option = annotation_of(c->spec, "run.oci.mount_context_type");

    return option ? option : "context";
}

static bool is_too_long(const char *option)
{
    const char *equals = strchr(option, '=');

    return equals && strlen(equals + 1) > MOUNT_VALUE_MAX;
}

static bool needs_classic(const struct oci_mount *mount)
{
    if (mount->source && strlen(mount->source) > MOUNT_VALUE_MAX)
        return true;
    FOREACH (option, mount->options)
        if (is_too_long(*option))
            return true;
    return false;
}

/* "lowerdir=/a:/b" of dozens of layers: fsconfig takes no such long values, mount(2) does. */
static int make_classic(struct container *c, const struct oci_mount *mount, uint64_t attributes,
                        struct error *why)
{
    const char *label = label_for(c, mount->type);
    char *text = label ? arena_sprintf(c->arena, "%s=\"%s\"", label_option(c), label)
                       : arena_strdup(c->arena, "");
    struct mount_classic what = {
        .source = mount->source && *mount->source ? mount->source : "none",
        .type = mount->type,
        .flags = attributes & MOUNT_ATTR_RDONLY && !is_of_kernel(mount->type) ? MS_RDONLY : 0,
    };
    autoclose int tree = -1;

    FOREACH (option, mount->options) {
        if (mount_option_for(*option) == MOUNT_OPTION_FOR_SUPER_BLOCK)
            return fail(why, EINVAL, "option \"%s\" of %s beside one of more than %d bytes",
                        *option, mount->type, MOUNT_VALUE_MAX);
        if (text && **option && mount_option_for(*option) == MOUNT_OPTION_FOR_FILE_SYSTEM)
            text = arena_sprintf(c->arena, "%s%s%s", text, *text ? "," : "", *option);
    }
    if (text == NULL)
        return fail(why, ENOMEM, "mount %s", mount->type);
    if (strlen(text) >= (size_t)sysconf(_SC_PAGESIZE))
        return fail(why, E2BIG, "mount %s: its options together are too long", mount->type);
    what.options = text;
    tree = mount_make_classic(&what);
    if (tree < 0 || mount_change(tree, attributes, MOUNT_ATTR__ATIME, false) < 0)
        return fail(why, errno, "mount %s", mount->type);
    return take_fd(tree);
}

int mounts_make_new(struct container *c, const struct oci_mount *mount,
                    const struct mount_options *options, const char *skip, struct error *why)
{
    autoclose int fs = mount_fs_open(mount->type);
    uint64_t attributes = options->top.set;
    const char *label;
    char complaint[200];
    int tree, number;

    if (fs >= 0 && needs_classic(mount))
        return make_classic(c, mount, attributes, why);
    if (fs < 0)
        return fail(why, errno, "mount %s%s", mount->type,
                    errno == ENODEV ? ": the kernel does not have this file system" : "");
    if (mount->source && *mount->source && mount_fs_set(fs, "source", mount->source) < 0)
        return fail(why, errno, "set the source of %s to %s", mount->type, mount->source);
    if (mounts_set_options(fs, mount, skip, why) < 0)
        return -1;
    label = label_for(c, mount->type);
    if (label && mount_fs_set(fs, label_option(c), label) < 0)
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
