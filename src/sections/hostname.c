// SPDX-License-Identifier: Apache-2.0
/* hostname and domainname: what the container calls itself. */
#include "sections/container.h"
#include "sections/namespaces-wanted.h"

#include <string.h>
#include <sys/utsname.h>

enum { NAME_MAX_LENGTH = sizeof((struct utsname *)0)->nodename - 1 };

static void check_name(const struct oci_config *spec, const char *pointer, const char *name,
                       struct problems *all)
{
    if (name == NULL || *name == 0)
        return;
    if (strlen(name) > NAME_MAX_LENGTH)
        refuse(all, pointer, "is longer than %d characters", NAME_MAX_LENGTH);
    /* In the host's it would rename the host. */
    if (namespace_wanted(spec, OCI_NAMESPACE_TYPE_UTS) == NULL)
        refuse(all, pointer, "needs a uts namespace in linux.namespaces");
}

void hostname_check(const struct oci_config *spec, struct problems *all)
{
    check_name(spec, "hostname", spec->hostname, all);
    check_name(spec, "domainname", spec->domainname, all);
}

static bool is_given(const char *name)
{
    return name && *name;
}

bool hostname_is_set(const struct container *c)
{
    return is_given(c->spec->hostname) || is_given(c->spec->domainname);
}

void hostname_explain(const struct container *c, struct explain *to)
{
    if (is_given(c->spec->hostname))
        explain(to, "hostname %s", c->spec->hostname);
    if (is_given(c->spec->domainname))
        explain(to, "domainname %s", c->spec->domainname);
}

int hostname_set(struct container *c, struct error *why)
{
    const char *host = c->spec->hostname, *domain = c->spec->domainname;

    if (is_given(host) && sethostname(host, strlen(host)) < 0)
        return fail(why, errno, "set the hostname to %s", host), fail_at(why, "hostname");
    if (is_given(domain) && setdomainname(domain, strlen(domain)) < 0)
        return fail(why, errno, "set the domainname to %s", domain), fail_at(why, "domainname");
    return 0;
}
