// SPDX-License-Identifier: Apache-2.0
/* User namespaces that nobody lives in: they only tell an idmapped mount how ids are shown. */
#include "base/own.h"
#include "kernel/clone.h"
#include "kernel/proc.h"
#include "sections/mounts.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int write_map(int proc_fd, pid_t pid, const char *file,
                     const struct oci_id_mapping_list *maps, struct error *why)
{
    char path[48], text[4096];
    size_t used = 0;

    FOREACH (map, *maps) {
        int n = snprintf(text + used, sizeof text - used, "%u %u %u\n", map->container_id,
                         map->host_id, map->size);

        used += (size_t)n;
        if (used >= sizeof text)
            return fail(why, E2BIG, "write all id mappings of the mount");
    }
    (void)snprintf(path, sizeof path, "%d/%s", (int)pid, file);
    return proc_write(proc_fd, path, text, why);
}

static int open_userns(int proc_fd, pid_t pid, const struct oci_id_mapping_list *uids,
                       const struct oci_id_mapping_list *gids, struct error *why)
{
    char path[48];
    int fd;

    if (write_map(proc_fd, pid, "uid_map", uids, why) < 0 ||
        write_map(proc_fd, pid, "gid_map", gids, why) < 0)
        return -1;
    (void)snprintf(path, sizeof path, "%d/ns/user", (int)pid);
    /* The one magic link followed on purpose: it leads out of procfs by nature. */
    fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 ? fd : fail(why, errno, "open a user namespace");
}

int mounts_make_userns(int proc_fd, const struct oci_id_mapping_list *uids,
                       const struct oci_id_mapping_list *gids, struct error *why)
{
    const struct clone_request request = { .flags = CLONE_NEWUSER, .cgroup_fd = -1 };
    pid_t pid = clone_process(&request);
    int fd;

    if (pid < 0)
        return fail(why, errno, "make a user namespace for an idmapped mount");
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        /* Our creator may be gone already: then nobody kills us. */
        for (int i = 0; i < 10 && getppid() != 1; i++)
            (void)sleep(1);
        _exit(0);
    }
    fd = open_userns(proc_fd, pid, uids, gids, why);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return fd;
}
