// SPDX-License-Identifier: Apache-2.0
/* linux.intelRdt: shares of the processor's cache and memory bandwidth, and their monitoring. */
#include "sections/intel-rdt.h"
#include "base/text.h"
#include "kernel/resctrl.h"
#include "sections/resctrl-schemata.h"

#include <string.h>

static const struct oci_intel_rdt *rdt_of(const struct oci_config *spec)
{
    return spec->linux ? spec->linux->intel_rdt : NULL;
}

static bool is_named(const struct oci_intel_rdt *rdt)
{
    return rdt->clos_id && *rdt->clos_id;
}

static bool is_given(const char *text)
{
    return text && *text;
}

/* --- check --- */

/* One folder below the root, not one of resctrl's own. */
static bool is_group_name(const char *name)
{
    static const char *const taken[] = { ".", "..", "info", "mon_groups", "mon_data" };

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            return false;
    return strpbrk(name, "/\n") == NULL && strlen(name) <= 255;
}

static void check_line(const char *line, const char *pointer, struct problems *all)
{
    if (*line == 0)
        refuse(all, pointer, "is empty");
    else if (strchr(line, '\n'))
        refuse(all, pointer, "holds a newline");
    else if (strchr(line, ':') == NULL)
        refuse(all, pointer, "\"%s\" names no resource: \"L3:0=ff\"", line);
}

void intel_rdt_check(const struct oci_config *spec, struct problems *all)
{
    const struct oci_intel_rdt *rdt = rdt_of(spec);

    if (rdt == NULL)
        return;
    if (is_named(rdt) && strcmp(rdt->clos_id, "/") != 0 && !is_group_name(rdt->clos_id))
        refuse(all, "linux.intelRdt.closID", "\"%s\" cannot be a group", rdt->clos_id);
    if (is_given(rdt->mem_bw_schema)) {
        check_line(rdt->mem_bw_schema, "linux.intelRdt.memBwSchema", all);
        if (!text_starts(rdt->mem_bw_schema, "MB:"))
            refuse(all, "linux.intelRdt.memBwSchema", "does not begin with MB:");
    }
    if (is_given(rdt->l3_cache_schema) && !text_starts(rdt->l3_cache_schema, "L3"))
        caution(all, "linux.intelRdt.l3CacheSchema", "does not begin with L3:");
    for (size_t i = 0; i < rdt->schemata.n; i++)
        check_line(rdt->schemata.at[i], at("linux.intelRdt.schemata[%zu]", i), all);
}

bool intel_rdt_is_given(const struct container *c)
{
    return rdt_of(c->spec) != NULL;
}

void intel_rdt_explain(const struct container *c, struct explain *to)
{
    const struct oci_intel_rdt *rdt = rdt_of(c->spec);

    explain(to, "group %s%s", is_named(rdt) ? rdt->clos_id : c->id,
            rdt->enable_monitoring ? ", monitored" : "");
}

/* --- the group --- */

/* Below the root; "": the root group itself. */
static const char *group_path(const struct container *c)
{
    const struct oci_intel_rdt *rdt = rdt_of(c->spec);

    if (!is_named(rdt))
        return c->id;
    return strcmp(rdt->clos_id, "/") == 0 ? "" : rdt->clos_id;
}

/* An existing group must be what is asked for: others are in it. */
static int compare(int group, const char *wanted, struct error *why)
{
    autofree char *has = *wanted ? resctrl_read_schemata(group, why) : NULL;

    if (*wanted == 0)
        return 0;
    if (has == NULL)
        return -1;
    if (resctrl_schemata_match(wanted, has))
        return 0;
    (void)fail(why, 0, "the resctrl group is there already, with other schemata");
    return fail_hint(why, "choose another closID, or leave the schemata out to join it as it is");
}

static bool has_schemata(const struct oci_intel_rdt *rdt)
{
    return is_given(rdt->l3_cache_schema) || is_given(rdt->mem_bw_schema) || rdt->schemata.n > 0;
}

/* config-linux.md, "IntelRdt": which group it is, and whether it is to be made. */
static int choose(struct container *c, int root, struct error *why)
{
    const struct oci_intel_rdt *rdt = rdt_of(c->spec);
    const char *path = group_path(c), *combined = resctrl_schemata_combine(c->arena, rdt);
    autoclose int group = resctrl_open_group(root, path);

    if (combined == NULL)
        return fail(why, ENOMEM, "prepare resctrl");
    if (group < 0 && errno != ENOENT)
        return fail(why, errno, "open the resctrl group %s", path);
    if (group >= 0 && !is_named(rdt))
        return fail(why, EEXIST, "make the resctrl group %s", path);
    if (group >= 0)
        return compare(group, combined, why);
    if (is_named(rdt) && !has_schemata(rdt)) {
        (void)fail(why, ENOENT, "find the resctrl group %s", path);
        (void)fail_hint(why, "without a schema the group must be there");
        return fail_at(why, "linux.intelRdt.closID");
    }
    c->resctrl_group = path;
    return 0;
}

