// SPDX-License-Identifier: Apache-2.0
/* linux.devices and the devices and links that every container has. */
#include "sections/devices.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "sections/container.h"
#include "sections/mounts.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* config-linux.md, "Default Devices". /dev/console comes with the terminal. */
static const struct oci_device defaults[] = {
    { .path = "/dev/null", .major = 1, .minor = 3 },
    { .path = "/dev/zero", .major = 1, .minor = 5 },
    { .path = "/dev/full", .major = 1, .minor = 7 },
    { .path = "/dev/random", .major = 1, .minor = 8 },
    { .path = "/dev/urandom", .major = 1, .minor = 9 },
    { .path = "/dev/tty", .major = 5, .minor = 0 },
};

static const struct {
    const char *name, *target;
    const char *needs; /* in the rootfs; NULL: nothing */
} links[] = {
    { "fd", "/proc/self/fd", NULL },          { "stdin", "/proc/self/fd/0", NULL },
    { "stdout", "/proc/self/fd/1", NULL },    { "stderr", "/proc/self/fd/2", NULL },
    { "core", "/proc/kcore", "/proc/kcore" }, { "ptmx", "pts/ptmx", NULL },
};

const char *devices_path(const struct oci_config *spec, size_t i)
{
    const size_t n = sizeof defaults / sizeof *defaults;

    if (i < n)
        return defaults[i].path;
    return spec->linux && i - n < spec->linux->devices.n ? spec->linux->devices.at[i - n].path
                                                         : NULL;
}

static bool has_numbers(const struct oci_device *device)
{
    return device->type != OCI_DEVICE_TYPE_P;
}

void devices_check(const struct oci_config *spec, struct problems *all)
{
    if (spec->linux == NULL)
        return;
    for (size_t i = 0; i < spec->linux->devices.n; i++) {
        const struct oci_device *device = &spec->linux->devices.at[i];

        if (*device->path != '/')
            refuse(all, at("linux.devices[%zu].path", i), "is not an absolute path");
        if (has_numbers(device) && (!device->has_major || !device->has_minor))
            refuse(all, at("linux.devices[%zu]", i), "needs major and minor");
        if (has_numbers(device) && (device->major < 0 || device->major > 0xfff ||
                                    device->minor < 0 || device->minor > 0xfffff))
            refuse(all, at("linux.devices[%zu]", i), "has numbers that no Linux device can have");
    }
}

void devices_explain(const struct container *c, struct explain *to)
{
    if (!mounts_bind_dev(c->spec))
        explain(to,
                "/dev: null zero full random urandom tty; links fd stdin stdout stderr core ptmx");
    if (c->spec->linux)
        FOREACH (device, c->spec->linux->devices)
            explain(to, "%s %s %lld:%lld", device->path, oci_device_type_names[device->type],
                    (long long)device->major, (long long)device->minor);
}

static mode_t mode_of(const struct oci_device *device)
{
    mode_t type = device->type == OCI_DEVICE_TYPE_B   ? S_IFBLK
                  : device->type == OCI_DEVICE_TYPE_P ? S_IFIFO
                                                      : S_IFCHR;

    return type | (device->has_file_mode ? device->file_mode & 07777 : 0666);
}

static dev_t number_of(const struct oci_device *device)
{
    return has_numbers(device) ? makedev((unsigned)device->major, (unsigned)device->minor) : 0;
}

static bool is_same(const struct oci_device *device, int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == (mode_of(device) & S_IFMT) &&
           (!has_numbers(device) || st.st_rdev == number_of(device));
}

/* Where mknod is denied (user namespaces), the host's node of that name is shown instead. */
static int bind_host_node(int folder, const char *name, const struct oci_device *device,
                          struct error *why)
{
    autoclose int host = open(device->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    autoclose int made = -1, target = -1, tree = -1;

    if (host < 0)
        return fail(why, errno, "open %s of the host", device->path);
    if (!is_same(device, host))
        return fail(why, 0, "%s of the host is another device", device->path);
    made = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (made < 0)
        return fail(why, errno, "make a mount point for %s", device->path);
    target = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    tree = mount_clone(host, "", false);
    if (target < 0 || tree < 0 || mount_attach(tree, target) < 0)
        return fail(why, errno, "bind %s of the host", device->path);
    return 0;
}

static int check_existing(int folder, const char *name, const struct oci_device *device,
                          struct error *why)
{
    autoclose int fd = path_open(folder, name, O_PATH | O_NOFOLLOW, 0);

    if (fd < 0)
        return fail(why, errno, "open %s", device->path);
    if (!is_same(device, fd))
        return fail(why, EEXIST, "%s is there already and is something else", device->path);
    return 0;
}

static int make_node(int folder, const char *name, const struct oci_device *device,
                     struct error *why)
{
    autoclose int fd = -1;

