// SPDX-License-Identifier: Apache-2.0
/* linux.uidMappings and linux.gidMappings: who INIT's users are on the host. */
#include "sections/container.h"
#include "kernel/proc.h"
#include "sections/namespaces-wanted.h"

#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { MAPPINGS_MAX = 340 }; /* lines that the kernel takes, user_namespaces(7), since Linux 4.15 */

static bool overlaps(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
    return (uint64_t)a < (uint64_t)b + b_size && (uint64_t)b < (uint64_t)a + a_size;
}

static void check_list(const struct oci_id_mapping_list *list, const char *field,
                       struct problems *all)
{
    if (list->n > MAPPINGS_MAX)
        refuse(all, at("linux.%s", field), "%zu entries, the kernel takes %d", list->n,
               MAPPINGS_MAX);
    for (size_t i = 0; i < list->n && i < MAPPINGS_MAX; i++) {
        const struct oci_id_mapping *m = &list->at[i];

        if (m->size == 0)
            refuse(all, at("linux.%s[%zu].size", field, i), "maps nothing");
        if ((uint64_t)m->container_id + m->size > UINT32_MAX ||
            (uint64_t)m->host_id + m->size > UINT32_MAX)
            refuse(all, at("linux.%s[%zu]", field, i), "goes beyond the last id, 4294967294");
        for (size_t j = 0; j < i; j++)
            if (overlaps(m->container_id, m->size, list->at[j].container_id, list->at[j].size) ||
                overlaps(m->host_id, m->size, list->at[j].host_id, list->at[j].size))
                refuse(all, at("linux.%s[%zu]", field, i), "overlaps entry %zu", j);
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
    check_list(&spec->linux->uid_mappings, "uidMappings", all);
    check_list(&spec->linux->gid_mappings, "gidMappings", all);
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

/* newuidmap(1) and newgidmap(1) may map what /etc/subuid and /etc/subgid grant an ordinary user. */
static int run_helper(const struct container *c, const char *helper,
                      const struct oci_id_mapping_list *list, struct error *why)
{
    const char **args = arena_alloc(c->arena, (3 + 3 * list->n) * sizeof *args);
    size_t n = 0;
    int status;

    if (args == NULL)
        return fail(why, ENOMEM, "run %s", helper);
    args[n++] = helper;
    args[n++] = arena_sprintf(c->arena, "%d", (int)c->init);
    FOREACH (m, *list) {
        args[n++] = arena_sprintf(c->arena, "%u", m->container_id);
        args[n++] = arena_sprintf(c->arena, "%u", m->host_id);
        args[n++] = arena_sprintf(c->arena, "%u", m->size);
    }

    pid_t pid = fork();

    if (pid < 0)
        return fail(why, errno, "fork for %s", helper);
    if (pid == 0) {
        (void)execvp(helper, (char *const *)(uintptr_t)args);
        _exit(127);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    (void)fail(why, 0, "%s refused the mappings (status %d)", helper,
               WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return fail_hint(why, "grant the ids in /etc/subuid and /etc/subgid and install %s", helper);
}

static int write_one(const struct container *c, const char *file, const char *helper,
                     const struct oci_id_mapping_list *list, struct error *why)
{
    char path[64];
    const char *text = write_list(c, list);

    if (text == NULL)
        return fail(why, ENOMEM, "write %s", file);
    (void)snprintf(path, sizeof path, "%d/%s", (int)c->init, file);
    if (proc_write(c->proc_fd, path, text, why) == 0)
        return 0;
    if (why->number != EPERM || geteuid() == 0)
        return -1;
    return run_helper(c, helper, list, why);
}

/* Without privilege a single id may be mapped, and only once setgroups(2) is given up. */
static void deny_setgroups(const struct container *c)
{
    struct error unused;
    char path[64];

    if (geteuid() == 0 || c->spec->linux->gid_mappings.n != 1 ||
        c->spec->linux->gid_mappings.at[0].size != 1)
        return;
    (void)snprintf(path, sizeof path, "%d/setgroups", (int)c->init);
    (void)proc_write(c->proc_fd, path, "deny", &unused);
}

int id_mappings_write(struct container *c, struct error *why)
{
    if (write_one(c, "uid_map", "newuidmap", &c->spec->linux->uid_mappings, why) < 0)
        return fail_at(why, "linux.uidMappings");
    deny_setgroups(c);
    if (write_one(c, "gid_map", "newgidmap", &c->spec->linux->gid_mappings, why) < 0)
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
