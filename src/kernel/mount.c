// SPDX-License-Identifier: Apache-2.0
/* The mount API, fd to fd. */
#include "kernel/mount.h"
#include "base/own.h"
#include "kernel/clone.h"
#include "kernel/missing.h"
#include "kernel/pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { STACK_MAX = 16 }; /* mounts on one folder */

/* --- the system calls, as mount(2), umount2(2) and the kernel's headers state them --- */

static int sys_mount(const char *source, const char *target, const char *type, unsigned long flags,
                     const void *data)
{
    return (int)syscall(SYS_mount, source, target, type, flags, data);
}

static int sys_umount(const char *target, int flags)
{
    return (int)syscall(SYS_umount2, target, flags);
}

/* Linux 5.2, as are the next five. */
static int sys_fsopen(const char *type, unsigned flags)
{
    return (int)syscall(SYS_fsopen, type, flags);
}

static int sys_fsconfig(int fs, unsigned command, const char *key, const char *value)
{
    return (int)syscall(SYS_fsconfig, fs, command, key, value, 0);
}

static int sys_fsmount(int fs, unsigned flags, unsigned attributes)
{
    return (int)syscall(SYS_fsmount, fs, flags, attributes);
}

static int sys_fspick(int dirfd, const char *path, unsigned flags)
{
    return (int)syscall(SYS_fspick, dirfd, path, flags);
}

static int sys_open_tree(int dirfd, const char *path, unsigned flags)
{
    return (int)syscall(SYS_open_tree, dirfd, path, flags);
}

static int sys_move_mount(int from, int to, unsigned flags)
{
    return (int)syscall(SYS_move_mount, from, "", to, "", flags);
}

/* Linux 5.12. */
static int sys_mount_setattr(int dirfd, unsigned flags, const struct mount_attr *attributes)
{
    return (int)syscall(SYS_mount_setattr, dirfd, "", flags, attributes, sizeof *attributes);
}

/* --- fd to fd --- */

int mount_fs_open(const char *type)
{
    return sys_fsopen(type, FSOPEN_CLOEXEC);
}

int mount_fs_set(int fs, const char *key, const char *value)
{
    return sys_fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value);
}

int mount_fs_finish(int fs, uint64_t attributes)
{
    if (sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL) < 0)
        return -1;
    return sys_fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attributes);
}

void mount_fs_complaint(int fs, char *out, size_t room)
{
    /* "e tmpfs: Bad value for 'size'\n"; warnings and information begin with w and i. */
    ssize_t n;

    *out = 0;
    do {
        n = read(fs, out, room - 1);
        if (n <= 0)
            *out = 0;
    } while (n > 0 && *out != 'e');
    if (n <= 2)
        return;
    if (out[n - 1] == '\n')
        n--;
    memmove(out, out + 2, (size_t)n - 2);
    out[n - 2] = 0;
}

int mount_fs_pick(int fd)
{
    return sys_fspick(fd, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
}

int mount_fs_reconfigure(int fs)
{
    return sys_fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL);
}

int mount_clone(int dirfd, const char *path, bool recursive)
{
    return sys_open_tree(dirfd, path,
                         OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
                             (recursive ? AT_RECURSIVE : 0u));
}

/* Where the short-lived process below mounts: any folder that every host has. */
#define CLASSIC_PLACE "/proc"

static int classic_in_private(const struct mount_classic *what, int ret_fd)
{
    autoclose int tree = -1;

    if (sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        sys_mount(what->source, CLASSIC_PLACE, what->type, what->flags, what->options) < 0)
        return -1;
    tree = mount_clone(AT_FDCWD, CLASSIC_PLACE, false);
    return tree < 0 || dup3(tree, ret_fd, O_CLOEXEC) < 0 ? -1 : 0;
}

int mount_make_classic(const struct mount_classic *what)
{
    /* One table of fds for both: the mount comes back in place of this one. */
    const struct clone_request request = { .flags = CLONE_NEWNS | CLONE_FILES, .cgroup_fd = -1 };
    autoclose int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    pid_t pid = fd < 0 ? -1 : clone_process(&request);
    int status;

    if (pid < 0)
        return -1;
    if (pid == 0)
        _exit(classic_in_private(what, fd) < 0 ? errno : 0);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    if (status == 0)
        return take_fd(fd);
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
    return -1;
}

