// SPDX-License-Identifier: Apache-2.0
/* The program criu(8): found, started, and understood when it fails. */
#include "container/criu.h"
#include "base/io.h"
#include "base/own.h"
#include "base/text.h"
#include "container/trusted-folder.h"
#include "kernel/clone.h"
#include "kernel/fd.h"
#include "kernel/host-folder.h"
#include "kernel/path.h"
#include "sections/container.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* 3.15: external pid namespaces, the freezer of cgroup v2. */
enum { OLDEST = 31500, TAIL_BYTES = 128 * 1024, QUOTED = 4, OUTPUT_MAX = 4096, FIRST_PASSED = 64 };

/* --- the program --- */

/* It will run with all rights: nobody but root may have put it there. */
static bool is_safe(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static int find_program(struct criu *criu, struct error *why)
{
    static const char *const folders[] = { "/usr/sbin", "/usr/bin",        "/sbin",
                                           "/bin",      "/usr/local/sbin", "/usr/local/bin" };

    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        criu->path = arena_sprintf(criu->arena, "%s/criu", folders[i]);
        if (criu->path == NULL)
            return fail(why, ENOMEM, "find criu");
        if (access(criu->path, X_OK) < 0)
            continue;
        if (is_safe(folders[i]) && is_safe(criu->path))
            return 0;
        (void)fail(why, 0, "%s is not to be trusted: others than root could have written it",
                   criu->path);
        return fail_code(why, ERROR_UNSUPPORTED);
    }
    (void)fail(why, ENOENT, "find the program criu");
    (void)fail_hint(why, "install criu; it is looked for in /usr/sbin, /usr/bin, /sbin, /bin and "
                         "below /usr/local");
    return fail_code(why, ERROR_UNSUPPORTED);
}

int criu_become(const struct criu *criu, struct error *why)
{
    static const char *const environment[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL
    };
    autoclose int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    /* What our caller left open is not for criu, which may outlive us. */
    if (signals_reset(NULL, why) < 0 || fd_cloexec_from(3, why) < 0)
        return -1;
    /* What it adopts from us beyond that would be the restored processes' too. */
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(criu->output, 1) < 0 ||
        dup2(criu->output, 2) < 0)
        return fail(why, errno, "set up the descriptors of criu");
    for (size_t i = 0; i < criu->n_passed; i++)
        if (fcntl(criu->passed[i], F_SETFD, 0) < 0)
            return fail(why, errno, "pass descriptor %d to criu", criu->passed[i]);
    (void)execve(criu->path, (char *const *)(uintptr_t)criu->words.at,
                 (char *const *)(uintptr_t)environment);
    return fail(why, errno, "run %s", criu->path);
}

static int await_end(pid_t pid, int *ret, struct error *why)
{
    while (waitpid(pid, ret, 0) < 0)
        if (errno != EINTR)
            return fail(why, errno, "wait for criu, process %d", (int)pid);
    return 0;
}

/* --- its version --- */

/* "Version: 3.17.1" -> 31701; 0: not understood. */
static unsigned parse_version(const char *text)
{
    unsigned major, minor, patch = 0;
    const char *at = strstr(text, "Version: ");

    if (at == NULL || sscanf(at, "Version: %u.%u.%u", &major, &minor, &patch) < 2)
        return 0;
    return major * 10000 + minor * 100 + patch;
}

static int check_version(const struct criu *criu, struct error *why)
{
    static const char *const words[] = { "criu", "--version", NULL };
    struct criu asked = *criu;
    char text[OUTPUT_MAX] = "";
    int status;

    asked.words.at = (const char **)(uintptr_t)words;
    asked.n_passed = 0;

    pid_t pid = clone_process(&(struct clone_request){ .cgroup_fd = -1 });

    if (pid == 0) {
        (void)criu_become(&asked, why);
        _exit(127);
    }
    if (pid < 0)
        return fail(why, errno, "make a process for criu");
    if (await_end(pid, &status, why) < 0)
        return -1;
    if (pread(criu->output, text, sizeof text - 1, 0) < 0 || ftruncate(criu->output, 0) < 0 ||
        lseek(criu->output, 0, SEEK_SET) < 0)
        return fail(why, errno, "read what criu --version says");
    if (status == 0 && parse_version(text) >= OLDEST)
        return 0;
    text[strcspn(text, "\n")] = 0;
    (void)fail(why, 0, "%s is too old or does not work: --version says \"%.80s\"", criu->path,
               text);
    (void)fail_hint(why, "criu 3.15 or newer is needed");
    return fail_code(why, ERROR_UNSUPPORTED);
}

/* --- folders and options --- */

/* The directory GIVEN, made for nobody else where it may be: the memory of a container may hold
   secrets. criu, as root, would follow a link in it, or restore what somebody else likes. */