static int choose_monitor(struct container *c, int root, struct error *why)
{
    const char *path = group_path(c);

    if (!rdt_of(c->spec)->enable_monitoring)
        return 0;
    path = arena_sprintf(c->arena, "%s%smon_groups/%s", path, *path ? "/" : "", c->id);

    autoclose int there = path ? resctrl_open_group(root, path) : -1;

    if (path == NULL || there >= 0)
        return fail(why, path ? EEXIST : ENOMEM, "make the monitoring group %s", c->id),
               fail_at(why, "linux.intelRdt.enableMonitoring");
    c->resctrl_monitor = path;
    return 0;
}

int intel_rdt_choose(struct container *c, struct error *why)
{
    autoclose int root = resctrl_open(why);

    if (root < 0 || choose(c, root, why) < 0 || choose_monitor(c, root, why) < 0)
        return fail_at(why, "linux.intelRdt");
    return 0;
}

static int write_lines(struct container *c, int root, int group, struct error *why)
{
    const struct oci_intel_rdt *rdt = rdt_of(c->spec);
    char *combined = resctrl_schemata_combine(c->arena, rdt), *text = arena_strdup(c->arena, "");

    for (size_t i = 0; text && i < rdt->schemata.n; i++)
        text = arena_sprintf(c->arena, "%s%s\n", text, rdt->schemata.at[i]);
    if (combined == NULL || text == NULL)
        return fail(why, ENOMEM, "write the schemata");
    /* A group that was there has been compared with these. */
    if (c->resctrl_group && *combined && resctrl_write_schemata(root, group, combined, why) < 0)
        return -1;
    return *text ? resctrl_write_schemata(root, group, text, why) : 0;
}

static int make_monitor(struct container *c, int root, struct error *why)
{
    autoclose int monitor = -1;

    if (c->resctrl_monitor == NULL)
        return 0;
    monitor = resctrl_make_group(root, c->resctrl_monitor, why);
    return monitor >= 0 ? 0 : fail_at(why, "linux.intelRdt.enableMonitoring");
}

/* What others may see comes last: the schemata of a group that was there. */
int intel_rdt_make(struct container *c, struct error *why)
{
    autoclose int root = resctrl_open(why), group = -1;

    if (root < 0)
        return fail_at(why, "linux.intelRdt");
    group = c->resctrl_group ? resctrl_make_group(root, c->resctrl_group, why)
                             : resctrl_open_group(root, group_path(c));
    if (group < 0 && c->resctrl_group == NULL)
        (void)fail(why, errno, "open the resctrl group %s", group_path(c));
    if (group < 0 || make_monitor(c, root, why) < 0 || write_lines(c, root, group, why) < 0)
        return fail_at(why, "linux.intelRdt");
    return 0;
}

/* A process joins a monitoring group of the group that it is in. */
int intel_rdt_enter(struct container *c, struct error *why)
{
    autoclose int root = resctrl_open(why), group = -1, monitor = -1;
    const char *path = arena_sprintf(c->arena, "mon_groups/%s", c->id);

    if (root < 0)
        return fail_at(why, "linux.intelRdt");
    group = resctrl_open_group(root, group_path(c));
    if (group < 0)
        return fail(why, errno, "open the resctrl group %s", group_path(c)),
               fail_at(why, "linux.intelRdt");
    if (resctrl_add_task(root, group, c->init, why) < 0)
        return fail_at(why, "linux.intelRdt");
    if (!rdt_of(c->spec)->enable_monitoring)
        return 0;
    monitor = path ? resctrl_open_group(group, path) : -1;
    if (monitor < 0)
        (void)fail(why, errno, "open the monitoring group");
    if (monitor < 0 || resctrl_add_task(root, monitor, c->init, why) < 0)
        return fail_at(why, "linux.intelRdt.enableMonitoring");
    return 0;
}

/* --- update --- */

int intel_rdt_update(const struct container *c, const struct oci_intel_rdt *rdt, struct error *why)
{
    const char *path = group_path(c), *text = resctrl_schemata_combine(c->arena, rdt);
    autoclose int root = resctrl_open(why), group = -1;

    if (root < 0)
        return -1;
    if (text == NULL)
        return fail(why, ENOMEM, "write the schemata");
    group = resctrl_open_group(root, path);
    if (group < 0)
        return fail(why, errno, "open the resctrl group %s", path);
    return *text ? resctrl_write_schemata(root, group, text, why) : 0;
}

/* --- undo, and delete from the record alone --- */

static int remove_group(const struct container *c, int root, struct error *why)
{
    autoclose int group = resctrl_open_group(root, c->resctrl_group);

    /* One with a name of its own may serve others by now. */
    if (group < 0 || (strcmp(c->resctrl_group, c->id) != 0 && !resctrl_is_unused(group)))
        return 0;
    return resctrl_remove_group(root, c->resctrl_group, why);
}

int intel_rdt_remove(struct container *c, struct error *why)
{
    struct error unused;
    autoclose int root = -1;

    if (c->resctrl_group == NULL && c->resctrl_monitor == NULL)
        return 0;
    root = resctrl_open(&unused);
    /* Unmounted, it has no groups any more. */
    if (root < 0)
        return 0;
    if (c->resctrl_monitor && resctrl_remove_group(root, c->resctrl_monitor, why) < 0)
        return -1;
    return c->resctrl_group ? remove_group(c, root, why) : 0;
}
