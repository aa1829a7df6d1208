// SPDX-License-Identifier: Apache-2.0
/* linux.personality: which machine uname(2) speaks of. */
#include "sections/container.h"

#include <sys/personality.h>

static const unsigned long domains[] = {
    [OCI_PERSONALITY_DOMAIN_LINUX] = PER_LINUX,
    [OCI_PERSONALITY_DOMAIN_LINUX32] = PER_LINUX32,
};

/* The spec reserves flags and defines none. */
void personality_check(const struct oci_config *spec, struct problems *all)
{
    if (spec->linux == NULL || spec->linux->personality == NULL)
        return;
    for (size_t i = 0; i < spec->linux->personality->flags.n; i++)
        refuse(all, at("linux.personality.flags[%zu]", i), "unknown flag %s",
               spec->linux->personality->flags.at[i]);
}

bool personality_is_set(const struct container *c)
{
    return c->spec->linux && c->spec->linux->personality;
}

int personality_set(struct container *c, struct error *why)
{
    enum oci_personality_domain domain = c->spec->linux->personality->domain;

    if (personality(domains[domain]) >= 0)
        return 0;
    (void)fail(why, errno, "set the personality to %s", oci_personality_domain_names[domain]);
    return fail_at(why, "linux.personality");
}

void personality_explain(const struct container *c, struct explain *to)
{
    explain(to, "%s", oci_personality_domain_names[c->spec->linux->personality->domain]);
}
