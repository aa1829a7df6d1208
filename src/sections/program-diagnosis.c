// SPDX-License-Identifier: Apache-2.0
/* The post-mortem of a failing execve: which file is missing or wrong, and why. The file is read as
 * what an enemy wrote. */
#include "base/names.h"
#include "base/own.h"
#include "sections/program.h"

#include <elf.h>
#include <endian.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

enum { HEAD_BYTES = 256, PROGRAM_HEADERS_MAX = 64, LOONGARCH = 258 };

static const struct name machines[] = {
    { "i386", EM_386 },    { "x86_64", EM_X86_64 },
    { "arm", EM_ARM },     { "aarch64", EM_AARCH64 },
    { "mips", EM_MIPS },   { "ppc", EM_PPC },
    { "ppc64", EM_PPC64 }, { "s390", EM_S390 },
    { "riscv", EM_RISCV }, { "loongarch", LOONGARCH },
    { "m68k", EM_68K },    { "sh", EM_SH },
    { "hppa", EM_PARISC }, { "sparc64", EM_SPARCV9 },
    { "ia64", EM_IA_64 },  { 0 },
};

/* Callers of the runtime match these words, in lower case. */
static const char *describe(int number)
{
    switch (number) {
    case ENOENT:
        return "no such file or directory";
    case EACCES:
        return "permission denied";
    case EPERM:
        return "operation not permitted";
    case EISDIR:
        return "is a directory";
    case ENOTDIR:
        return "not a directory";
    case ENOEXEC:
        return "exec format error";
    case E2BIG:
        return "argument list too long";
    case ELOOP:
        return "too many levels of symbolic links";
    default:
        return strerror(number);
    }
}

int program_blame(struct error *why, const char *name, int number)
{
    (void)fail(why, 0, "exec \"%s\": %s", name, describe(number));
    return fail_code(why, ERROR_EXEC);
}

/* The beginning of a file, zeros after its end. */
struct head {
    unsigned char at[HEAD_BYTES + 1];
    size_t length;
    int fd;
};

static bool is_elf(const struct head *head)
{
    return head->length >= EI_NIDENT && memcmp(head->at, ELFMAG, SELFMAG) == 0;
}

static bool is_little(const struct head *head)
{
    return head->at[EI_DATA] == ELFDATA2LSB;
}

static unsigned machine_of(const struct head *head)
{
    uint16_t machine;

    /* At the same place in both classes. */
    memcpy(&machine, head->at + offsetof(Elf64_Ehdr, e_machine), sizeof machine);
    return is_little(head) ? le16toh(machine) : be16toh(machine);
}

struct segment {
    uint32_t type;
    uint64_t offset, size;
};

/* Number I of the program headers, in the host's byte order: others' are not looked into. */
static bool read_segment(const struct head *head, unsigned i, struct segment *ret)
{
    if (head->at[EI_CLASS] == ELFCLASS64) {
        Elf64_Ehdr file;
        Elf64_Phdr one;

        memcpy(&file, head->at, sizeof file);
        if (i >= file.e_phnum || file.e_phentsize != sizeof one || file.e_phoff > INT_MAX ||
            pread(head->fd, &one, sizeof one, (off_t)(file.e_phoff + i * sizeof one)) !=
                (ssize_t)sizeof one)
            return false;
        *ret = (struct segment){ one.p_type, one.p_offset, one.p_filesz };
    } else {
        Elf32_Ehdr file;
        Elf32_Phdr one;

        memcpy(&file, head->at, sizeof file);
        if (i >= file.e_phnum || file.e_phentsize != sizeof one || file.e_phoff > INT_MAX ||
            pread(head->fd, &one, sizeof one, (off_t)(file.e_phoff + i * sizeof one)) !=
                (ssize_t)sizeof one)
            return false;
        *ret = (struct segment){ one.p_type, one.p_offset, one.p_filesz };
    }
    return true;
}

/* The dynamic loader that an ELF file names; "" where it names none. */
static void read_loader(const struct head *head, char out[PATH_MAX])
{
    struct segment segment;

    out[0] = 0;
    if (head->length < sizeof(Elf64_Ehdr) || is_little(head) != (BYTE_ORDER == LITTLE_ENDIAN))
        return;
    for (unsigned i = 0; i < PROGRAM_HEADERS_MAX && read_segment(head, i, &segment); i++) {
        ssize_t n;

        if (segment.type != PT_INTERP)
            continue;
        if (segment.size == 0 || segment.size >= PATH_MAX || segment.offset > INT_MAX)
            return;
        n = pread(head->fd, out, segment.size, (off_t)segment.offset);
        out[n > 0 ? n : 0] = 0;
        return;
    }
}

/* The interpreter of "#!interpreter argument"; false where the file does not begin so. */
static bool read_interpreter(const struct head *head, char out[PATH_MAX])
{
    const char *at = (const char *)head->at + 2;
    size_t length;

    if (head->length < 2 || memcmp(head->at, "#!", 2) != 0)
        return false;
    at += strspn(at, " \t");
    length = strcspn(at, " \t\n");
    memcpy(out, at, length);
    out[length] = 0;
    return true;
}

