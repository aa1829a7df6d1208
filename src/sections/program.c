// SPDX-License-Identifier: Apache-2.0
/* process.args, process.env and process.cwd: what runs, with which words, and where. */
#include "sections/program.h"
#include "kernel/path.h"
#include "sections/capabilities.h"
#include "sections/container.h"
#include "sections/notify-socket.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Where the container's environment has no PATH. */
static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

void program_check(const struct oci_config *spec, struct problems *all)
{
    const struct oci_process *process = spec->process;

    if (process == NULL)
        return;
    if (process->args.n == 0)
        refuse(all, "process.args", "there is no program to run");
    else if (process->args.at[0][0] == 0)
        refuse(all, "process.args[0]", "the program's name is empty");
    if (process->cwd == NULL || process->cwd[0] != '/')
        refuse(all, "process.cwd", "\"%s\" is not an absolute path",
               process->cwd ? process->cwd : "");
    for (size_t i = 0; i < process->env.n; i++)
        if (strchr(process->env.at[i], '=') == NULL)
            caution(all, at("process.env[%zu]", i), "\"%s\" has no \"=\"", process->env.at[i]);
}

int program_open_inside(const char *path, uint64_t flags)
{
    autoclose int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

    return root < 0 ? -1 : path_open(root, path, flags, 0);
}

/* --- cwd --- */

/* Missing folders of PATH, as the container's root: engines count on it. One component at a time,
 * never through a link. */
static int make_folders(const char *path, struct error *why)
{
    autoclose int folder = program_open_inside("/", O_PATH | O_DIRECTORY);
    mode_t mask = umask(0);
    int result = folder < 0 ? fail(why, errno, "open the root") : 0;
    char name[NAME_MAX + 1];

    for (const char *at = path; result == 0 && *(at += strspn(at, "/"));) {
        size_t length = strcspn(at, "/");
        size_t whole = (size_t)(at - path) + length;
        autofree char *front = strndup(path, whole);

        if (length > NAME_MAX || front == NULL) {
            result = fail(why, front ? ENAMETOOLONG : ENOMEM, "make %s", path);
            break;
        }
        memcpy(name, at, length);
        name[length] = 0;
        if (mkdirat(folder, name, 0755) < 0) {
            if (errno != EEXIST)
                result = fail(why, errno, "make %s", front);
        } else if (fchownat(folder, name, 0, 0, AT_SYMLINK_NOFOLLOW) < 0 && errno != EPERM &&
                   errno != EINVAL) {
            /* Those two: in this user namespace root is not mapped, or is not us. */
            result = fail(why, errno, "give %s to root", front);
        }
        close_fd(&folder);
        /* From the root each time: a link of the image to an absolute path is followed within it.
         */
        folder = program_open_inside(front, O_PATH | O_DIRECTORY);
        if (folder < 0 && result == 0)
            result = fail(why, errno, "open %s", front);
        at += length;
    }
    (void)umask(mask);
    return result;
}

static int enter(const char *path)
{
    autoclose int folder = program_open_inside(path, O_PATH | O_DIRECTORY);

    return folder < 0 ? -1 : fchdir(folder);
}

/* The user may be the only one who is let in (a network mount that root may not read), or root may:
 * either will do. */
static int enter_as_either(struct container *c, const char *path, struct error *why)
{
    int number;

    if (enter(path) == 0)
        return 0;
    number = errno;
    if (user_of(c->process)->uid != 0 && capabilities_raise(true) < 0)
        return fail(why, errno, "raise the capabilities");
    if (number == ENOENT && c->verb == VERB_CREATE && make_folders(path, why) < 0)
        return -1;
    if (enter(path) < 0)
        return fail(why, errno, "change to %s", path);
    if (user_of(c->process)->uid != 0 && capabilities_raise(false) < 0)
        return fail(why, errno, "lower the capabilities");
    return 0;
}

void cwd_prepare(struct container *c)
{
    autoclose int folder = program_open_inside(c->process->cwd, O_PATH | O_DIRECTORY);
    struct error unused;

    if (folder < 0 && errno == ENOENT)
        (void)make_folders(c->process->cwd, &unused);
}

