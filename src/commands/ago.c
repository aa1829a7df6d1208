// SPDX-License-Identifier: Apache-2.0
/* Times as people say them. */
#include "commands/ago.h"

#include <stdio.h>

static const struct {
    const char *name;
    long seconds;
} units[] = {
    { "year", 365L * 86400 }, { "week", 7L * 86400 }, { "day", 86400 },
    { "hour", 3600 },         { "minute", 60 },       { "second", 1 },
};

bool ago_format(const char *text, time_t now, char *out, size_t room)
{
    struct tm tm = { 0 };
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    size_t unit = 0;
    long passed, n;

    if (!end || (*end != '.' && *end != 'Z'))
        return false;
    passed = (long)(now - timegm(&tm));
    if (passed < 0)
        return false;
    if (passed == 0) {
        (void)snprintf(out, room, "just now");
        return true;
    }
    while (passed < units[unit].seconds)
        unit++;
    n = passed / units[unit].seconds;
    (void)snprintf(out, room, "%ld %s%s ago", n, units[unit].name, n == 1 ? "" : "s");
    return true;
}
