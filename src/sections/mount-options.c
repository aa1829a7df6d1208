// SPDX-License-Identifier: Apache-2.0
/* The table of mount options: the spec's names (config.md "Linux mount options") and what each
 * means to the mount API. */
#include "sections/mount-options.h"

#include <string.h>
#include <linux/mount.h>

enum kind {
    NOTHING,     /* accepted, has no effect through the mount API */
    SET,         /* MOUNT_ATTR flags of this mount on */
    CLEAR,       /* … off */
    ATIME,       /* one value of the access time field on */
    NO_ATIME,    /* … off: back to the kernel's default, relatime */
    SUPER_BLOCK, /* fsconfig knows the name */
    PROPAGATION,
    BIND,
    REMOUNT,
    COPY_UP,
    IDMAP,
    COPY_LINK,
    SOURCE_NOFOLLOW,
    DESTINATION_NOFOLLOW,
};

struct option {
    const char *name;
    enum kind kind;
    bool is_recursive;
    uint64_t number;
};

/* Not in the table of the spec but in its features example: rnodev. */
static const struct option options[] = {
    { "async", SUPER_BLOCK, false, 0 },
    { "atime", NO_ATIME, false, MOUNT_ATTR_NOATIME },
    { "bind", BIND, false, 0 },
    { "copy-symlink", COPY_LINK, false, 0 },
    { "defaults", NOTHING, false, 0 },
    { "dest-nofollow", DESTINATION_NOFOLLOW, false, 0 },
    { "dev", CLEAR, false, MOUNT_ATTR_NODEV },
    { "diratime", CLEAR, false, MOUNT_ATTR_NODIRATIME },
    { "dirsync", SUPER_BLOCK, false, 0 },
    { "exec", CLEAR, false, MOUNT_ATTR_NOEXEC },
    { "idmap", IDMAP, false, 0 },
    /* Only mount(2) can set it, and since Linux 6.7 no file system asks for it. */
    { "iversion", NOTHING, false, 0 },
    { "lazytime", SUPER_BLOCK, false, 0 },
    /* About messages in the kernel's log; here they come back as errors instead. */
    { "loud", NOTHING, false, 0 },
    { "mand", SUPER_BLOCK, false, 0 },
    { "noatime", ATIME, false, MOUNT_ATTR_NOATIME },
    { "nodev", SET, false, MOUNT_ATTR_NODEV },
    { "nodiratime", SET, false, MOUNT_ATTR_NODIRATIME },
    { "noexec", SET, false, MOUNT_ATTR_NOEXEC },
    { "noiversion", NOTHING, false, 0 },
    { "nolazytime", SUPER_BLOCK, false, 0 },
    { "nomand", SUPER_BLOCK, false, 0 },
    { "norelatime", NO_ATIME, false, MOUNT_ATTR_RELATIME },
    { "nostrictatime", NO_ATIME, false, MOUNT_ATTR_STRICTATIME },
    { "nosuid", SET, false, MOUNT_ATTR_NOSUID },
    { "nosymfollow", SET, false, MOUNT_ATTR_NOSYMFOLLOW }, /* Linux 5.14 as a flag of a mount */
    { "private", PROPAGATION, false, MS_PRIVATE },
    { "ratime", NO_ATIME, true, MOUNT_ATTR_NOATIME },
    { "rbind", BIND, true, 0 },
    { "rdev", CLEAR, true, MOUNT_ATTR_NODEV },
    { "rdiratime", CLEAR, true, MOUNT_ATTR_NODIRATIME },
    { "relatime", ATIME, false, MOUNT_ATTR_RELATIME },
    { "remount", REMOUNT, false, 0 },
    { "rexec", CLEAR, true, MOUNT_ATTR_NOEXEC },
    { "ridmap", IDMAP, true, 0 },
    { "rnoatime", ATIME, true, MOUNT_ATTR_NOATIME },
    { "rnodev", SET, true, MOUNT_ATTR_NODEV },
    { "rnodiratime", SET, true, MOUNT_ATTR_NODIRATIME },
    { "rnoexec", SET, true, MOUNT_ATTR_NOEXEC },
    { "rnorelatime", NO_ATIME, true, MOUNT_ATTR_RELATIME },
    { "rnostrictatime", NO_ATIME, true, MOUNT_ATTR_STRICTATIME },
    { "rnosuid", SET, true, MOUNT_ATTR_NOSUID },
    { "rnosymfollow", SET, true, MOUNT_ATTR_NOSYMFOLLOW },
    { "ro", SET, false, MOUNT_ATTR_RDONLY },
    { "rprivate", PROPAGATION, true, MS_PRIVATE },
    { "rrelatime", ATIME, true, MOUNT_ATTR_RELATIME },
    { "rro", SET, true, MOUNT_ATTR_RDONLY },
    { "rrw", CLEAR, true, MOUNT_ATTR_RDONLY },
    { "rshared", PROPAGATION, true, MS_SHARED },
    { "rslave", PROPAGATION, true, MS_SLAVE },
    { "rstrictatime", ATIME, true, MOUNT_ATTR_STRICTATIME },
    { "rsuid", CLEAR, true, MOUNT_ATTR_NOSUID },
    { "rsymfollow", CLEAR, true, MOUNT_ATTR_NOSYMFOLLOW },
    { "runbindable", PROPAGATION, true, MS_UNBINDABLE },
    { "rw", CLEAR, false, MOUNT_ATTR_RDONLY },
    { "shared", PROPAGATION, false, MS_SHARED },
    { "silent", NOTHING, false, 0 },
    { "slave", PROPAGATION, false, MS_SLAVE },
    { "src-nofollow", SOURCE_NOFOLLOW, false, 0 },
    { "strictatime", ATIME, false, MOUNT_ATTR_STRICTATIME },
    { "suid", CLEAR, false, MOUNT_ATTR_NOSUID },
    { "symfollow", CLEAR, false, MOUNT_ATTR_NOSYMFOLLOW },
    { "sync", SUPER_BLOCK, false, 0 },
    { "tmpcopyup", COPY_UP, false, 0 },
    { "unbindable", PROPAGATION, false, MS_UNBINDABLE },
    { 0 },
};