int cwd_enter(struct container *c, struct error *why)
{
    char where[PATH_MAX];

    if (enter_as_either(c, c->process->cwd, why) < 0) {
        if (why->number == ELOOP)
            (void)fail_hint(why, "a link of /proc leads out of the container, or links go round");
        return fail_at(why, "process.cwd");
    }
    /* The bare system call says "(unreachable)" of a folder outside of the root, CVE-2024-21626. */
    if (syscall(SYS_getcwd, where, sizeof where) < 0)
        return fail(why, errno, "name the working folder"), fail_at(why, "process.cwd");
    if (where[0] != '/')
        return fail(why, 0, "%s lies outside of the container", c->process->cwd),
               fail_at(why, "process.cwd");
    return 0;
}

void program_explain_cwd(const struct container *c, struct explain *to)
{
    explain(to, "%s", c->process->cwd);
}

/* --- environment --- */

/* Names that were seen, by open addressing: environments of thousands of entries are common in
 * clusters. */
struct seen {
    const char **slot;
    size_t mask;
};

static bool is_new_name(struct seen *seen, const char *entry)
{
    size_t length = strcspn(entry, "="), hash = 5381;

    for (size_t i = 0; i < length; i++)
        hash = hash * 33 + (unsigned char)entry[i];
    for (;; hash++) {
        const char **slot = &seen->slot[hash & seen->mask];

        if (*slot == NULL)
            return *slot = entry, true;
        if (strncmp(*slot, entry, length) == 0 && ((*slot)[length] == '=' || !(*slot)[length]))
            return false;
    }
}

static const char *find_value(char *const *envp, const char *name)
{
    size_t length = strlen(name);

    for (; *envp; envp++)
        if (strncmp(*envp, name, length) == 0 && (*envp)[length] == '=')
            return *envp + length + 1;
    return NULL;
}

/* Of a name given twice the last value counts. */
static size_t copy_last_values(const struct json_string_list *env, struct seen *seen, char **envp)
{
    size_t kept = env->n;

    for (size_t i = env->n; i-- > 0;)
        if (is_new_name(seen, env->at[i]))
            envp[--kept] = (char *)(uintptr_t)env->at[i];
    memmove(envp, envp + kept, (env->n - kept) * sizeof *envp);
    envp[env->n - kept] = NULL;
    return env->n - kept;
}

static char **make_environment(const struct container *c, struct error *why)
{
    static char notify[] = "NOTIFY_SOCKET=" NOTIFY_SOCKET_INSIDE;
    const struct json_string_list *env = &c->process->env;
    enum { EXTRA = 5 };
    char **envp = arena_alloc(c->arena, (env->n + EXTRA) * sizeof *envp);
    struct seen seen = { .mask = 15 };
    autofree const char **slots = NULL;
    size_t n;

    while (seen.mask < 2 * env->n)
        seen.mask = 2 * seen.mask + 1;
    seen.slot = slots = calloc(seen.mask + 1, sizeof *slots);
    if (envp == NULL || slots == NULL)
        return fail(why, ENOMEM, "copy the environment"), NULL;
    n = copy_last_values(env, &seen, envp);
    if (find_value(envp, "HOME") == NULL) {
        const char *home = program_find_home(user_of(c->process)->uid, c->arena);

        envp[n] = home ? arena_sprintf(c->arena, "HOME=%s", home) : NULL;
        if (envp[n++] == NULL)
            return fail(why, ENOMEM, "copy the environment"), NULL;
    }
    if (notify_socket_is_wanted(c))
        envp[n++] = notify;
    if (c->options.listen_fds) {
        envp[n] = arena_sprintf(c->arena, "LISTEN_FDS=%u", c->options.listen_fds);
        envp[n + 1] = arena_sprintf(c->arena, "LISTEN_PID=%d", (int)getpid());
        if (envp[n] == NULL || envp[n + 1] == NULL)
            return fail(why, ENOMEM, "copy the environment"), NULL;
        n += 2;
    }
    envp[n] = NULL;
    return envp;
}

/* --- the executable --- */

/* What execve would say of PATH, as far as can be told without trying; 0 if nothing speaks against
 * it. */