static int open_folder(const char *given, bool *ret_was_made, struct error *why)
{
    autoclose int fd = ret_was_made ? host_folder_make(given, 0700, ret_was_made, why)
                                    : open(given, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return ret_was_made ? -1 : fail(why, errno, "open the folder %s", given);
    return trusted_folder_check(fd, "the folder", given, why) < 0 ? -1 : take_fd(fd);
}

/* The option NAME of criu's command line with a path that means the directory FD, whoever renames
   or replaces what is above it. */
static int add_folder(struct criu *criu, const char *name, int fd, struct error *why)
{
    /* What is 0, 1 or 2 for us is something else for criu. */
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_PASSED);

    if (copy < 0)
        return fail(why, errno, "pass a folder to criu");
    criu_pass(criu, copy);
    criu->folders[criu->n_folders++] = copy;
    criu_words_print(&criu->words, name, "/proc/self/fd/%d", copy);
    return 0;
}

/* Where the folder FD is now; false where that has no name. */
static bool find_path(int fd, char out[PATH_MAX])
{
    char link[32];

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return path_read_link(AT_FDCWD, link, out, PATH_MAX) > 0;
}

static int reopen(int folder, struct error *why)
{
    char path[PATH_MAX];
    autoclose int fd = -1;

    if (find_path(folder, path))
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(why, errno, "open a folder for criu");
    if (!fd_is_same(folder, fd))
        return fail(why, 0, "%s was replaced by another folder meanwhile", path);
    return dup3(fd, folder, O_CLOEXEC) < 0 ? fail(why, errno, "pass a folder to criu") : 0;
}

int criu_reopen_folders(const struct criu *criu, struct error *why)
{
    for (size_t i = 0; i < criu->n_folders; i++)
        if (reopen(criu->folders[i], why) < 0)
            return -1;
    return 0;
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static DIR *list_folder(int folder)
{
    autoclose int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);

    if (dir)
        (void)take_fd(copy);
    return dir;
}

static bool is_empty(int folder)
{
    DIR *dir = list_folder(folder);
    const struct dirent *entry;
    bool result = dir != NULL;

    while (dir && (entry = readdir(dir)))
        result &= is_dot(entry->d_name);
    if (dir)
        (void)closedir(dir);
    return result;
}

/* criu takes no descriptor of it, for it goes into the images as a link: neither it nor the
   directory that it is in may be anybody else's. */