/* "idmap" may have a value. */
static const struct option *option_find(const char *name)
{
    for (const struct option *option = options; option->name; option++) {
        size_t length = strlen(option->name);

        if (strncmp(option->name, name, length) == 0 &&
            (name[length] == 0 || (option->kind == IDMAP && name[length] == '=')))
            return option;
    }
    return NULL;
}

/* The access time is one field of several values: setting one clears the whole field first. */
static void change_atime(struct mount_change *change, const struct option *option)
{
    uint64_t now = change->set & MOUNT_ATTR__ATIME;
    bool is_given = change->clear & MOUNT_ATTR__ATIME;

    if (option->kind == NO_ATIME && is_given && now != option->number)
        return;
    change->set &= ~(uint64_t)MOUNT_ATTR__ATIME;
    change->clear |= MOUNT_ATTR__ATIME;
    if (option->kind == ATIME)
        change->set |= option->number;
}

static void change_flag(struct mount_change *change, const struct option *option)
{
    uint64_t *into = option->kind == SET ? &change->set : &change->clear;
    uint64_t *from = option->kind == SET ? &change->clear : &change->set;

    *into |= option->number;
    *from &= ~option->number;
}

static void change_attribute(struct mount_change *change, const struct option *option)
{
    if (option->kind == ATIME || option->kind == NO_ATIME)
        change_atime(change, option);
    else
        change_flag(change, option);
}

static void read_option(struct mount_options *ret, const struct option *option, const char *text)
{
    switch (option->kind) {
    case NOTHING:
    case SUPER_BLOCK:
        break;
    case SET:
    case CLEAR:
    case ATIME:
    case NO_ATIME:
        /* The top is part of the tree, and changed after it: an option of the tree that comes later
           than one of the top must hold there, too. */
        change_attribute(&ret->top, option);
        if (option->is_recursive)
            change_attribute(&ret->tree, option);
        break;
    case PROPAGATION:
        if (ret->n_propagations < MOUNT_PROPAGATIONS_MAX)
            ret->propagations[ret->n_propagations++] =
                (struct mount_propagation){ option->number, option->is_recursive };
        break;
    case BIND:
        ret->is_bind = true;
        ret->is_recursive |= option->is_recursive;
        break;
    case REMOUNT:
        ret->is_remount = true;
        break;
    case COPY_UP:
        ret->copies_up = true;
        break;
    case COPY_LINK:
        ret->copies_link = true;
        break;
    case SOURCE_NOFOLLOW:
        ret->keeps_source_link = true;
        break;
    case DESTINATION_NOFOLLOW:
        ret->keeps_destination_link = true;
        break;
    case IDMAP:
        ret->is_idmapped = true;
        ret->idmap_is_recursive |= option->is_recursive;
        ret->idmap = strchr(text, '=') ? strchr(text, '=') + 1 : ret->idmap;
        break;
    }
}

void mount_options_read(const struct oci_mount *mount, struct mount_options *ret)
{
    *ret = (struct mount_options){ 0 };
    /* Engines write the type without the option, too. */
    if (mount->type && strcmp(mount->type, "bind") == 0)
        ret->is_bind = true;
    if (mount->type && strcmp(mount->type, "rbind") == 0)
        ret->is_bind = ret->is_recursive = true;
    /* Mappings without an option: idmap, not recursive (config.md, "uidMappings"). */
    ret->is_idmapped = mount->uid_mappings.n > 0 || mount->gid_mappings.n > 0;
    FOREACH (name, mount->options) {
        const struct option *option = option_find(*name);

        if (option)
            read_option(ret, option, *name);
    }
}

enum mount_option_for mount_option_for(const char *name)
{
    const struct option *option = option_find(name);

    if (option == NULL)
        return MOUNT_OPTION_FOR_FILE_SYSTEM;
    return option->kind == SUPER_BLOCK ? MOUNT_OPTION_FOR_SUPER_BLOCK : MOUNT_OPTION_FOR_US;
}

bool mount_propagation_find(const char *name, struct mount_propagation *ret)
{
    const struct option *option = option_find(name);

    if (option == NULL || option->kind != PROPAGATION)
        return false;
    *ret = (struct mount_propagation){ option->number, option->is_recursive };
    return true;
}

const char *mount_option_name(size_t i)
{
    return i < sizeof options / sizeof *options ? options[i].name : NULL;
}
