// SPDX-License-Identifier: Apache-2.0
/* From linux.cgroupsPath to the names of a systemd unit and its slice, and to the cgroup that these
 * have. */
#include "base/own.h"
#include "base/text.h"
#include "cgroup/systemd/systemd.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* systemd.unit(5): what a unit's name may have in it. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr(":-_.\\@", c));
}

/* Adds TEXT; false when it does not fit. */
static bool add_escaped(char out[SYSTEMD_UNIT_MAX], const char *text, size_t n)
{
    size_t length = strlen(out);

    for (size_t i = 0; i < n; i++) {
        length += (size_t)snprintf(out + length, SYSTEMD_UNIT_MAX - length,
                                   is_plain(text[i]) ? "%c" : "\\x%02x", (unsigned char)text[i]);
        if (length >= SYSTEMD_UNIT_MAX)
            return false;
    }
    return true;
}

static const char *slice_problem(const char *slice)
{
    size_t length = strlen(slice), name = length - strlen(".slice");

    if (!text_ends(slice, ".slice") || length == strlen(".slice"))
        return "names a slice that does not end with \".slice\"";
    if (length >= SYSTEMD_UNIT_MAX)
        return "names a slice with more than 255 bytes";
    if (strcmp(slice, "-.slice") == 0)
        return NULL;
    if (slice[0] == '-' || slice[name - 1] == '-' || strstr(slice, "--"))
        return "names a slice with a part that has no name";
    for (const char *c = slice; *c; c++)
        if (!is_plain(*c) || *c == '@')
            return "names a slice with a byte that no unit can have";
    return NULL;
}

/* "a-b.slice" -> "/a.slice/a-b.slice" (systemd.slice(5)); "-.slice" -> "" */
static bool expand_slice(char *out, size_t room, const char *slice)
{
    size_t n = strlen(slice) - strlen(".slice"), used = 0;

    out[0] = 0;
    if (slice[0] == '-')
        return true;
    for (size_t i = 1; i <= n; i++) {
        if (i < n && slice[i] != '-')
            continue;
        used += (size_t)snprintf(out + used, room - used, "/%.*s.slice", (int)i, slice);
        if (used >= room)
            return false;
    }
    return true;
}

static const char *set_path(struct systemd_unit *unit)
{
    bool is_slice = unit->slice[0] == 0;
    size_t used;

    if (!expand_slice(unit->path, sizeof unit->path, is_slice ? unit->name : unit->slice))
        return "names a slice that is nested too deeply";
    if (is_slice)
        return NULL;
    used = strlen(unit->path);
    if (used + 1 + strlen(unit->name) >= sizeof unit->path)
        return "names a slice that is nested too deeply";
    unit->path[used] = '/';
    memcpy(unit->path + used + 1, unit->name, strlen(unit->name) + 1);
    return NULL;
}

static const char *name_slice(struct systemd_unit *ret, const char *slice, size_t length,
                              bool is_user)
{
    if (length >= SYSTEMD_UNIT_MAX)
        return "names a slice with more than 255 bytes";
    memcpy(ret->slice, slice, length);
    ret->slice[length] = 0;
    if (length == 0)
        (void)snprintf(ret->slice, sizeof ret->slice, "%s",
                       is_user ? "user.slice" : "system.slice");
    if (strcmp(ret->slice, "-") == 0)
        (void)snprintf(ret->slice, sizeof ret->slice, "-.slice");
    return slice_problem(ret->slice);
}

static const char *name_scope(struct systemd_unit *ret, const char *prefix, size_t length,
                              const char *name)
{
    bool fits = add_escaped(ret->name, prefix, length) &&
                (length == 0 || add_escaped(ret->name, "-", 1)) &&
                add_escaped(ret->name, name, strlen(name)) &&
                add_escaped(ret->name, ".scope", strlen(".scope"));

    return fits ? NULL : "makes a unit name of more than 255 bytes";
}

const char *systemd_unit_name(struct systemd_unit *ret, const char *cgroups_path, const char *id,
                              bool is_user)
{
    char own[512];
    const char *prefix, *name, *problem;

    *ret = (struct systemd_unit){ 0 };
    (void)snprintf(own, sizeof own, ":zind-oci:%s", id);
    if (cgroups_path == NULL || cgroups_path[0] == 0)
        cgroups_path = own;
    prefix = strchr(cgroups_path, ':');
    name = prefix ? strchr(++prefix, ':') : NULL;
    if (name == NULL || strchr(++name, ':'))
        return "is not slice:prefix:name, as the systemd manager needs it";
    if (name[0] == 0)
        return "has no name after the prefix";
    problem = name_slice(ret, cgroups_path, (size_t)(prefix - cgroups_path - 1), is_user);
    if (problem)
        return problem;
    if (text_ends(name, ".slice")) {
        ret->slice[0] = 0;
        if (slice_problem(name))
            return slice_problem(name);
        (void)snprintf(ret->name, sizeof ret->name, "%s", name);
    } else {
        problem = name_scope(ret, prefix, (size_t)(name - prefix - 1), name);
    }
    return problem ? problem : set_path(ret);
}

bool systemd_is_for_user(void)
{
    struct stat st;

    if (geteuid() != 0)
        return true;
    /* In a user namespace we may be called root: whose is what PID 1 made? */
    return stat("/run/systemd/system", &st) == 0 && st.st_uid != 0;
}

/* Whom the host knows us as: the user namespace's map says so. */
static unsigned long outer_uid(void)
{
    autoclose int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
    unsigned long uid = geteuid(), inside, outside, count;
    char text[4096];
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    text[n > 0 ? n : 0] = 0;
    for (const char *line = text; sscanf(line, "%lu %lu %lu", &inside, &outside, &count) == 3;) {
        if (uid >= inside && uid - inside < count)
            return outside + (uid - inside);
        line = strchr(line, '\n');
        if (line++ == NULL)
            break;
    }
    return uid;
}

void systemd_unit_guess_base(char *out, size_t room, bool is_user)
{
    unsigned long uid = is_user ? outer_uid() : 0;

    out[0] = 0;
    if (is_user)
        (void)snprintf(out, room, "/user.slice/user-%lu.slice/user@%lu.service", uid, uid);
}
