// SPDX-License-Identifier: Apache-2.0
/* linux.sysctl: kernel parameters, those only that belong to a namespace of the container. */
#include "base/text.h"
#include "kernel/proc.h"
#include "sections/container.h"
#include "sections/namespaces-wanted.h"
#include "sections/namespaces.h"

#include <stdio.h>
#include <string.h>

enum { KEY_MAX = 256 };

/* Which namespace a parameter belongs to; a trailing slash: all below. */
struct owner {
    const char *path;
    enum oci_namespace_type type;
};

static const struct owner owners[] = {
    { "net/", OCI_NAMESPACE_TYPE_NETWORK },
    { "fs/mqueue/", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/auto_msgmni", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/msg_next_id", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/msgmax", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/msgmnb", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/msgmni", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/sem", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/sem_next_id", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/shm_next_id", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/shm_rmid_forced", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/shmall", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/shmmax", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/shmmni", OCI_NAMESPACE_TYPE_IPC },
    { "kernel/domainname", OCI_NAMESPACE_TYPE_UTS },
    { "kernel/hostname", OCI_NAMESPACE_TYPE_UTS },
    { "user/", OCI_NAMESPACE_TYPE_USER },
};

/* As sysctl(8): the first separator decides. "net.ipv4.conf.eth0/1.forwarding" means
   net/ipv4/conf/eth0.1/forwarding, and "net/ipv4/conf/eth0.1/forwarding" means itself. */
static bool key_to_path(const char *key, char out[KEY_MAX])
{
    size_t first = strcspn(key, "./");
    bool swap = key[first] == '.';
    size_t i;

    for (i = 0; key[i]; i++) {
        if (i == KEY_MAX - 1)
            return false;
        out[i] = key[i];
        if (swap && (key[i] == '.' || key[i] == '/'))
            out[i] = key[i] == '.' ? '/' : '.';
    }
    out[i] = 0;
    return *out && *out != '/' && out[i - 1] != '/' && !text_climbs(out);
}

static const struct owner *owner_of(const char *path)
{
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
        if (text_ends(owners[i].path, "/") ? text_starts(path, owners[i].path)
                                           : strcmp(path, owners[i].path) == 0)
            return &owners[i];
    return NULL;
}

/* VALUE is what FIELD of config.json says anyway. */
static bool is_equal(const char *value, const char *field)
{
    return field && strcmp(value, field) == 0;
}

static void check_one(const struct oci_config *spec, const char *key, const char *value,
                      struct problems *all)
{
    const char *pointer = at("linux.sysctl[\"%s\"]", key);
    const struct owner *owner;
    char path[KEY_MAX];

    if (!key_to_path(key, path)) {
        refuse(all, pointer, "is no name of a kernel parameter");
        return;
    }
    owner = owner_of(path);
    if (owner == NULL)
        refuse(all, pointer, "belongs to no namespace: it would change the host");
    else if (strcmp(path, "kernel/hostname") == 0 && !is_equal(value, spec->hostname))
        refuse(all, pointer, "is the container's hostname: use \"hostname\"");
    else if (namespace_wanted(spec, owner->type) == NULL)
        refuse(all, pointer, "needs a %s namespace in linux.namespaces",
               oci_namespace_type_names[owner->type]);
    else if (strcmp(path, "kernel/domainname") == 0 && spec->domainname && *spec->domainname &&
             !is_equal(value, spec->domainname))
        refuse(all, pointer, "contradicts \"domainname\"");
}

void sysctl_check(const struct oci_config *spec, struct problems *all)
{
    if (spec->linux)
        for (size_t i = 0; i < spec->linux->sysctl.n; i++)
            check_one(spec, spec->linux->sysctl.key[i], spec->linux->sysctl.at[i], all);
}

bool sysctl_is_set(const struct container *c)
{
    return c->spec->linux && c->spec->linux->sysctl.n > 0;
}

void sysctl_explain(const struct container *c, struct explain *to)
{
    for (size_t i = 0; i < c->spec->linux->sysctl.n; i++)
        explain(to, "%s = %s", c->spec->linux->sysctl.key[i], c->spec->linux->sysctl.at[i]);
}

/* A namespace given by path may be the one that we are in. */
int sysctl_guard(struct container *c, struct error *why)
{
    for (size_t i = 0; i < c->spec->linux->sysctl.n; i++) {
        const char *key = c->spec->linux->sysctl.key[i];
        const struct owner *owner;
        char path[KEY_MAX];
        int is_ours;

        if (!key_to_path(key, path) || (owner = owner_of(path)) == NULL)
            return fail(why, EINVAL, "set %s", key);
        is_ours = namespaces_is_ours(c, owner->type, why);
        if (is_ours < 0)
            return -1;
        if (is_ours == 0)
            continue;
        (void)fail(why, 0, "the container's %s namespace is the host's: it would change the host",
                   oci_namespace_type_names[owner->type]);
        (void)fail_code(why, ERROR_SPEC);
        return fail_at(why, "linux.sysctl[\"%s\"]", key);
    }
    return 0;
}

/* hostname_set comes to the same, also where the root of a user namespace may not write here. */
static bool is_set_by_name(const struct oci_config *spec, const char *path, const char *value)
{
    return (strcmp(path, "kernel/hostname") == 0 && is_equal(value, spec->hostname)) ||
           (strcmp(path, "kernel/domainname") == 0 && is_equal(value, spec->domainname));
}

int sysctl_write(struct container *c, struct error *why)
{
    for (size_t i = 0; i < c->spec->linux->sysctl.n; i++) {
        const char *key = c->spec->linux->sysctl.key[i];
        char path[KEY_MAX], file[KEY_MAX + 8];

        if (!key_to_path(key, path))
            return fail(why, EINVAL, "set %s", key);
        if (is_set_by_name(c->spec, path, c->spec->linux->sysctl.at[i]))
            continue;
        (void)snprintf(file, sizeof file, "sys/%s", path);
        if (proc_write(c->proc_fd, file, c->spec->linux->sysctl.at[i], why) < 0)
            return fail_at(why, "linux.sysctl[\"%s\"]", key);
    }
    return 0;
}
