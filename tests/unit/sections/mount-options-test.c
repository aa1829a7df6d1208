// SPDX-License-Identifier: Apache-2.0
// Mount options mean what config.md, "Linux mount options", says.
#include "../tap.h"
#include "sections/mount-options.h"

#include <linux/mount.h>

static struct mount_options read_of(const char *type, size_t n, const char *const *names)
{
    const struct oci_mount mount = { .destination = "/x", .type = type, .options = { n, names } };
    struct mount_options options;

    mount_options_read(&mount, &options);
    return options;
}
#define READ(...)                                                              \
    read_of("tmpfs", sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), \
            (const char *const[]){ __VA_ARGS__ })

// spec: mounts.options
static void every_name_of_the_spec_is_known(void)
{
    static const char *const must[] = {
        "async",
        "atime",
        "bind",
        "defaults",
        "dev",
        "diratime",
        "dirsync",
        "exec",
        "iversion",
        "lazytime",
        "loud",
        "noatime",
        "nodev",
        "nodiratime",
        "noexec",
        "noiversion",
        "nolazytime",
        "norelatime",
        "nostrictatime",
        "nosuid",
        "private",
        "rbind",
        "relatime",
        "remount",
        "ro",
        "rprivate",
        "rshared",
        "rslave",
        "runbindable",
        "rw",
        "shared",
        "silent",
        "slave",
        "strictatime",
        "suid",
        "sync",
        "unbindable",
        /* SHOULD and MAY */
        "nosymfollow",
        "symfollow",
        "ratime",
        "rdev",
        "rdiratime",
        "rexec",
        "rnoatime",
        "rnodev",
        "rnodiratime",
        "rnoexec",
        "rnorelatime",
        "rnostrictatime",
        "rnosuid",
        "rnosymfollow",
        "rrelatime",
        "rro",
        "rrw",
        "rstrictatime",
        "rsuid",
        "rsymfollow",
        "idmap",
        "ridmap",
        "tmpcopyup",
        "mand",
        "nomand",
    };

    for (size_t i = 0; i < sizeof must / sizeof *must; i++)
        ok(mount_option_for(must[i]) != MOUNT_OPTION_FOR_FILE_SYSTEM, must[i]);
}

static void other_names_are_the_file_systems(void)
{
    ok(mount_option_for("size=64k") == MOUNT_OPTION_FOR_FILE_SYSTEM, "size=64k");
    ok(mount_option_for("RO") == MOUNT_OPTION_FOR_FILE_SYSTEM, "names have a case");
    ok(mount_option_for("sync") == MOUNT_OPTION_FOR_SUPER_BLOCK, "sync is of the super block");
}

static void names_are_sorted_and_unique(void)
{
    bool sorted = true;

    for (size_t i = 1; mount_option_name(i); i++)
        sorted &= strcmp(mount_option_name(i - 1), mount_option_name(i)) < 0;
    ok(sorted, "the table is sorted");
}

static void the_last_of_a_pair_wins(void)
{
    struct mount_options options = READ("ro", "nosuid", "rw", "noexec", "exec", "noexec");

    is_int((intmax_t)options.top.set, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, "set");
    is_int((intmax_t)options.top.clear, MOUNT_ATTR_RDONLY, "clear");
}

static void access_time_is_one_field(void)
{
    struct mount_options options = READ("noatime", "strictatime");

    is_int((intmax_t)options.top.set, MOUNT_ATTR_STRICTATIME, "strictatime replaces noatime");
    is_int((intmax_t)options.top.clear, MOUNT_ATTR__ATIME, "the whole field is cleared");
    options = READ("strictatime", "relatime");
    is_int((intmax_t)options.top.set, 0, "relatime is the field at zero");
    options = READ("noatime", "atime");
    is_int((intmax_t)options.top.set, 0, "atime takes noatime back");
    options = READ("noatime", "nostrictatime");
    is_int((intmax_t)options.top.set, MOUNT_ATTR_NOATIME, "nostrictatime leaves noatime");
    options = READ("noatime", "nodiratime");
    is_int((intmax_t)options.top.set, MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODIRATIME,
           "nodiratime is a flag of its own");
    options = READ("rstrictatime");
    is_int((intmax_t)options.tree.clear, MOUNT_ATTR__ATIME, "recursively, too");
    options = READ("noatime", "rstrictatime");
    is_int((intmax_t)options.top.set, MOUNT_ATTR_STRICTATIME, "of the tree, after one of the top");
    options = READ("rnoatime", "nostrictatime");
    is_int((intmax_t)options.top.set, MOUNT_ATTR_NOATIME, "of the top, after one of the tree");
}

static void recursive_ones_are_kept_apart(void)
{
    struct mount_options options = READ("rro", "rnosuid", "rdev", "nodev");

    is_int((intmax_t)options.tree.set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, "tree, set");
    is_int((intmax_t)options.tree.clear, MOUNT_ATTR_NODEV, "tree, clear");
    is_int((intmax_t)options.top.set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
           "top");
    options = READ("ro", "nodev");
    is_int((intmax_t)(options.tree.set | options.tree.clear), 0, "none");
}

static void the_last_wins_of_the_top_and_the_tree(void)
{
    struct mount_options options = READ("ro", "nosuid", "rrw");

    is_int((intmax_t)options.top.set, MOUNT_ATTR_NOSUID, "ro, rrw: writable at the top");
    is_int((intmax_t)options.tree.clear, MOUNT_ATTR_RDONLY, "ro, rrw: and below");
    options = READ("rro", "rw");
    is_int((intmax_t)options.top.clear, MOUNT_ATTR_RDONLY, "rro, rw: writable at the top");
    is_int((intmax_t)options.tree.set, MOUNT_ATTR_RDONLY, "rro, rw: not below");
}

static void propagation_keeps_its_order(void)
{
    struct mount_options options = READ("rslave", "shared");

    is_int((intmax_t)options.n_propagations, 2, "both");
    ok(options.propagations[0].type == MS_SLAVE && options.propagations[0].is_recursive, "rslave");
    ok(options.propagations[1].type == MS_SHARED && !options.propagations[1].is_recursive,
       "shared");
}

static void binds_are_told_by_option_or_type(void)
{
    ok(READ("bind").is_bind && !READ("bind").is_recursive, "bind");
    ok(READ("rbind").is_bind && READ("rbind").is_recursive, "rbind");
    ok(!READ("ro").is_bind, "no bind");
    ok(read_of("bind", 0, NULL).is_bind, "type bind without an option");
}

// spec: mounts.*Mappings.size
static void mappings_alone_mean_idmap(void)
{
    static const struct oci_id_mapping map = { 0, 1000, 1 };
    const struct oci_mount mount = { .destination = "/x", .uid_mappings = { 1, &map } };
    struct mount_options options;

    mount_options_read(&mount, &options);
    ok(options.is_idmapped && !options.idmap_is_recursive, "not recursive");
    ok(READ("ridmap").is_idmapped && READ("ridmap").idmap_is_recursive, "ridmap");
}

int main(void)
{
    every_name_of_the_spec_is_known();
    other_names_are_the_file_systems();
    names_are_sorted_and_unique();
    the_last_of_a_pair_wins();
    access_time_is_one_field();
    recursive_ones_are_kept_apart();
    the_last_wins_of_the_top_and_the_tree();
    propagation_keeps_its_order();
    binds_are_told_by_option_or_type();
    mappings_alone_mean_idmap();
    return done_testing();
}
