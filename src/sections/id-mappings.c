// SPDX-License-Identifier: Apache-2.0
/* linux.uidMappings and linux.gidMappings: who INIT's users are on the host. */
#include "sections/id-mappings.h"
#include "base/io.h"
#include "base/passwd.h"
#include "kernel/clone.h"
#include "kernel/host-program.h"
#include "kernel/pidfd.h"
#include "kernel/proc.h"
#include "sections/namespaces-wanted.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum {
    MAPPINGS_MAX = 340,   /* lines that the kernel takes, user_namespaces(7), since Linux 4.15 */
    TOOL_DEADLINE_S = 20, /* grants may come from a directory service */
};

static bool overlaps(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
    return (uint64_t)a < (uint64_t)b + b_size && (uint64_t)b < (uint64_t)a + a_size;
}

void id_mappings_check_list(const struct oci_id_mapping_list *list, const char *place,
                            struct problems *all)
{
    if (list->n > MAPPINGS_MAX)
        refuse(all, place, "%zu entries, the kernel takes %d", list->n, MAPPINGS_MAX);
    for (size_t i = 0; i < list->n && i < MAPPINGS_MAX; i++) {
        const struct oci_id_mapping *m = &list->at[i];

        if (m->size == 0)
            refuse(all, at("%s[%zu].size", place, i), "maps nothing");
        if ((uint64_t)m->container_id + m->size > UINT32_MAX ||
            (uint64_t)m->host_id + m->size > UINT32_MAX)
            refuse(all, at("%s[%zu]", place, i), "goes beyond the last id, 4294967294");
        for (size_t j = 0; j < i; j++)
            if (overlaps(m->container_id, m->size, list->at[j].container_id, list->at[j].size) ||
                overlaps(m->host_id, m->size, list->at[j].host_id, list->at[j].size))
                refuse(all, at("%s[%zu]", place, i), "overlaps entry %zu", j);
    }
}

void id_mappings_check(const struct oci_config *spec, struct problems *all)
{
    if (spec->linux == NULL)
        return;

    const struct oci_namespace *user = namespace_wanted(spec, OCI_NAMESPACE_TYPE_USER);
    bool is_new = namespace_is_new(spec, OCI_NAMESPACE_TYPE_USER);
    bool is_given = spec->linux->uid_mappings.n || spec->linux->gid_mappings.n;

    if (is_given && user == NULL)
        refuse(all, "linux.uidMappings", "id mappings need a user namespace in linux.namespaces");
    if (is_new && spec->linux->uid_mappings.n == 0)
        refuse(all, "linux.uidMappings", "a new user namespace needs uid mappings");
    if (is_new && spec->linux->gid_mappings.n == 0)
        refuse(all, "linux.gidMappings", "a new user namespace needs gid mappings");
    id_mappings_check_list(&spec->linux->uid_mappings, "linux.uidMappings", all);
    id_mappings_check_list(&spec->linux->gid_mappings, "linux.gidMappings", all);
}

uint32_t id_mappings_lowest(const struct oci_id_mapping_list *list)
{
    uint32_t lowest = list->n ? UINT32_MAX : 0;

    FOREACH (m, *list)
        if (m->container_id < lowest)
            lowest = m->container_id;
    return lowest;
}

bool id_mappings_are_new(const struct container *c)
{
    return container_has_new(c, CLONE_NEWUSER);
}

/* The list as the kernel wants it: "containerID hostID size" a line. */
static const char *write_list(const struct container *c, const struct oci_id_mapping_list *list)
{
    char *text = arena_strdup(c->arena, "");

    FOREACH (m, *list)
        if (text)
            text =
                arena_sprintf(c->arena, "%s%u %u %u\n", text, m->container_id, m->host_id, m->size);
    return text;
}

/* --- what an ordinary user may map --- */

