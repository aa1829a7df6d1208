// SPDX-License-Identifier: Apache-2.0
/* process.user: who the program is. */
#include "kernel/proc.h"
#include "sections/container.h"

#include <grp.h>
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* The last number is the kernel's "no change", not an id. */
static const uint32_t no_id = UINT32_MAX;

enum { UMASK_MAX = 0777 };

void user_check(const struct oci_config *spec, struct problems *all)
{
    const struct oci_user *user = spec->process ? spec->process->user : NULL;

    if (user == NULL)
        return;
    if (user->uid == no_id)
        refuse(all, "process.user.uid", "%u is not an id", user->uid);
    if (user->gid == no_id)
        refuse(all, "process.user.gid", "%u is not an id", user->gid);
    if (user->has_umask && user->umask > UMASK_MAX)
        refuse(all, "process.user.umask", "%u is above 511 (octal 777)", user->umask);
    for (size_t i = 0; i < user->additional_gids.n; i++)
        if (user->additional_gids.at[i] == no_id)
            refuse(all, at("process.user.additionalGids[%zu]", i), "%u is not an id",
                   user->additional_gids.at[i]);
    if (user->additional_gids.n > NGROUPS_MAX)
        refuse(all, "process.user.additionalGids", "more than %d groups", NGROUPS_MAX);
}

bool process_is_given(const struct container *c)
{
    return c->process != NULL;
}

static bool keeps_groups(const struct container *c)
{
    const char *value = annotation_of(c->spec, "run.oci.keep_original_groups");

    return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

/* An unprivileged user namespace may not drop groups either: its groups could be there to deny
 * something. */
static bool groups_are_frozen(struct container *c)
{
    struct error unused;
    char text[8];

    return proc_open_late(&c->proc_fd, &unused) == 0 &&
           proc_read(c->proc_fd, "self/setgroups", text, sizeof text) > 0 &&
           strncmp(text, "deny", 4) == 0;
}

static int set_groups(struct container *c, const struct oci_user *user, struct error *why)
{
    if (keeps_groups(c) || setgroups(user->additional_gids.n, user->additional_gids.at) == 0)
        return 0;
    (void)fail(why, errno, "set %zu additional groups", user->additional_gids.n);
    if (why->number == EPERM && groups_are_frozen(c)) {
        if (user->additional_gids.n)
            container_warn(c,
                           "process.user.additionalGids: this user namespace may not set groups");
        return 0;
    }
    if (why->number == EINVAL)
        (void)fail_hint(why, "every group must be in linux.gidMappings");
    return fail_at(why, "process.user.additionalGids");
}

/* A pipe or socket that the caller made for the program: /dev/stdout opens it anew, which only its
 * owner may. */
static void own_standard_fds(const struct oci_user *user)
{
    for (int fd = 0; fd <= 2; fd++) {
        struct stat st;

        if (fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)) &&
            st.st_uid != user->uid)
            /* Best effort: the owner may have no number in this user namespace. */
            (void)(fchown(fd, user->uid, (gid_t)-1) == 0);
    }
}

static int set_ids(const struct oci_user *user, struct error *why)
{
    if (setresgid(user->gid, user->gid, user->gid) < 0) {
        (void)fail(why, errno, "become group %u", user->gid);
        if (why->number == EINVAL)
            (void)fail_hint(why, "the group must be in linux.gidMappings");
        return fail_at(why, "process.user.gid");
    }
    if (setresuid(user->uid, user->uid, user->uid) < 0) {
        (void)fail(why, errno, "become user %u", user->uid);
        if (why->number == EINVAL)
            (void)fail_hint(why, "the user must be in linux.uidMappings");
        else if (why->number == EAGAIN)
            (void)fail_hint(why, "the user has as many processes as RLIMIT_NPROC allows");
        return fail_at(why, "process.user.uid");
    }
    return 0;
}

static int verify(const struct oci_user *user, struct error *why)
{
    uid_t uid[3];
    gid_t gid[3];

    if (getresuid(&uid[0], &uid[1], &uid[2]) < 0 || getresgid(&gid[0], &gid[1], &gid[2]) < 0)
        return fail(why, errno, "read the ids");
    for (int i = 0; i < 3; i++)
        if (uid[i] != user->uid || gid[i] != user->gid)
            return fail(why, 0, "the ids are %u:%u, not %u:%u", uid[i], gid[i], user->uid,
                        user->gid);
    return 0;
}

int user_become(struct container *c, struct error *why)
{
    const struct oci_user *user = user_of(c->process);
    int death_signal = 0;

    if (prctl(PR_GET_PDEATHSIG, &death_signal, 0, 0, 0) < 0)
        return fail(why, errno, "read the parent-death signal");
    own_standard_fds(user);
    if (set_groups(c, user, why) < 0 || set_ids(user, why) < 0 || verify(user, why) < 0)
        return -1;
    /* The spec: without one, the caller's umask stays. */
    (void)umask(user->has_umask ? user->umask : c->umask);
    /* Changing ids clears it, and INIT must not outlive a creator that is killed before "created"
     * is saved. */
    if (death_signal && prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) < 0)
        return fail(why, errno, "set the parent-death signal");
    return 0;
}

void user_explain(const struct container *c, struct explain *to)
{
    const struct oci_user *user = user_of(c->process);

    explain(to, "uid %u gid %u, %zu additional groups", user->uid, user->gid,
            user->additional_gids.n);
    if (user->has_umask)
        explain(to, "umask 0%o", user->umask);
}
