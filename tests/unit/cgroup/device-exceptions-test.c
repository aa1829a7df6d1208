// SPDX-License-Identifier: Apache-2.0
/* Device rules of cgroup v1, changed one by one (Linux,
 * Documentation/admin-guide/cgroup-v1/devices.rst). */
#include "../tap.h"
#include "cgroup/limits/device-exceptions.h"

#include <errno.h>
#include <stdlib.h>

static char said[512];

static void note(void *context, const char *file, const char *value)
{
    size_t used = strlen(said);

    (void)context;
    (void)snprintf(said + used, sizeof said - used, "%s%s<%s", used ? "; " : "",
                   strrchr(file, '.') + 1, value);
}

/* What is written to get from LIST to WANTED, both as devices.list has them or, of denied devices,
   after "not\n". */
static const char *changed(const char *list, const char *wanted)
{
    static const struct cgroup cgroup = { .path = "/x" };
    static const struct hierarchy hierarchy = { .name = "devices" };
    struct device_exceptions held = { 0 }, all = { 0 };
    bool allow = strncmp(list, "not\n", 4) == 0;
    struct writing w = {
        .cgroup = &cgroup, .hierarchy = &hierarchy, .print = note, .index = -1, .file_fd = -1
    };

    said[0] = 0;
    if (device_exceptions_parse(&held, list + 4 * allow) < 0 ||
        device_exceptions_parse(&all, wanted) < 0)
        return "damaged";
    held.allow = all.allow = allow;
    (void)device_exceptions_change(&w, &held, &all);
    free(held.at);
    free(all.at);
    return said;
}

int main(void)
{
    struct device_exceptions list = { 0 };

    is_str(changed("c 1:3 rwm\nb *:* m\n", "c 1:3 rwm\nb *:* m\n"), "", "no_change_writes_nothing");
    is_str(changed("c 1:3 r\nb 8:* rw\n", "c 1:3 rw\nc 5:0 r\n"),
           "allow<c 1:3 w; allow<c 5:0 r; deny<b 8:* rw", "what_is_new_comes_before_what_goes");
    is_str(changed("c *:* rwm\n", "c 1:3 rwm\n"), "allow<c 1:3 rwm; deny<c *:* rwm",
           "a_wide_rule_goes_when_the_narrow_one_is_there");
    is_str(changed("not\nb 8:0 rw\n", "b 8:0 w\nc 1:1 r\n"),
           "deny<b 8:0 w; deny<c 1:1 r; allow<b 8:0 r",
           "of_denied_devices_all_are_said_before_one_is_lifted");
    is_str(changed("", "c 1:3 r\n"), "allow<c 1:3 r", "from_nothing");
    ok(device_exceptions_parse(&list, "a *:* rwm\n") == 0 && list.allow && list.n == 0,
       "all_devices_are_a_default");
    ok(device_exceptions_parse(&list, "c 1:3\n") < 0 && errno == EBADMSG &&
           device_exceptions_parse(&list, "x 1:3 r\n") < 0 &&
           device_exceptions_parse(&list, "c 1-3 r\n") < 0,
       "what_is_no_list_is_refused");
    free(list.at);
    return done_testing();
}