static int check_parent(const struct criu *criu, const char *path, const char *images,
                        struct error *why)
{
    autoclose int parent = openat(criu->images_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    autoclose int above = openat(parent, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (parent < 0 || above < 0)
        return fail(why, errno, "open the parent images %s, as seen from %s", path, images);
    if (trusted_folder_check(parent, "the folder of the parent images", path, why) < 0)
        return -1;
    return trusted_folder_check(above, "the folder above the parent images", path, why);
}

static int open_folders(struct criu *criu, const struct criu_options *options, bool is_dump,
                        struct error *why)
{
    const char *images = options->image_path ? options->image_path : "checkpoint";
    const char *work = options->work_path ? options->work_path : images;
    bool is_new;

    criu->images_fd = open_folder(images, is_dump ? &criu->was_made : NULL, why);
    if (criu->images_fd < 0)
        return -1;
    criu->was_empty = is_dump && is_empty(criu->images_fd);
    if (options->parent_path && check_parent(criu, options->parent_path, images, why) < 0)
        return -1;
    criu->work = work;
    criu->work_fd = open_folder(work, &is_new, why);
    return criu->work_fd < 0 ? -1 : 0;
}

/* By the name that it has now in the directory that it is in now. */
static void remove_folder(int fd)
{
    autoclose int above = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char path[PATH_MAX];

    if (above >= 0 && find_path(fd, path))
        (void)unlinkat(above, strrchr(path, '/') + 1, AT_REMOVEDIR);
}

void criu_discard(const struct criu *criu)
{
    DIR *dir = criu->was_empty ? list_folder(criu->images_fd) : NULL;
    const struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (!is_dot(entry->d_name) && strcmp(entry->d_name, criu->log) != 0)
            (void)unlinkat(criu->images_fd, entry->d_name, 0);
    if (dir)
        (void)closedir(dir);
    /* Where the log is elsewhere, or there is none, it is empty by now. */
    if (criu->was_made)
        remove_folder(criu->images_fd);
}

/* -1: none is asked for. */
static int status_fd(const struct criu_options *options)
{
    return options->status_fd ? (int)strtol(options->status_fd, NULL, 10) : -1;
}

static int check_status(const struct criu_options *options, struct error *why)
{
    int fd = status_fd(options);

    /* All of our own are close-on-exec, and what is inherited never is. */
    if (fd < 0 || fcntl(fd, F_GETFD) == 0)
        return 0;
    (void)fail(why, EBADF, "--status-fd %d", fd);
    return fail_code(why, ERROR_USAGE);
}

static int pass_status(struct criu *criu, const struct criu_options *options, struct error *why)
{
    int copy;

    if (status_fd(options) < 0)
        return 0;
    /* What is 0, 1 or 2 for us is something else for criu. */
    copy = fcntl(status_fd(options), F_DUPFD_CLOEXEC, FIRST_PASSED);
    if (copy < 0)
        return fail(why, errno, "pass --status-fd to criu");
    criu_pass(criu, copy);
    criu_words_print(&criu->words, "--status-fd", "%d", copy);
    return 0;
}

int criu_open(struct criu *ret, const struct criu_options *options, enum criu_action action,
              struct arena *arena, struct error *why)
{
    static const char *const actions[] = { "dump", "pre-dump", "restore" };
    static const char *const logs[] = { "dump.log", "dump.log", "restore.log" };

    *ret = (struct criu){ .arena = arena, .images_fd = -1, .work_fd = -1, .output = -1 };
    ret->words.arena = arena;
    ret->log = logs[action];
    if (geteuid() != 0) {
        (void)fail(why, EPERM, "run criu");
        (void)fail_hint(why, "only root may write and read a process as a whole");
        return fail_code(why, ERROR_UNSUPPORTED);
    }
    if (criu_options_check(options, why) < 0 || find_program(ret, why) < 0)
        return -1;
    ret->output = memfd_create("criu", MFD_CLOEXEC);
    if (ret->output < 0)
        return fail(why, errno, "make a file in memory");
    if (check_status(options, why) < 0 || check_version(ret, why) < 0 ||
        open_folders(ret, options, action != CRIU_RESTORE, why) < 0)
        return -1;
    /* Of an earlier attempt: it must not explain this one. */
    (void)unlinkat(ret->work_fd, ret->log, 0);
    criu_words_add(&ret->words, "criu", actions[action]);
    if (add_folder(ret, "--images-dir", ret->images_fd, why) < 0 ||
        add_folder(ret, "--work-dir", ret->work_fd, why) < 0)
        return -1;
    criu_words_add(&ret->words, "--log-file", ret->log);
    criu_words_add(&ret->words, "-v4", NULL);
    criu_options_add(&ret->words, options, action);
    return pass_status(ret, options, why);
}

void criu_pass(struct criu *criu, int fd)
{
    if (fd >= 0 && criu->n_passed < sizeof criu->passed / sizeof *criu->passed)
        criu->passed[criu->n_passed++] = fd;
}

void criu_close(struct criu *criu)
{
    while (criu->n_passed)
        close_fd(&criu->passed[--criu->n_passed]);
    close_fd(&criu->images_fd);
    close_fd(&criu->work_fd);
    close_fd(&criu->output);
}

/* --- what it says --- */

/* The end of a file, on the heap, NUL-terminated; NULL: nothing there. */
static char *read_tail(int fd)
{
    struct stat st;
    char *text;
    off_t from;
    ssize_t n;

    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0)
        return NULL;
    from = st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0;
    text = malloc(TAIL_BYTES + 1);
    n = text ? pread(fd, text, TAIL_BYTES, from) : -1;
    if (n > 0) {
        text[n] = 0;
        return text;
    }
    free(text);
    return NULL;
}

/* "(00.012345) Error (criu/x.c:12): it failed" -> "it failed"; NULL: a line that does not matter.
 */
static const char *error_of(char *line)
{
    char *at = strstr(line, "Error (");
    char *end = at ? strstr(at, "): ") : NULL;

    if (end == NULL || strstr(end, "ing FAILED") != NULL)
        return NULL;
    return end + strlen("): ");
}

/* The last errors of TEXT, which it takes apart, as one line. */
static void quote_errors(char *text, char *out, size_t room)
{
    const char *kept[QUOTED];
    size_t n = 0, used = 0;
    char *state = NULL;

    for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
        const char *error = error_of(line);

        if (error)
            kept[n++ % QUOTED] = error;
    }
    for (size_t i = n > QUOTED ? n - QUOTED : 0; i < n && used < room; i++)
        used +=
            (size_t)snprintf(out + used, room - used, "%s%s", used ? "; " : ": ", kept[i % QUOTED]);
}

/* Its log, or what it said before it opened that. */
static int fail_told(const struct criu *criu, int status, struct error *why)
{
    char said[1024] = "";
    autoclose int fd = openat(criu->work_fd, criu->log, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    autofree char *log = read_tail(fd);
    autofree char *output = read_tail(criu->output);

    if (log)
        quote_errors(log, said, sizeof said);
    if (!said[0] && output) {
        output[strcspn(output, "\n")] = 0;
        (void)snprintf(said, sizeof said, ": %.900s", output);
    }
    if (WIFSIGNALED(status))
        (void)fail(why, 0, "criu %s was killed by signal %d%s", criu->words.at[1], WTERMSIG(status),
                   said);
    else
        (void)fail(why, 0, "criu %s failed%s", criu->words.at[1], said);
    return fd < 0 ? -1 : fail_hint(why, "all that criu did is in %s/%s", criu->work, criu->log);
}

int criu_await(const struct criu *criu, pid_t pid, struct error *why)
{
    int status;

    if (await_end(pid, &status, why) < 0)
        return -1;
    return status == 0 ? 0 : fail_told(criu, status, why);
}
