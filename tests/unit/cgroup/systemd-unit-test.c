// SPDX-License-Identifier: Apache-2.0
/* From linux.cgroupsPath to the names of a unit, its slice and its cgroup (systemd.unit(5),
 * systemd.slice(5)). */
#include "../tap.h"
#include "cgroup/systemd/systemd.h"

static struct systemd_unit unit;

static void names(const char *path, const char *name, const char *slice, const char *cgroup,
                  const char *claim)
{
    const char *problem = systemd_unit_name(&unit, path, "web", false);
    bool fits = problem == NULL && strcmp(unit.name, name) == 0 && strcmp(unit.slice, slice) == 0 &&
                strcmp(unit.path, cgroup) == 0;

    if (!fits)
        printf("# got %s, %s, %s; %s\n", unit.name, unit.slice, unit.path, problem ? problem : "");
    ok(fits, claim);
}

static void refused(const char *path, const char *claim)
{
    ok(systemd_unit_name(&unit, path, "web", false) != NULL, claim);
}

static void long_names(void)
{
    char path[600];

    memset(path, 'x', sizeof path);
    memcpy(path, "::", 2);
    path[2 + 249] = 0;
    ok(systemd_unit_name(&unit, path, "web", false) == NULL && strlen(unit.name) == 255,
       "a_name_of_255_bytes_fits");
    path[2 + 249] = 'x';
    path[2 + 250] = 0;
    refused(path, "one_of_256_does_not");
    memcpy(path, "::++", 4);
    refused(path, "nor_one_that_is_so_long_once_escaped");
}

int main(void)
{
    names(NULL, "zind-oci-web.scope", "system.slice", "/system.slice/zind-oci-web.scope",
          "without_a_path_it_is_named_after_the_container");
    names("", "zind-oci-web.scope", "system.slice", "/system.slice/zind-oci-web.scope",
          "an_empty_path_is_none");
    names("a.slice:libpod:1", "libpod-1.scope", "a.slice", "/a.slice/libpod-1.scope",
          "slice_prefix_and_name");
    names("a-b-c.slice:p:n", "p-n.scope", "a-b-c.slice", "/a.slice/a-b.slice/a-b-c.slice/p-n.scope",
          "slices_nest_by_their_dashes");
    names(":p:n", "p-n.scope", "system.slice", "/system.slice/p-n.scope",
          "an_empty_slice_is_the_default");
    names("-:p:n", "p-n.scope", "-.slice", "/p-n.scope", "a_dash_is_the_root_slice");
    names("-.slice:p:n", "p-n.scope", "-.slice", "/p-n.scope", "by_its_full_name_too");
    names("a.slice::n", "n.scope", "a.slice", "/a.slice/n.scope", "no_prefix_no_dash");
    names("a.slice:p:b-c.slice", "b-c.slice", "", "/b.slice/b-c.slice", "a_slice_is_used_as_it_is");
    names("::a+b c", "a\\x2bb\\x20c.scope", "system.slice", "/system.slice/a\\x2bb\\x20c.scope",
          "what_no_unit_may_have_is_escaped");
    names("::a/b", "a\\x2fb.scope", "system.slice", "/system.slice/a\\x2fb.scope",
          "a_slash_makes_no_folder");

    ok(systemd_unit_name(&unit, NULL, "web", true) == NULL && strcmp(unit.slice, "user.slice") == 0,
       "a_users_default_is_user_slice");

    refused("/a/b", "a_path_is_refused");
    refused("a.slice:n", "two_parts_are_refused");
    refused("a.slice:p:n:x", "four_parts_are_refused");
    refused("a.slice:p:", "no_name_is_refused");
    refused("a:p:n", "a_slice_must_be_called_so");
    refused(".slice:p:n", "a_slice_must_have_a_name");
    refused("-a.slice:p:n", "a_slice_with_no_first_part_is_refused");
    refused("a-.slice:p:n", "with_no_last_part");
    refused("a--b.slice:p:n", "with_no_part_between");
    refused("a/b.slice:p:n", "a_slice_with_a_slash_is_refused");
    refused("::a--b.slice", "a_slice_as_the_name_follows_the_same_rules");
    long_names();
    return done_testing();
}
