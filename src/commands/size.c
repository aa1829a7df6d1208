// SPDX-License-Identifier: Apache-2.0
/* Numbers of bytes as people write them. */
#include "commands/size.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* How many times 1024; -1: no such unit. */
static int power_of(const char *unit)
{
    static const char units[] = "bkmgtp";
    const char *found;

    if (unit[0] == 0)
        return 0;
    found = strchr(units, unit[0] | ' ');
    if (found == NULL)
        return -1;
    unit++;
    if (unit[0] == 0 ||
        (found > units && (strcasecmp(unit, "b") == 0 || strcasecmp(unit, "ib") == 0)))
        return (int)(found - units);
    return -1;
}

bool size_parse(const char *text, int64_t *ret)
{
    size_t digits = strspn(text, "0123456789");
    char number[24];
    uint64_t n;
    int power;

    if (strcmp(text, "-1") == 0) {
        *ret = -1;
        return true;
    }
    power = power_of(text + digits);
    if (digits == 0 || digits >= sizeof number || power < 0)
        return false;
    (void)snprintf(number, sizeof number, "%.*s", (int)digits, text);
    if (!text_to_number(number, (uint64_t)INT64_MAX >> 10 * power, &n))
        return false;
    *ret = (int64_t)(n << 10 * power);
    return true;
}