/* The interpreter or loader is the file that execve's error speaks of. */
static void explain_helper(const struct head *head, int number, struct error *why)
{
    char helper[PATH_MAX];
    bool is_script = read_interpreter(head, helper);
    size_t length;

    if (!is_script && is_elf(head))
        read_loader(head, helper);
    else if (!is_script)
        return;
    length = strlen(helper);
    if (length == 0)
        return;
    if (is_script && helper[length - 1] == '\r') {
        helper[length - 1] = 0;
        (void)fail_hint(why,
                        "its first line ends with CR LF, as on Windows, so the interpreter is "
                        "looked for as \"%.80s\\r\"",
                        helper);
        return;
    }
    if (access(helper, F_OK) < 0 && errno == ENOENT)
        (void)fail_hint(why, "the file is there, but its %s %.120s is not in the container",
                        is_script ? "interpreter" : "library loader", helper);
    else if (number == EACCES && access(helper, X_OK) < 0)
        (void)fail_hint(why, "its %s %.120s may not be executed",
                        is_script ? "interpreter" : "library loader", helper);
    else if (number == ENOENT && is_script)
        (void)fail_hint(why,
                        "its interpreter %.120s is there, but names an interpreter or library "
                        "loader that is not in the container",
                        helper);
}

static void explain_denied(const char *path, const struct stat *st, const struct head *head,
                           struct error *why)
{
    struct statvfs fs;

    if (!S_ISREG(st->st_mode))
        (void)fail_hint(why, "it is not a regular file");
    else if (statvfs(path, &fs) == 0 && fs.f_flag & ST_NOEXEC)
        (void)fail_hint(why, "it lies on a file system that is mounted noexec");
    else if ((st->st_mode & 0111) == 0)
        (void)fail_hint(why, "its mode is %04o: chmod +x makes it executable",
                        (unsigned)(st->st_mode & 07777));
    else if (access(path, X_OK) < 0)
        (void)fail_hint(why, "its mode is %04o and its owner %u:%u, which does not let user %u in",
                        (unsigned)(st->st_mode & 07777), st->st_uid, st->st_gid,
                        (unsigned)geteuid());
    else
        explain_helper(head, EACCES, why);
    (void)fail_hint(why, "a security module (AppArmor, SELinux) may have refused it");
}

static void explain_format(const struct head *head, struct error *why)
{
    struct utsname host;
    const char *machine;

    if (head->length == 0) {
        (void)fail_hint(why, "the file is empty");
    } else if (is_elf(head) && head->length >= sizeof(Elf32_Ehdr)) {
        machine = name_of(machines, machine_of(head));
        (void)uname(&host);
        if (machine && strcmp(machine, host.machine) == 0) {
            (void)fail_hint(why, "it is built for this machine, but damaged or incomplete");
            return;
        }
        (void)fail_hint(why, "it is built for %s (%s, %s-endian), this machine is %s",
                        machine ? machine : "another kind of machine",
                        head->at[EI_CLASS] == ELFCLASS64 ? "64 bits" : "32 bits",
                        is_little(head) ? "little" : "big", host.machine);
    } else if (head->at[0] == 0xef && head->at[1] == 0xbb && head->at[2] == 0xbf) {
        (void)fail_hint(why, "it begins with a byte order mark, which hides its first line");
    } else if (memchr(head->at, 0, head->length) == NULL) {
        (void)fail_hint(why, "it looks like a script without a first line such as #!/bin/sh");
    } else {
        (void)fail_hint(why, "it is neither an ELF program nor a script");
    }
}

static void read_head(const char *path, const struct stat *st, struct head *head)
{
    ssize_t n;

    memset(head, 0, sizeof *head);
    head->fd = -1;
    /* Only of a regular file: opening anything else may block or do something. */
    if (!S_ISREG(st->st_mode))
        return;
    head->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (head->fd < 0)
        return;
    n = pread(head->fd, head->at, HEAD_BYTES, 0);
    head->length = n > 0 ? (size_t)n : 0;
}

int program_diagnose(const char *path, const char *name, int number, struct error *why)
{
    struct head head;
    struct stat st;

    (void)program_blame(why, name, number);
    if (number == E2BIG)
        return fail_hint(why, "args and env together are larger than the kernel takes (an eighth "
                              "of the stack limit), or one of them is over 128 KiB");
    if (number == EAGAIN)
        return fail_hint(why, "the user has as many processes as RLIMIT_NPROC allows");
    if (stat(path, &st) < 0 && number == ELOOP)
        return fail_hint(why, "links go round, or one of /proc leads out of the container");
    if (stat(path, &st) < 0)
        return number == ENOENT ? fail_hint(why, "there is no %.150s in the container", path) : -1;
    if (S_ISDIR(st.st_mode))
        return program_blame(why, name, EISDIR);
    read_head(path, &st, &head);
    if (number == ENOENT)
        explain_helper(&head, number, why);
    else if (number == EACCES)
        explain_denied(path, &st, &head, why);
    else if (number == ELOOP)
        (void)fail_hint(why, head.length > 2 && memcmp(head.at, "#!", 2) == 0
                                 ? "its interpreter is a script, whose interpreter is one, too deep"
                                 : "links go round, or one of /proc leads out of the container");
    else if (number == ENOEXEC && head.fd >= 0)
        explain_format(&head, why);
    else if (number == ETXTBSY)
        (void)fail_hint(why, "somebody has the file open for writing");
    close_fd(&head.fd);
    return -1;
}
