// SPDX-License-Identifier: Apache-2.0
/* Device rules as cgroup v1 has them: a default and exceptions from it. The kernel does not split
 * an exception: we work the final list out first. */
#include "cgroup/limits/device-exceptions.h"
#include "base/log.h"
#include "base/own.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* --- the list --- */

static bool is_everything(const struct device_rule *rule)
{
    return rule->type == 'a' && rule->major == DEVICE_ANY && rule->minor == DEVICE_ANY &&
           rule->access == DEVICE_ALL;
}

static bool covers(const struct device_rule *wide, const struct device_rule *narrow)
{
    return wide->type == narrow->type &&
           (wide->major == DEVICE_ANY || wide->major == narrow->major) &&
           (wide->minor == DEVICE_ANY || wide->minor == narrow->minor);
}

static bool overlaps(const struct device_rule *one, const struct device_rule *other)
{
    return one->type == other->type &&
           (one->major == DEVICE_ANY || other->major == DEVICE_ANY || one->major == other->major) &&
           (one->minor == DEVICE_ANY || other->minor == DEVICE_ANY || one->minor == other->minor);
}

/* The one about the same devices, as the kernel compares them; NULL: none. */
static struct device_rule *find(const struct device_exceptions *in, const struct device_rule *rule)
{
    for (size_t i = 0; i < in->n; i++)
        if (in->at[i].type == rule->type && in->at[i].major == rule->major &&
            in->at[i].minor == rule->minor)
            return &in->at[i];
    return NULL;
}

static int add(struct device_exceptions *to, const struct device_rule *rule)
{
    struct device_rule *there = find(to, rule);

    if (there) {
        there->access |= rule->access;
        return 0;
    }
    if (to->n == to->room) {
        size_t room = to->room ? 2 * to->room : 32;
        struct device_rule *more = realloc(to->at, room * sizeof *more);

        if (more == NULL)
            return -1;
        to->at = more;
        to->room = room;
    }
    to->at[to->n++] = *rule;
    return 0;
}

/* RULE says what the default says: less of the exceptions is left. */
static int take_away(struct device_exceptions *from, const struct device_rule *rule)
{
    size_t kept = 0;

    for (size_t i = 0; i < from->n; i++) {
        struct device_rule exception = from->at[i];

        if (covers(rule, &exception))
            exception.access &= ~rule->access;
        else if (overlaps(rule, &exception) && exception.access & rule->access)
            return errno = EDOM, -1;
        if (exception.access)
            from->at[kept++] = exception;
    }
    from->n = kept;
    return 0;
}

int device_exceptions_take(struct device_exceptions *to, struct device_rule rule)
{
    if (is_everything(&rule)) {
        to->allow = rule.allow;
        to->n = 0;
        return 0;
    }
    if (rule.type == 'a') {
        rule.type = 'b';
        if (device_exceptions_take(to, rule) < 0)
            return -1;
        rule.type = 'c';
    }
    return rule.allow == to->allow ? take_away(to, &rule) : add(to, &rule);
}

/* --- as text --- */

void device_exceptions_letters(char out[DEVICE_LETTERS], unsigned access)
{
    (void)snprintf(out, DEVICE_LETTERS, "%s%s%s", access & DEVICE_READ ? "r" : "",
                   access & DEVICE_WRITE ? "w" : "", access & DEVICE_MKNOD ? "m" : "");
}

void device_exceptions_line(char out[DEVICE_LINE], const struct device_rule *rule)
{
    char major[24] = "*", minor[24] = "*", letters[DEVICE_LETTERS];

    if (rule->major != DEVICE_ANY)
        (void)snprintf(major, sizeof major, "%" PRId64, rule->major);
    if (rule->minor != DEVICE_ANY)
        (void)snprintf(minor, sizeof minor, "%" PRId64, rule->minor);
    device_exceptions_letters(letters, rule->access);
    (void)snprintf(out, DEVICE_LINE, "%c %s:%s %s", rule->type, major, minor, letters);
}

