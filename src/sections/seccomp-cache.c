// SPDX-License-Identifier: Apache-2.0
/* Compiled filters, kept in the state root: compiling one takes milliseconds, reading it
 * microseconds. A file that is not exactly what we wrote is as good as none, and so is a folder
 * that we cannot use.
 */
#include "base/io.h"
#include "json-encode.h"
#include "sections/seccomp.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

enum {
    FORMAT = 1, /* of the files, and of what seccomp-compile.c makes of a profile */
    FILES_MAX = 64,
    FILE_MAX = 2 << 20,
};

/* No container can have this name. */
static const char folder_name[] = ",seccomp";

/* At the start of a file; the key and the instructions follow. */
struct header {
    uint64_t checksum; /* of all that follows it */
    uint32_t format;
    uint32_t length; /* instructions */
    uint64_t key_length;
};

/* FNV-1a: finds damage and names files. What must not be mixed up is compared in full. */
static uint64_t hash(uint64_t so_far, const void *data, size_t length)
{
    const unsigned char *at = data;

    for (size_t i = 0; i < length; i++)
        so_far = (so_far ^ at[i]) * 0x100000001b3;
    return so_far;
}

enum { HASH_SKIP = sizeof(uint64_t) };
static const uint64_t hash_of_nothing = 0xcbf29ce484222325;

static uint64_t checksum(const struct header *header, const char *key,
                         const struct sock_filter *instructions)
{
    uint64_t sum =
        hash(hash_of_nothing, (const char *)header + HASH_SKIP, sizeof *header - HASH_SKIP);

    sum = hash(sum, key, header->key_length);
    return hash(sum, instructions, header->length * sizeof *instructions);
}

char *seccomp_cache_key(const struct oci_seccomp *profile, bool strict)
{
    const struct scmp_version *library = seccomp_version();
    struct oci_seccomp alone = *profile;
    const struct oci_linux linux_ = { .seccomp = &alone };
    char versions[128];
    const struct oci_config config = { .oci_version = versions, .linux = &linux_ };
    struct json_error problem;
    size_t length;

    /* Who is asked makes no other filter. */
    alone.listener_path = alone.listener_metadata = NULL;
    (void)snprintf(versions, sizeof versions, "%s+%d libseccomp %u.%u.%u arch %x%s",
                   PACKAGE_VERSION, SECCOMP_NEWEST_MAX, library->major, library->minor,
                   library->micro, seccomp_arch_native(), strict ? " strict" : "");
    return json_encode(&oci_config_object, &config, JSON_COMPACT, &length, &problem);
}

static void name_file(char name[24], const char *key)
{
    (void)snprintf(name, 24, "%016" PRIx64, hash(hash_of_nothing, key, strlen(key)));
}

/* Ours alone, or -1. */
static int open_folder(const struct container *c, bool make)
{
    /* The path of the state root may lead elsewhere by now. */
    autoclose int root = openat(c->state_fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC), folder = -1;
    struct stat st;

    if (root < 0 || (make && mkdirat(root, folder_name, 0700) < 0 && errno != EEXIST))
        return -1;
    folder = openat(root, folder_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0 || fstat(folder, &st) < 0 || st.st_uid != geteuid() ||
        (st.st_mode & 07777) != 0700)
        return -1;
    return take_fd(folder);
}

static char *read_file(int folder, const char *name, size_t *ret_length)
{
    autoclose int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct error unused;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
        (st.st_mode & 07777) != 0600 || st.st_nlink != 1)
        return NULL;
    return io_read_fd(fd, name, FILE_MAX, ret_length, &unused);
}

/* TEXT as read is what KEY stands for. */
static bool accept(const char *text, size_t length, const char *key, struct seccomp_filter *ret)
{
    size_t key_length = strlen(key);
    struct header header;

    if (length < sizeof header)
        return false;
    memcpy(&header, text, sizeof header);
    if (header.format != FORMAT || header.key_length != key_length || header.length == 0 ||
        header.length > SECCOMP_INSTRUCTIONS_MAX ||
        length != sizeof header + key_length + header.length * sizeof *ret->at ||
        memcmp(text + sizeof header, key, key_length) != 0)
        return false;
    memcpy(ret->at, text + sizeof header + key_length, header.length * sizeof *ret->at);
    if (checksum(&header, key, ret->at) != header.checksum)
        return false;
    ret->length = header.length;
    return true;
}

bool seccomp_cache_load(const struct container *c, const char *key, struct seccomp_filter *ret)
{
    autoclose int folder = open_folder(c, false);
    autofree char *text = NULL;
    char name[24];
    size_t length;

    if (folder < 0)
        return false;
    name_file(name, key);
    text = read_file(folder, name, &length);
    return text && accept(text, length, key, ret);
}

/* Room for one more: the oldest goes. */
static void make_room(int folder)
{
    char oldest[256] = "";
    struct timespec age = { 0 };
    unsigned n = 0;
    DIR *dir = fdopendir(fcntl(folder, F_DUPFD_CLOEXEC, 3));

    if (dir == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(dir));) {
        struct stat st;

        if (fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
            continue;
        if (n++ && (st.st_mtim.tv_sec > age.tv_sec ||
                    (st.st_mtim.tv_sec == age.tv_sec && st.st_mtim.tv_nsec >= age.tv_nsec)))
            continue;
        age = st.st_mtim;
        (void)snprintf(oldest, sizeof oldest, "%s", entry->d_name);
    }
    (void)closedir(dir);
    if (n >= FILES_MAX)
        (void)unlinkat(folder, oldest, 0);
}

void seccomp_cache_store(const struct container *c, const char *key,
                         const struct seccomp_filter *filter)
{
    struct header header = { .format = FORMAT,
                             .length = filter->length,
                             .key_length = strlen(key) };
    size_t instructions = filter->length * sizeof *filter->at;
    size_t length = sizeof header + header.key_length + instructions;
    autoclose int folder = open_folder(c, true);
    autofree char *text = length <= FILE_MAX ? malloc(length) : NULL;
    struct error unused;
    char name[24];

    if (folder < 0 || text == NULL)
        return;
    header.checksum = checksum(&header, key, filter->at);
    memcpy(text, &header, sizeof header);
    memcpy(text + sizeof header, key, header.key_length);
    memcpy(text + sizeof header + header.key_length, filter->at, instructions);
    make_room(folder);
    name_file(name, key);
    (void)io_write_atomic(folder, name, text, length, 0600, &unused);
}
