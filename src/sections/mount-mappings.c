// SPDX-License-Identifier: Apache-2.0
/* "idmap=uids=…;gids=…". */
#include "sections/mount-mappings.h"
#include "base/text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A number and what must follow it. */
static bool take_number(const char **at, char end, uint32_t *ret)
{
    char *after;
    unsigned long long number;

    if (**at < '0' || **at > '9')
        return false;
    number = strtoull(*at, &after, 10);
    if (number > UINT32_MAX || (end ? *after != end : *after && !strchr("#;", *after)))
        return false;
    *ret = (uint32_t)number;
    *at = after + (end != 0);
    return true;
}

/* ID of the container as the host calls it; false where it is not mapped. */
static bool find_on_host(const struct oci_id_mapping_list *container, struct oci_id_mapping *range)
{
    FOREACH (m, *container) {
        uint32_t offset = range->host_id - m->container_id;

        if (range->host_id < m->container_id || offset >= m->size || range->size > m->size - offset)
            continue;
        range->host_id = m->host_id + offset;
        return true;
    }
    return false;
}

/* AT begins behind "uids=", and ends before ";" or the end. */
static const char *take_ranges(const char **at, const struct oci_id_mapping_list *container,
                               struct id_ranges *ret)
{
    bool is_relative = false;

    for (;; (*at)++) {
        struct oci_id_mapping *range = &ret->at[ret->n];

        if (ret->n == ID_RANGES_MAX)
            return "has more ranges than the kernel takes";
        is_relative |= **at == '@';
        *at += **at == '@';
        if (!take_number(at, '-', &range->container_id) || !take_number(at, '-', &range->host_id) ||
            !take_number(at, 0, &range->size) || range->size == 0)
            return "has a range that is not FIRST-ID-COUNT";
        if (is_relative && !find_on_host(container, range))
            return "has a range that the container's own mappings do not hold";
        ret->n++;
        if (**at != '#')
            return NULL;
    }
}

/* Those of the container; without a user namespace everybody is who he is. */
static void take_containers(const struct oci_id_mapping_list *container, struct id_ranges *ret)
{
    if (container->n == 0)
        ret->at[ret->n++] = (struct oci_id_mapping){ .size = UINT32_MAX };
    for (size_t i = 0; i < container->n && i < ID_RANGES_MAX; i++)
        ret->at[ret->n++] = container->at[i];
}

const char *mount_mappings_read(const struct oci_config *spec, const char *text,
                                struct mount_mappings *ret)
{
    static const struct oci_linux nothing = { 0 };
    const struct oci_linux *linux_ = spec->linux ? spec->linux : &nothing;
    const char *at = text, *problem;

    ret->uids.n = ret->gids.n = 0;
    do {
        bool is_uids = text_starts(at, "uids=");
        struct id_ranges *ranges = is_uids ? &ret->uids : &ret->gids;

        if (!is_uids && !text_starts(at, "gids="))
            return "names neither uids= nor gids=";
        if (ranges->n > 0)
            return "names the same twice";
        at += strlen("uids=");
        problem = take_ranges(&at, is_uids ? &linux_->uid_mappings : &linux_->gid_mappings, ranges);
        if (problem)
            return problem;
    } while (*at++ == ';' && *at);
    if (ret->uids.n == 0)
        take_containers(&linux_->uid_mappings, &ret->uids);
    if (ret->gids.n == 0)
        take_containers(&linux_->gid_mappings, &ret->gids);
    return NULL;
}