static bool is_directory(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

int mount_attach(int tree, int target)
{
    if (sys_move_mount(tree, target, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0)
        return 0;
    /* move_mount(2) says EINVAL for it, mount(2) ENOTDIR; moby adds its hint on the text of that.
     */
    if (errno == EINVAL && is_directory(tree) != is_directory(target))
        errno = ENOTDIR;
    return -1;
}

/* Back to the working directory BEFORE; hands on the RESULT and errno of what was done meanwhile.
   The caller's may be closed to us, as INIT in a user namespace, or be no more: "/" then, for
   nothing of ours depends on it. */
static int go_back(int before, int result)
{
    int number = errno;

    if ((before < 0 || fchdir(before) < 0) && chdir("/") < 0)
        return -1;
    errno = number;
    return result;
}

int mount_detach(int fd)
{
    autoclose int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    /* "." is this very mount, whatever else has been mounted on it since. */
    if (fchdir(fd) < 0)
        return -1;
    return go_back(before, sys_umount(".", MNT_DETACH | UMOUNT_NOFOLLOW));
}

int mount_detach_any(int proc_fd, int fd)
{
    autoclose int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char path[32];

    if (fchdir(proc_fd) < 0)
        return -1;
    /* The link leads to this very mount, whatever else has been mounted on it since. */
    (void)snprintf(path, sizeof path, "self/fd/%d", fd);
    return go_back(before, sys_umount(path, MNT_DETACH));
}

int mount_id(int fd, uint64_t *ret)
{
    enum { UNIQUE = 0x4000 }; /* STATX_MNT_ID_UNIQUE: Linux 6.8 */
    struct statx st;

    if (missing_statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID | UNIQUE, &st) < 0)
        return -1;
    *ret = st.stx_mnt_id; /* the other one where this is not known: Linux 5.8 */
    return 0;
}

static int set_attributes(int tree, const struct mount_attr *attributes, bool recursive)
{
    return sys_mount_setattr(tree, AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0u), attributes);
}

int mount_change(int tree, uint64_t set, uint64_t clear, bool recursive)
{
    const struct mount_attr attributes = { .attr_set = set, .attr_clr = clear };

    return set || clear ? set_attributes(tree, &attributes, recursive) : 0;
}

int mount_propagate(int tree, uint64_t propagation, bool recursive)
{
    const struct mount_attr attributes = { .propagation = propagation };

    return set_attributes(tree, &attributes, recursive);
}

int mount_idmap(int tree, int userns, bool recursive)
{
    const struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP,
                                           .userns_fd = (uint64_t)userns };

    return set_attributes(tree, &attributes, recursive);
}

/* All that hangs on ROOT's own folder, the last mounted first: the old root is not the topmost
   where something was mounted on "/" itself. What ".." shows from there is the top of that stack,
   and no program of the container may see anything else than ROOT. */
static int leave_old_root(int root)
{
    uint64_t ours, top;

    if (mount_id(root, &ours) < 0)
        return -1;
    for (int rounds = 0; rounds < STACK_MAX; rounds++) {
        autoclose int fd = openat(root, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 || mount_id(fd, &top) < 0)
            return -1;
        if (top == ours)
            return 0;
        if (sys_umount(".", MNT_DETACH) < 0)
            return -1;
    }
    errno = EBUSY;
    return -1;
}

int mount_pivot(int root, bool old_is_shared)
{
    autoclose int old = old_is_shared ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

    /* With both arguments "." the old root ends up on top of the new one: no folder is needed for
       it. What we stand in then is the new root, and "." still names the place where the old one is
       mounted. */
    if (fchdir(root) < 0 || missing_pivot_root(".", ".") < 0)
        return -1;
    if (old_is_shared && mount_propagate(old, MS_SLAVE, true) < 0)
        return -1;
    return leave_old_root(root) < 0 ? -1 : chdir("/");
}

/* TOP was "/"; now "/" is the root of the namespace. The clone may stay a slave, but nothing that
   is mounted or unmounted outside of it may reach a peer. */
static int replace_root(int top)
{
    autoclose int all = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    autoclose int tree = mount_clone(top, "", true);

    if (all < 0 || tree < 0 || mount_propagate(tree, MS_SLAVE, false) < 0 ||
        mount_propagate(all, MS_PRIVATE, true) < 0 || mount_attach(tree, top) < 0)
        return -1;
    return mount_pivot(tree, false);
}

int mount_claim_root(void)
{
    autoclose int self = pidfd_open_now(getpid());
    autoclose int top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    autoclose int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct statx was, is;

    /* Who joins a mount namespace, be it their own, lands at its root. */
    if (self < 0 || top < 0 ||
        missing_statx(top, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &was) < 0 ||
        setns(self, CLONE_NEWNS) < 0 ||
        missing_statx(AT_FDCWD, "/", 0, STATX_INO | STATX_MNT_ID, &is) < 0)
        return -1;
    if (was.stx_mnt_id == is.stx_mnt_id && was.stx_ino == is.stx_ino)
        return go_back(before, 0);
    return replace_root(top) < 0 ? -1 : 1;
}

int mount_chroot(int root)
{
    return fchdir(root) < 0 || chroot(".") < 0 ? -1 : chdir("/");
}
