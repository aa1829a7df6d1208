// SPDX-License-Identifier: Apache-2.0
/* Control groups as the rest of the program sees them: choosing one, and handing each request to
 * its driver. */
#include "cgroup/cgroup.h"
#include "arena.h"
#include "base/own.h"
#include "base/text.h"
#include "cgroup/driver.h"
#include "cgroup/limits/resources.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const struct cgroup_driver *const drivers[] = {
    [CGROUP_CGROUPFS] = &cgroupfs_driver,
    [CGROUP_SYSTEMD] = &systemd_driver,
    [CGROUP_DISABLED] = &none_driver,
};

enum cgroup_hierarchy cgroup_detect(void)
{
    struct mounted mounted;

    mounted_look(&mounted);
    return mounted.kind;
}

const char *cgroup_path_problem(const char *path)
{
    bool names_something = false;

    if (text_climbs(path))
        return "must not climb with \"..\"";
    if (strlen(path) > 3000)
        return "is longer than 3000 bytes";
    for (const char *part = path; *part;) {
        size_t length = strcspn(part, "/");

        if (length > 255)
            return "has a name longer than 255 bytes";
        if (memchr(part, '\n', length))
            return "has a name with a newline, which no cgroup can have";
        names_something |= length > 1 || (length == 1 && part[0] != '.');
        part += length;
        part += strspn(part, "/");
    }
    return names_something ? NULL : "names the root of the hierarchy, which is not a container's";
}

void cgroup_remember(struct cgroup *cgroup, struct arena *arena)
{
    cgroup->mounted = arena_alloc(arena, sizeof *cgroup->mounted);
}

int cgroup_choose(struct cgroup *ret, enum cgroup_manager manager, const struct oci_config *spec,
                  const char *id, struct arena *arena, struct error *why)
{
    const char *path = spec && spec->linux ? spec->linux->cgroups_path : NULL;
    const struct cgroup_driver *driver = drivers[manager];

    *ret = (struct cgroup){ .manager = manager, .path = "", .scope = "", .spec = spec, .id = id };
    cgroup_remember(ret, arena);
    if (path && path[0] == 0)
        path = NULL;
    if (path && cgroup_path_problem(path)) {
        (void)fail(why, 0, "\"%s\" %s", path, cgroup_path_problem(path));
        (void)fail_at(why, "linux.cgroupsPath");
        return fail_code(why, ERROR_SPEC);
    }
    if (driver->choose(ret, path, id, arena, why) < 0)
        return -1;
    if (ret->mounted && ret->mounted->number)
        return fail(why, ret->mounted->number, "look into " MOUNTED_AT);
    return 0;
}

void cgroup_check(const struct oci_config *spec, enum cgroup_hierarchy hierarchy,
                  struct problems *all)
{
    const char *path = spec->linux ? spec->linux->cgroups_path : NULL;

    if (path && path[0] && cgroup_path_problem(path))
        refuse(all, "linux.cgroupsPath", "\"%s\" %s", path, cgroup_path_problem(path));
    if (spec->linux && spec->linux->resources)
        resources_check(spec->linux->resources, hierarchy, all);
}

bool cgroup_has_limits(const struct oci_resources *resources)
{
    return limit_first_asked(resources) != NULL;
}

static const struct cgroup_driver *driver_of(const struct cgroup *cgroup)
{
    return drivers[cgroup->manager];
}

int cgroup_make(struct cgroup *cgroup, struct error *why)
{
    return driver_of(cgroup)->make(cgroup, why);
}

int cgroup_open_birthplace(const struct cgroup *cgroup)
{
    return driver_of(cgroup)->open_birthplace(cgroup);
}

int cgroup_open_entrance(const struct cgroup *cgroup, struct cgroup_entrance *ret,
                         struct error *why)
{
    ret->n = 0;
    return driver_of(cgroup)->open_entrance(cgroup, ret, why);
}

int cgroup_pass_entrance(const struct cgroup_entrance *entrance, struct error *why)
{
    for (size_t i = 0; i < entrance->n; i++) {
        ssize_t n;

        /* 0: whoever writes */
        do
            n = write(entrance->at[i].fd, "0", 1);
        while (n < 0 && errno == EINTR);
        if (n < 0) {
            (void)fail(why, errno, "enter the %s cgroup", entrance->at[i].controller);
            if (why->number == ENODEV)
                (void)fail_hint(why, "somebody has removed it since it was made: as long as it is "
                                     "empty, whoever tidies up can");
            return fail_code(why, ERROR_CGROUP);
        }
    }
    return 0;
}

void cgroup_close_entrance(struct cgroup_entrance *entrance)
{
    while (entrance->n > 0)
        close_fd(&entrance->at[--entrance->n].fd);
}

int cgroup_enter(const struct cgroup *cgroup, pid_t pid, const char *preferred, struct error *why)
{
    return driver_of(cgroup)->enter(cgroup, pid, preferred, why);
}

int cgroup_limit(const struct cgroup *cgroup, const struct oci_resources *resources, bool devices,
                 const struct log *log, struct error *why)
{
    return driver_of(cgroup)->limit(cgroup, resources, devices, log, why);
}

int cgroup_freeze(const struct cgroup *cgroup, bool frozen, struct error *why)
{
    return driver_of(cgroup)->freeze(cgroup, frozen, why);
}

int cgroup_is_frozen(const struct cgroup *cgroup)
{
    return driver_of(cgroup)->is_frozen(cgroup);
}

ssize_t cgroup_processes(const struct cgroup *cgroup, pid_t **ret, struct error *why)
{
    return driver_of(cgroup)->processes(cgroup, ret, why);
}

int cgroup_kill(const struct cgroup *cgroup, struct error *why)
{
    return driver_of(cgroup)->kill(cgroup, why);
}

int cgroup_remove(const struct cgroup *cgroup, struct error *why)
{
    return driver_of(cgroup)->remove(cgroup, why);
}
