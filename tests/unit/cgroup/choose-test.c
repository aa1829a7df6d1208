// SPDX-License-Identifier: Apache-2.0
/* linux.cgroupsPath (config-linux.md, "Cgroups Path"), and as root a cgroup's whole life on this
 * host. */
#include "../tap.h"
#include "arena.h"
#include "cgroup/cgroup.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *choose(struct arena *arena, const char *path, enum cgroup_manager manager)
{
    struct oci_linux with_path = { .cgroups_path = path };
    struct oci_config spec = { .linux = &with_path };
    struct cgroup chosen;
    struct error why;

    return cgroup_choose(&chosen, manager, &spec, "web", arena, &why) < 0 ? NULL : chosen.path;
}

static void paths(struct arena *arena)
{
    is_str(choose(arena, NULL, CGROUP_CGROUPFS), "/zind-oci-web", "without_a_path_it_is_flat");
    is_str(choose(arena, "/a//./b/", CGROUP_CGROUPFS), "/a/b", "an_absolute_path_is_normalized");
    is_str(choose(arena, "a/b", CGROUP_CGROUPFS), "/a/b", "a_relative_path_is_below_the_mount");
    is_str(choose(arena, "s.slice:p:n", CGROUP_CGROUPFS), "/s.slice:p:n",
           "the_systemd_form_is_a_name_to_cgroupfs");
    is_str(choose(arena, "/a/../b", CGROUP_CGROUPFS), NULL, "a_climbing_path_is_refused");
    is_str(choose(arena, "/", CGROUP_CGROUPFS), NULL, "the_root_is_refused");
    is_str(choose(arena, "/.", CGROUP_CGROUPFS), NULL, "the_root_in_disguise_is_refused");
    is_str(choose(arena, "/a", CGROUP_SYSTEMD), NULL, "to_systemd_a_path_is_no_name");
    is_str(choose(arena, "/a", CGROUP_DISABLED), "", "disabled_has_no_path");
}

static void life(struct arena *arena)
{
    char name[64];
    struct oci_pids pids = { .limit = 0, .has_limit = true };
    struct oci_resources resources = { .pids = &pids };
    struct oci_linux with_path = { .cgroups_path = name };
    struct oci_config spec = { .linux = &with_path };
    struct cgroup cgroup, second;
    struct error why;
    pid_t *list = NULL;
    uint64_t before;

    (void)snprintf(name, sizeof name, "/zind-unit-%d/inner", (int)getpid());
    ok(cgroup_choose(&cgroup, CGROUP_CGROUPFS, &spec, "web", arena, &why) == 0 && cgroup.is_ours,
       "one_that_is_not_there_will_be_ours");
    before = cgroup.there_before;
    if (!ok(cgroup_make(&cgroup, &why) == 0, "it_is_made"))
        return;

    pid_t pid = fork();

    if (pid == 0) {
        (void)pause();
        _exit(0);
    }
    ok(cgroup_enter(&cgroup, pid, "", &why) == 0, "a_process_enters");
    ok(cgroup_limit(&cgroup, &resources, true, NULL, &why) == 0, "a_limit_of_0_processes_is_set");
    is_int(cgroup_processes(&cgroup, &list, &why), 1, "it_has_one_process");
    ok(list && list[0] == pid, "which_is_the_one_that_entered");
    free(list);
    ok(cgroup_choose(&second, CGROUP_CGROUPFS, &spec, "web", arena, &why) == 0 && !second.is_ours,
       "one_that_is_there_will_not_be_ours");
    ok(cgroup_make(&second, &why) < 0 && why.number == EBUSY, "one_with_processes_is_refused");
    ok(cgroup_freeze(&cgroup, true, &why) == 0 && cgroup_is_frozen(&cgroup), "it_freezes");
    ok(cgroup_kill(&cgroup, &why) == 0, "frozen_processes_are_killed");
    is_int(waitpid(pid, NULL, 0), pid, "and_die");
    ok(cgroup_remove(&second, &why) == 0 && cgroup_is_frozen(&cgroup) == false,
       "what_is_not_ours_stays");
    ok(cgroup_remove(&cgroup, &why) == 0, "it_is_removed");
    ok(cgroup_remove(&cgroup, &why) == 0, "twice");
    ok(cgroup_choose(&second, CGROUP_CGROUPFS, &spec, "web", arena, &why) == 0 && second.is_ours &&
           second.there_before == before,
       "nothing_is_left");
}

int main(void)
{
    struct arena arena = { 0 };

    paths(&arena);
    if (geteuid() == 0 && cgroup_detect() != CGROUP_NONE)
        life(&arena);
    arena_free(&arena);
    return done_testing();
}