/* newuidmap(1) and newgidmap(1) may map what these files grant. */
struct tool {
    const char *file, *name, *grants, *option;
};
static const struct tool for_uids = { "uid_map", "newuidmap", "/etc/subuid", "--add-subuids" };
static const struct tool for_gids = { "gid_map", "newgidmap", "/etc/subgid", "--add-subgids" };

/* A line of TEXT, "user:first:count", that has all of M. */
static bool is_granted(const char *text, const char *user, const struct oci_id_mapping *m)
{
    size_t length = strlen(user);
    char uid[16];

    (void)snprintf(uid, sizeof uid, "%u", geteuid());
    for (const char *line = text; line; line = strchr(line, '\n')) {
        unsigned long first, count;

        line += *line == '\n';
        bool is_ours = (strncmp(line, user, length) == 0 && line[length] == ':') ||
                       (strncmp(line, uid, strlen(uid)) == 0 && line[strlen(uid)] == ':');

        if (is_ours && sscanf(line, "%*[^:]:%lu:%lu", &first, &count) == 2 && m->host_id >= first &&
            m->host_id + (uint64_t)m->size <= (uint64_t)first + count)
            return true;
    }
    return false;
}

/* The first range that is nobody's to give. */
static int fail_grants(const struct container *c, const struct tool *tool,
                       const struct oci_id_mapping_list *list, const char *said, struct error *why)
{
    bool is_uid = tool == &for_uids;
    uint32_t own = is_uid ? geteuid() : getegid();
    struct error unused;
    size_t length;
    autoclose int passwd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    const char *user = passwd_find(passwd, geteuid(), PASSWD_NAME, c->arena);
    autofree char *text = io_read_file(AT_FDCWD, tool->grants, 1 << 22, &length, &unused);

    if (user == NULL)
        user = arena_sprintf(c->arena, "%u", geteuid());
    for (size_t i = 0; user && i < list->n; i++) {
        const struct oci_id_mapping *m = &list->at[i];

        if ((m->host_id == own && m->size == 1) || (text && is_granted(text, user, m)))
            continue;
        (void)fail(why, 0, "%s grants user %s no %ss %u to %u (%s)", tool->grants, user,
                   is_uid ? "uid" : "gid", m->host_id, m->host_id + m->size - 1, said);
        (void)fail_hint(why, "as root: usermod %s %u-%u %s", tool->option, m->host_id,
                        m->host_id + m->size - 1, user);
        return fail_at(why, "linux.%sMappings[%zu]", is_uid ? "uid" : "gid", i);
    }
    return fail(why, 0, "%s refused the mappings: %s", tool->name, said);
}

/* What the tool, which is over, had to say, in one line. */
static void read_words(int fd, char *out, size_t room)
{
    ssize_t n = read(fd, out, room - 1);
    size_t used = n > 0 ? (size_t)n : 0;

    out[used] = 0;
    while (used > 0 && out[used - 1] == '\n')
        out[--used] = 0;
    for (size_t i = 0; i < used; i++)
        if (out[i] == '\n')
            out[i] = ' ';
}

static int run_tool(const struct tool *tool, const char *const args[], char *said, size_t room,
                    struct error *why)
{
    int status, ended, pair[2];

    if (pipe2(pair, O_CLOEXEC) < 0)
        return fail(why, errno, "make a pipe");

    autoclose int reader = pair[0], writer = pair[1], pidfd = -1;
    pid_t runtime = getpid();
    pid_t pid = clone_process(&(struct clone_request){ .cgroup_fd = -1, .ret_pidfd = &pidfd });

