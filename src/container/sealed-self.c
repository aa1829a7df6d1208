// SPDX-License-Identifier: Apache-2.0
/* A program of the container can make the kernel run /proc/self/exe in INIT's place (#! line,
   library path) and then write to that file, which is us: CVE-2019-5736. So create, run and exec
   never run from a file that could be written to: they start over from a read-only detached clone
   of their own mount, or where that is not permitted from a sealed copy in memory. */
#include "container/sealed-self.h"
#include "base/own.h"
#include "base/text.h"
#include "kernel/mount.h"
#include "kernel/self.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

static const char *const self = "/proc/self/exe";

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

static bool is_sealed(void)
{
    struct statvfs fs;
    char path[2];

    /* Of the clone our file is the root. Any other read-only mount can be made writable while
       somebody holds on to the file through it. */
    if (readlink(self, path, sizeof path) == 1 && path[0] == '/' && statvfs(self, &fs) == 0 &&
        (fs.f_flag & ST_RDONLY))
        return true;

    autoclose int fd = open(self, O_RDONLY | O_CLOEXEC);
    int seals = fcntl(fd, F_GET_SEALS);

    return seals >= 0 && (seals & SEALS) == SEALS;
}

static int clone_mount(void)
{
    autoclose int fd = mount_clone(AT_FDCWD, self, false);

    if (fd < 0 || mount_change(fd, MOUNT_ATTR_RDONLY, 0, false) < 0)
        return -1;
    return take_fd(fd);
}

static int copy_to_memory(struct error *why)
{
    autoclose int from = open(self, O_RDONLY | O_CLOEXEC);
    autoclose int to = memfd_create("zind-oci", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    struct stat st;

    if (from < 0) {
        (void)fail(why, errno, "open our own binary, %s", self);
        return why->number == ENOENT ? fail_hint(why, "is /proc mounted here?") : -1;
    }
    if (to < 0 || fstat(from, &st) < 0)
        return fail(why, errno, "copy our own binary to memory");
    while (st.st_size > 0) {
        ssize_t n = sendfile(to, from, NULL, (size_t)st.st_size);

        if (n <= 0)
            return fail(why, n < 0 ? errno : EIO, "copy our own binary to memory");
        st.st_size -= n;
    }
    if (fcntl(to, F_ADD_SEALS, SEALS) < 0)
        return fail(why, errno, "seal our own binary");
    return take_fd(to);
}

/* By execveat, as below, or by a caller that does so too: then the copy in memory, which is known
   for what it is by its seals, ends the starting over for sure. */
static bool was_started_by_fd(void)
{
    const char *name = (const char *)(uintptr_t)getauxval(AT_EXECFN);

    return name && text_starts(name, "/dev/fd/");
}

int sealed_self_enter(char *const argv[], struct error *why)
{
    if (is_sealed()) {
        /* After a start from an fd the kernel calls us by its number. */
        (void)prctl(PR_SET_NAME, "zind-oci");
        return 0;
    }

    autoclose int fd = was_started_by_fd() ? -1 : clone_mount();

    if (fd < 0 && (fd = copy_to_memory(why)) < 0)
        return -1;
    self_note();
    (void)syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
    return fail(why, errno, "start over from a sealed copy of our own binary");
}