    if (mknodat(folder, name, mode_of(device), number_of(device)) < 0) {
        if (errno == EEXIST)
            return check_existing(folder, name, device, why);
        if (errno == EPERM)
            return bind_host_node(folder, name, device, why);
        /* A read-only /dev that holds what is wanted will do. */
        int number = errno;

        if (number == EROFS && check_existing(folder, name, device, why) == 0)
            return 0;
        return fail(why, number, "make %s", device->path);
    }
    if (device->uid == 0 && device->gid == 0)
        return 0;
    /* Only ever the node made just now. */
    fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || !is_same(device, fd) ||
        fchownat(fd, "", device->uid, device->gid, AT_EMPTY_PATH) < 0)
        return fail(why, errno, "set the owner of %s", device->path);
    return 0;
}

/* A device may be anywhere in the rootfs. */
static int make_anywhere(struct container *c, const struct oci_device *device, struct error *why)
{
    char path[PATH_MAX], *name;
    autoclose int folder = -1;

    if (strlen(device->path) >= sizeof path)
        return fail(why, ENAMETOOLONG, "make %s", device->path);
    path_simplify(device->path, path);
    name = strrchr(path, '/');
    if (*path == 0 || strcmp(name ? name + 1 : path, "..") == 0)
        return fail(why, EINVAL, "make %s", device->path);
    if (name == NULL)
        return make_node(c->root_fd, path, device, why);
    *name++ = 0;
    folder = path_make(c->root_fd, path, PATH_FOLDER, why);
    return folder < 0 ? -1 : make_node(folder, name, device, why);
}

/* The link as wanted; in place of whatever was there. */
static int make_link(const struct container *c, int dev, const char *name, const char *target,
                     const char *needs, struct error *why)
{
    char now[PATH_MAX];

    if (needs) {
        autoclose int there = path_open(c->root_fd, needs, O_PATH, 0);

        if (there < 0)
            return 0;
    }
    if (symlinkat(target, dev, name) == 0)
        return 0;
    if (errno != EEXIST && errno != EROFS)
        return fail(why, errno, "make the link /dev/%s", name);
    if (path_read_link(dev, name, now, sizeof now) >= 0 && strcmp(now, target) == 0)
        return 0;
    if (unlinkat(dev, name, 0) < 0 || symlinkat(target, dev, name) < 0)
        return fail(why, errno, "make the link /dev/%s", name);
    return 0;
}

/* The container's list may say whose a default device is, and its mode. */
static const struct oci_device *as_listed(const struct container *c,
                                          const struct oci_device *device)
{
    if (c->spec->linux)
        FOREACH (listed, c->spec->linux->devices)
            if (strcmp(listed->path, device->path) == 0 && S_ISCHR(mode_of(listed)) &&
                number_of(listed) == number_of(device))
                return listed;
    return device;
}

/* What the terminal is mounted on, while /dev is writable still; else terminal_open says so. */
static void make_console(const struct container *c, int dev)
{
    autoclose int fd = -1;

    if (c->process && c->process->terminal)
        fd = openat(dev, "console", O_CREAT | O_EXCL | O_NOFOLLOW | O_RDONLY | O_CLOEXEC, 0600);
}

static int make_defaults(struct container *c, struct error *why)
{
    autoclose int dev = path_open(c->root_fd, "dev", O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);

    if (dev < 0 && errno == ENOENT)
        dev = path_make(c->root_fd, "dev", PATH_FOLDER, why);
    else if (dev < 0)
        (void)fail(why, errno, "open /dev of the rootfs");
    if (dev < 0)
        return -1;
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        const struct oci_device *device = as_listed(c, &defaults[i]);

        if (make_node(dev, strrchr(device->path, '/') + 1, device, why) < 0)
            return -1;
    }
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (make_link(c, dev, links[i].name, links[i].target, links[i].needs, why) < 0)
            return -1;
    make_console(c, dev);
    return 0;
}

/* A privileged container's list has all of the host's /dev: 5:2 is what the link to the container's
 * own pts/ptmx leads to, and the spec wants that link ("Default Devices"). */
static bool is_own_ptmx(const struct oci_device *device)
{
    return strcmp(device->path, "/dev/ptmx") == 0 && S_ISCHR(mode_of(device)) &&
           has_numbers(device) && number_of(device) == makedev(5, 2);
}

static int make_all(struct container *c, struct error *why)
{
    bool has_defaults = !mounts_bind_dev(c->spec);

    /* A /dev of the host's has what it has. */
    if (has_defaults && make_defaults(c, why) < 0)
        return -1;
    for (size_t i = 0; c->spec->linux && i < c->spec->linux->devices.n; i++)
        if (!(has_defaults && is_own_ptmx(&c->spec->linux->devices.at[i])) &&
            make_anywhere(c, &c->spec->linux->devices.at[i], why) < 0)
            return fail_at(why, "linux.devices[%zu]", i);
    return 0;
}

int devices_make(struct container *c, struct error *why)
{
    /* mknod sets the mode; chmod would need a path. The program's umask is none of this section's
     * business. */
    mode_t before = umask(0);
    int result = make_all(c, why);

    (void)umask(before);
    return result;
}