    if (pid < 0)
        return fail(why, errno, "make a process for %s", tool->name);
    if (pid == 0) {
        const int stdio[] = { STDIN_FILENO, writer, writer };

        if (host_program_settle(runtime, stdio) == 0)
            (void)execvp(tool->name, (char *const *)(uintptr_t)args);
        _exit(127);
    }
    ended = pidfd_wait_end(pidfd, TOOL_DEADLINE_S * 1000);
    if (ended <= 0)
        (void)kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    /* What it left behind may still have the other end. */
    (void)fcntl(reader, F_SETFL, O_NONBLOCK);
    read_words(reader, said, room);
    if (ended <= 0)
        return fail(why, 0, "%s was killed: it had not ended after %d s%s%s", tool->name,
                    TOOL_DEADLINE_S, *said ? ": " : "", said);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int map_with_tool(const struct container *c, const struct tool *tool,
                         const struct oci_id_mapping_list *list, struct error *why)
{
    const char **args = arena_alloc(c->arena, (3 + 3 * list->n) * sizeof *args);
    char said[200];
    size_t n = 0;

    if (args == NULL)
        return fail(why, ENOMEM, "run %s", tool->name);
    args[n++] = tool->name;
    args[n++] = arena_sprintf(c->arena, "%d", (int)c->init);
    FOREACH (m, *list) {
        args[n++] = arena_sprintf(c->arena, "%u", m->container_id);
        args[n++] = arena_sprintf(c->arena, "%u", m->host_id);
        args[n++] = arena_sprintf(c->arena, "%u", m->size);
    }
    args[n] = NULL;

    int status = run_tool(tool, args, said, sizeof said, why);

    if (status <= 0)
        return status;
    if (status != 127)
        return fail_grants(c, tool, list, said, why);
    (void)fail(why, 0, "%s is not installed: user %u may map but its own id", tool->name,
               geteuid());
    return fail_hint(why, "install it (package uidmap or shadow-utils), or map one id");
}

/* --- writing --- */

static int write_one(const struct container *c, const struct tool *tool,
                     const struct oci_id_mapping_list *list, struct error *why)
{
    char path[64];
    const char *text = write_list(c, list);

    if (text == NULL)
        return fail(why, ENOMEM, "write %s", tool->file);
    /* user_namespaces(7): in one write, of less than a page. */
    if (strlen(text) >= (size_t)sysconf(_SC_PAGESIZE)) {
        (void)fail(why, 0, "%zu mappings are %zu bytes of %s, and the kernel takes %ld", list->n,
                   strlen(text), tool->file, sysconf(_SC_PAGESIZE) - 1);
        return fail_hint(why, "join neighbouring ranges, or map fewer of them");
    }
    (void)snprintf(path, sizeof path, "%d/%s", (int)c->init, tool->file);
    if (proc_write(c->proc_fd, path, text, why) == 0)
        return 0;
    if (why->number != EPERM || geteuid() == 0)
        return -1;
    return map_with_tool(c, tool, list, why);
}

/* Without privilege one's own group may be mapped, alone, and only once setgroups(2) is given up.
 */
static void deny_setgroups(const struct container *c)
{
    const struct oci_id_mapping_list *list = &c->spec->linux->gid_mappings;
    struct error unused;
    char path[64];

    if (geteuid() == 0 || list->n != 1 || list->at[0].size != 1 || list->at[0].host_id != getegid())
        return;
    (void)snprintf(path, sizeof path, "%d/setgroups", (int)c->init);
    (void)proc_write(c->proc_fd, path, "deny", &unused);
}

int id_mappings_write(struct container *c, struct error *why)
{
    if (write_one(c, &for_uids, &c->spec->linux->uid_mappings, why) < 0)
        return fail_at(why, "linux.uidMappings");
    deny_setgroups(c);
    if (write_one(c, &for_gids, &c->spec->linux->gid_mappings, why) < 0)
        return fail_at(why, "linux.gidMappings");
    return 0;
}

static void explain_list(const struct oci_id_mapping_list *list, const char *kind,
                         struct explain *to)
{
    FOREACH (m, *list)
        explain(to, "%s %u in the container is %u on the host, %u of them", kind, m->container_id,
                m->host_id, m->size);
}

void id_mappings_explain(const struct container *c, struct explain *to)
{
    explain_list(&c->spec->linux->uid_mappings, "uid", to);
    explain_list(&c->spec->linux->gid_mappings, "gid", to);
}