static int examine(const struct container *c, const char *path)
{
    autofree char *absolute = NULL;
    autoclose int fd = -1;
    struct stat st;

    /* The working folder is the one that "./program" starts from, not the root that openat2 would
     * take. */
    if (path[0] != '/') {
        if (asprintf(&absolute, "%s/%s", c->process->cwd, path) < 0)
            return absolute = NULL, ENOMEM;
        path = absolute;
    }
    fd = program_open_inside(path, O_PATH);
    if (fd < 0)
        return errno;
    if (fstat(fd, &st) < 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    if (!S_ISREG(st.st_mode))
        return EACCES;
    /* AT_EMPTY_PATH of faccessat2: Linux 5.8. Says EACCES of a noexec mount, too. */
    return syscall(SYS_faccessat2, fd, "", X_OK, AT_EMPTY_PATH | AT_EACCESS) < 0 ? errno : 0;
}

/* execvp's rules: the first that may be executed; else, if one is there that may not, that one's
 * error. */
static const char *search(const struct container *c, const char *name, const char *folders,
                          struct error *why)
{
    char candidate[PATH_MAX], denied[PATH_MAX] = "";

    for (const char *at = folders;; at++) {
        size_t length = strcspn(at, ":");
        int n = snprintf(candidate, sizeof candidate, "%.*s/%s", length ? (int)length : 1,
                         length ? at : ".", name);
        int number = (size_t)n < sizeof candidate ? examine(c, candidate) : ENAMETOOLONG;

        if (number == 0)
            return arena_strdup(c->arena, candidate);
        if (number == EACCES && !denied[0])
            memcpy(denied, candidate, (size_t)n + 1);
        at += length;
        if (*at == 0)
            break;
    }
    if (denied[0])
        return program_diagnose(denied, name, EACCES, why), NULL;
    (void)fail(why, 0, "exec \"%s\": executable file not found in $PATH", name);
    (void)fail_code(why, ERROR_EXEC);
    return fail_hint(why, "PATH in the container is %.150s", folders), NULL;
}

static const char *find(const struct container *c, char *const *envp, struct error *why)
{
    const char *name = c->process->args.at[0];
    const char *folders = find_value(envp, "PATH");
    int number;

    if (strchr(name, '/') == NULL)
        return search(c, name, folders && folders[0] ? folders : default_path, why);
    number = examine(c, name);
    if (number == 0)
        return name;
    return program_diagnose(name, name, number, why), NULL;
}

int program_find(struct container *c, struct error *why)
{
    struct program *program = arena_alloc(c->arena, sizeof *program);
    const struct json_string_list *args = &c->process->args;
    bool is_other = user_of(c->process)->uid != 0;

    if (program == NULL)
        return fail(why, ENOMEM, "find the program");
    program->argv = arena_alloc(c->arena, (args->n + 1) * sizeof *program->argv);
    if (program->argv == NULL)
        return fail(why, ENOMEM, "find the program");
    memcpy(program->argv, args->at, args->n * sizeof *program->argv);
    program->envp = make_environment(c, why);
    if (program->envp == NULL)
        return fail_at(why, "process.env");
    /* As execve will see it: CAP_DAC_OVERRIDE opens files that the user may not. */
    if (is_other && capabilities_use(c) < 0)
        return fail(why, errno, "raise the capabilities");
    program->path = find(c, program->envp, why);
    if (is_other && capabilities_raise(false) < 0)
        return fail(why, errno, "lower the capabilities");
    if (program->path == NULL)
        return fail_at(why, "process.args[0]");
    c->program = program;
    return 0;
}

void program_explain(const struct container *c, struct explain *to)
{
    for (size_t i = 0; i < c->process->args.n; i++)
        explain(to, "args[%zu] %s", i, c->process->args.at[i]);
    explain(to, "%zu environment variables", c->process->env.n);
}

int program_run(struct container *c, struct error *why)
{
    const struct program *program = c->program;
    int number;

    if (c->process == NULL || program == NULL) {
        (void)fail(why, 0, "process is not set in config.json");
        (void)fail_code(why, ERROR_SPEC);
        return fail_at(why, "process");
    }
    /* By path: /proc/self/exe and the argument of a script's interpreter come from it. */
    (void)execve(program->path, program->argv, program->envp);
    number = errno;
    /* To find out more takes calls, for which the filter may kill: first what is known. */
    (void)program_blame(why, c->process->args.at[0], number);
    (void)fail_at(why, "process.args[0]");
    container_say_last(c, why);
    (void)program_diagnose(program->path, c->process->args.at[0], number, why);
    return fail_at(why, "process.args[0]");
}
