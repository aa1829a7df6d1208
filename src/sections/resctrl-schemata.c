// SPDX-License-Identifier: Apache-2.0
/* The text of resctrl's schemata, "L3:0=7f0;1=1f" a line: putting it together, and comparing it
 * with what the kernel shows. */
#include "sections/resctrl-schemata.h"
#include "base/text.h"

#include <string.h>
#include <strings.h>

/* Part of a text. */
struct piece {
    const char *at;
    size_t length;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct piece trim(struct piece piece)
{
    while (piece.length && is_blank(*piece.at)) {
        piece.at++;
        piece.length--;
    }
    while (piece.length && is_blank(piece.at[piece.length - 1]))
        piece.length--;
    return piece;
}

/* Cut off what stands before the first END, or all; false when nothing is left. */
static bool cut(struct piece *from, char end, struct piece *ret)
{
    const char *stop = memchr(from->at, end, from->length);
    size_t length = stop ? (size_t)(stop - from->at) : from->length;
    size_t used = stop ? length + 1 : length;

    if (from->length == 0)
        return false;
    *ret = trim((struct piece){ from->at, length });
    from->at += used;
    from->length -= used;
    return true;
}

static bool is_same(struct piece a, struct piece b)
{
    return a.length == b.length && strncasecmp(a.at, b.at, a.length) == 0;
}

static struct piece without_zeros(struct piece number)
{
    while (number.length > 1 && *number.at == '0') {
        number.at++;
        number.length--;
    }
    return number;
}

/* What is given to KEY: after "KEY<MIDDLE>" in one of the pieces of FROM that END divides. */
static bool find(struct piece from, char end, char middle, struct piece key, struct piece *ret)
{
    struct piece row, name;

    while (cut(&from, end, &row))
        if (cut(&row, middle, &name) && is_same(without_zeros(name), without_zeros(key))) {
            *ret = row;
            return true;
        }
    return false;
}

static bool line_matches(struct piece line, struct piece has)
{
    struct piece resource, domains, one;

    if (!cut(&line, ':', &resource) || !find(has, '\n', ':', resource, &domains))
        return false;
    while (cut(&line, ';', &one)) {
        struct piece domain, value;

        if (one.length == 0)
            continue;
        if (!cut(&one, '=', &domain) || !find(domains, ';', '=', domain, &value) ||
            !is_same(without_zeros(trim(one)), without_zeros(trim(value))))
            return false;
    }
    return true;
}

bool resctrl_schemata_match(const char *wanted, const char *has)
{
    struct piece rest = { wanted, strlen(wanted) }, line;

    while (cut(&rest, '\n', &line))
        if (line.length && !line_matches(line, (struct piece){ has, strlen(has) }))
            return false;
    return true;
}

char *resctrl_schemata_combine(struct arena *arena, const struct oci_intel_rdt *rdt)
{
    bool has_bandwidth = rdt->mem_bw_schema && *rdt->mem_bw_schema;
    const char *cache = rdt->l3_cache_schema ? rdt->l3_cache_schema : "";
    struct piece rest = { cache, strlen(cache) }, line;
    char *text = arena_strdup(arena, "");

    while (text && cut(&rest, '\n', &line))
        if (line.length && !(has_bandwidth && text_starts(line.at, "MB:")))
            text = arena_sprintf(arena, "%s%.*s\n", text, (int)line.length, line.at);
    if (text && has_bandwidth)
        text = arena_sprintf(arena, "%s%s\n", text, rdt->mem_bw_schema);
    return text;
}
