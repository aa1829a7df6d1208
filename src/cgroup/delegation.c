// SPDX-License-Identifier: Apache-2.0
/* Cgroup v2 in the hands of one who is not root: a container's cgroup becomes its user's, and a
 * user's own containers go where that user may make cgroups. */
#include "cgroup/delegation.h"
#include "base/own.h"
#include "base/text.h"
#include "cgroup/folder.h"
#include "cgroup/limits/resources.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* --- to the container --- */

/* Names separated by newlines; those that a cgroup lacks are none of its own. */
static int give_files(int folder, char *names, uid_t owner)
{
    char *state = NULL;

    for (char *name = strtok_r(names, "\n", &state); name; name = strtok_r(NULL, "\n", &state)) {
        if (strchr(name, '/'))
            continue;
        if (fchownat(folder, name, owner, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
            return -1;
    }
    return 0;
}

int cgroup_delegate(const struct cgroup *cgroup, uid_t owner, struct error *why)
{
    char names[4096] = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads";
    struct mounted room;
    const struct hierarchy *unified = mounted_find(mounted_of(cgroup, &room), CONTROLLER_UNIFIED);
    autoclose int folder = unified ? cgroupfs_open(cgroup, unified) : -1;

    /* Since Linux 4.15; the fallback is the spec's. */
    (void)folder_read(AT_FDCWD, CGROUP_DELEGATE_LIST, names, sizeof names);
    if (folder >= 0 && give_files(folder, names, owner) == 0 &&
        fchown(folder, owner, (gid_t)-1) == 0)
        return 0;
    (void)fail(why, errno, "give cgroup %s to user %u", cgroup->path, owner);
    return fail_code(why, ERROR_CGROUP);
}

/* --- to the caller --- */

char *cgroup_v2_path(char *text)
{
    /* The last line where v1 hierarchies are there too */
    char *line = strncmp(text, "0::/", 4) == 0 ? text : strstr(text, "\n0::/");
    char *path = line ? strchr(line, '/') : NULL;

    if (path == NULL)
        return NULL;
    path[strcspn(path, "\n")] = 0;
    /* "/../x" is outside of our cgroup namespace, and of what is mounted. */
    return text_climbs(path) ? NULL : path;
}

static bool read_own(char *out, size_t room)
{
    char text[2 * MOUNTED_PATH_MAX];
    const char *path;

    if (folder_read(AT_FDCWD, "/proc/self/cgroup", text, sizeof text) <= 0)
        return false;
    path = cgroup_v2_path(text);
    if (path == NULL || strlen(path) >= room)
        return false;
    memcpy(out, path, strlen(path) + 1);
    return true;
}

/* Whether the caller may make a cgroup below PATH and move a process of its own cgroup, which is
   there or below, into it: the kernel asks for cgroup.procs of what both have in common. */
static bool may_use(const char *path)
{
    char whole[MOUNTED_PATH_MAX];
    int n = snprintf(whole, sizeof whole, MOUNTED_AT "%s/cgroup.procs", path);

    if (n < 0 || (size_t)n >= sizeof whole || faccessat(AT_FDCWD, whole, W_OK, AT_EACCESS) < 0)
        return false;
    *strrchr(whole, '/') = 0;
    return faccessat(AT_FDCWD, whole, W_OK, AT_EACCESS) == 0;
}

bool delegation_find(char *ret, size_t room)
{
    char own[MOUNTED_PATH_MAX];
    size_t length;

    if (faccessat(AT_FDCWD, MOUNTED_AT, W_OK, AT_EACCESS) == 0 || !read_own(own, sizeof own))
        return false;
    length = strlen(own);
    /* Beside its own first: below that no controller can be had while the caller is in it. */
    (void)snprintf(ret, room, "%.*s", (int)(strrchr(own, '/') - own), own);
    if (ret[0] && may_use(ret))
        return true;
    (void)snprintf(ret, room, "%s", own);
    return length > 1 && length < room && may_use(own);
}

/* --- what is not delegated --- */

static bool has(int folder, const char *controller)
{
    char list[512];

    return folder_read(folder, "cgroup.controllers", list, sizeof list) > 0 &&
           mounted_controllers(list, ' ') & mounted_controllers(controller, ' ');
}

int delegation_fail(const char *path, const char *controller, struct error *why)
{
    char folder[MOUNTED_PATH_MAX + sizeof MOUNTED_AT];
    char *cgroup = folder + strlen(MOUNTED_AT), *slash;
    autoclose int keeper = -1;

    (void)snprintf(folder, sizeof folder, MOUNTED_AT "%s", path);
    /* The lowest one above that has it does not hand it on. */
    do {
        slash = strrchr(cgroup, '/');
        if (slash == NULL)
            return 0;
        *slash = 0;
        close_fd(&keeper);
        keeper = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } while (keeper < 0 || !has(keeper, controller));

    (void)fail(why, 0, "the %s controller is not delegated: %.300s/cgroup.subtree_control lacks it",
               controller, folder);
    if (v2_has_processes(keeper))
        return fail_hint(why,
                         "a cgroup with processes of its own hands nothing on: move them to one "
                         "below it first");
    return fail_hint(why,
                     "with systemd: `systemctl edit user@.service`, [Service] Delegate=yes; "
                     "else, as root, write +%s to that file",
                     controller);
}

int cgroup_fail_denied(const struct cgroup *cgroup, const struct oci_resources *resources,
                       struct error *why)
{
    const struct limit *row = limit_first_asked(resources);
    bool is_v2 = cgroup->hierarchy == CGROUP_V2;
    int number = why->number;
    char own[MOUNTED_PATH_MAX], name[32];

    if (row == NULL)
        return -1;
    (void)snprintf(name, sizeof name, "%s", mounted_controller_name(row->controller, is_v2));
    if (row->controller == CONTROLLER_UNIFIED)
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(resources->unified.key[0], "."),
                       resources->unified.key[0]);
    if (!is_v2 || !read_own(own, sizeof own))
        own[0] = 0;
    if (number == EROFS)
        (void)fail_hint(why, "mount /sys/fs/cgroup writable, or leave linux.resources out");
    if (number != EPERM && number != EACCES)
        return fail_at(why, "linux.resources.%s", row->field);
    (void)fail(why, number,
               "the %s controller is not delegated to user %u%s%.200s: make cgroup %.200s", name,
               geteuid(), own[0] ? " in " : "", own, cgroup->path);
    if (is_v2)
        (void)fail_hint(why, "run it with `systemd-run --user --scope` (`systemctl edit "
                             "user@.service`, Delegate=yes), or chown a cgroup to the user");
    else
        (void)fail_hint(why, "cgroup v1 is not delegated to users: leave linux.resources out");
    (void)fail_at(why, "linux.resources.%s", row->field);
    return fail_code(why, ERROR_CGROUP);
}
