// SPDX-License-Identifier: Apache-2.0
/* linux.readonlyPaths: paths of the container that cannot be written to. */
#include "kernel/mount.h"
#include "kernel/path.h"
#include "sections/container.h"

#include <fcntl.h>

void readonly_paths_check(const struct oci_config *spec, struct problems *all)
{
    if (spec->linux == NULL)
        return;
    for (size_t i = 0; i < spec->linux->readonly_paths.n; i++)
        if (*spec->linux->readonly_paths.at[i] != '/')
            refuse(all, at("linux.readonlyPaths[%zu]", i), "is not an absolute path");
}

bool readonly_paths_are_given(const struct container *c)
{
    return c->spec->linux && c->spec->linux->readonly_paths.n > 0;
}

void readonly_paths_explain(const struct container *c, struct explain *to)
{
    FOREACH (path, c->spec->linux->readonly_paths)
        explain(to, "read-only %s", *path);
}

/* What is not there needs no seal. The flag is added to the copy's own, which stay: some of them
 * may be locked. */
static int seal(struct container *c, const char *path, struct error *why)
{
    autoclose int target = path_open(c->root_fd, path, O_PATH, 0);

    if (target < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (target < 0)
        return fail(why, errno, "open %s in the rootfs", path);

    autoclose int tree = mount_clone(target, "", true);

    if (tree < 0 || mount_change(tree, MOUNT_ATTR_RDONLY, 0, true) < 0 ||
        mount_attach(tree, target) < 0)
        return fail(why, errno, "make %s read-only", path);
    return 0;
}

int readonly_paths_seal(struct container *c, struct error *why)
{
    for (size_t i = 0; i < c->spec->linux->readonly_paths.n; i++)
        if (seal(c, c->spec->linux->readonly_paths.at[i], why) < 0)
            return fail_at(why, "linux.readonlyPaths[%zu]", i);
    return 0;
}