static const char *read_number(const char *at, int64_t *ret)
{
    char *end;

    if (*at == '*')
        return *ret = DEVICE_ANY, at + 1;
    *ret = strtoll(at, &end, 10);
    return end == at ? NULL : end;
}

/* The end of a line "c 1:3 rwm", or NULL. */
static const char *read_line(const char *at, struct device_rule *ret)
{
    *ret = (struct device_rule){ .type = at[0] };
    if ((at[0] != 'b' && at[0] != 'c') || at[1] != ' ')
        return NULL;
    at = read_number(at + 2, &ret->major);
    at = at && *at == ':' ? read_number(at + 1, &ret->minor) : NULL;
    if (at == NULL || *at != ' ')
        return NULL;
    for (at++; *at && *at != '\n'; at++)
        ret->access |= *at == 'r'   ? DEVICE_READ
                       : *at == 'w' ? DEVICE_WRITE
                       : *at == 'm' ? DEVICE_MKNOD
                                    : 0U;
    return at + (*at == '\n');
}

int device_exceptions_parse(struct device_exceptions *ret, const char *list)
{
    struct device_rule rule;

    ret->n = 0;
    ret->allow = list[0] == 'a';
    while (!ret->allow && list[0]) {
        list = read_line(list, &rule);
        if (list == NULL)
            return errno = EBADMSG, -1;
        rule.allow = true;
        if (add(ret, &rule) < 0)
            return -1;
    }
    return 0;
}

/* --- writing --- */

static const char *file_for(bool allow)
{
    return allow ? "devices.allow" : "devices.deny";
}

int device_exceptions_write(struct writing *to, const struct device_exceptions *all)
{
    char line[DEVICE_LINE];

    if (writing_put(to, file_for(all->allow), "a") < 0) {
        if (errno == EINVAL)
            (void)snprintf(to->reason, sizeof to->reason,
                           "what holds for all devices cannot change while cgroups are below it");
        return -1;
    }
    for (size_t i = 0; i < all->n; i++) {
        device_exceptions_line(line, &all->at[i]);
        if (writing_put(to, file_for(!all->allow), line) < 0)
            return -1;
    }
    return 0;
}

/* Into FILE all that FROM says and OTHER does not. */
static int write_missing(struct writing *to, const char *file, const struct device_exceptions *from,
                         const struct device_exceptions *other, size_t *n)
{
    char line[DEVICE_LINE];

    for (size_t i = 0; i < from->n; i++) {
        struct device_rule rule = from->at[i];
        const struct device_rule *there = find(other, &rule);

        rule.access &= there ? ~there->access : ~0U;
        if (rule.access == 0)
            continue;
        device_exceptions_line(line, &rule);
        if (writing_put(to, file, line) < 0)
            return -1;
        ++*n;
    }
    return 0;
}

/* A cgroup's number of links is 2 and one for each below it. */
static bool has_cgroups_below(struct writing *to)
{
    struct stat st;
    int folder = writing_folder(to);

    return folder >= 0 && fstat(folder, &st) == 0 && st.st_nlink > 2;
}

int device_exceptions_change(struct writing *to, const struct device_exceptions *held,
                             const struct device_exceptions *all)
{
    static const struct device_exceptions none = { 0 };
    size_t n = 0, n_less = 0;

    /* Who may have lifted some of the denied is not to be seen in devices.list: all are written. */
    if (write_missing(to, file_for(!all->allow), all, all->allow ? &none : held, &n) < 0)
        return -1;
    if (n && !all->allow && to->log && has_cgroups_below(to))
        log_warning(to->log, "linux.resources.devices: what is newly allowed is not to cgroups "
                             "that the container has made: there it is for the container to allow");
    return write_missing(to, file_for(all->allow), held, all, &n_less);
}
