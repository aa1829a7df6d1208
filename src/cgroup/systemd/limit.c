// SPDX-License-Identifier: Apache-2.0
/* The limits of a unit: systemd is told first, as far as it has properties for them, and then the
   files are written as cgroupfs does. */
#include "cgroup/systemd/systemd.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/own.h"
#include "cgroup/folder.h"
#include "cgroup/limits/resources.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_v2(const struct cgroup *cgroup)
{
    return cgroup->hierarchy == CGROUP_V2;
}

/* --- what holds --- */

/* The numbers of a file: "max" is -1. */
static int64_t read_number(const char *text)
{
    char *end;
    long long n = strtoll(text, &end, 10);

    return end == text || n < 0 ? -1 : n;
}

static void look_now(const struct cgroup *cgroup, struct systemd_now *ret)
{
    struct mounted room;
    const struct mounted *mounted = mounted_of(cgroup, &room);
    const struct hierarchy *cpu =
        mounted_find(mounted, is_v2(cgroup) ? CONTROLLER_UNIFIED : CONTROLLER_CPU);
    autoclose int fd = cpu ? cgroupfs_open(cgroup, cpu) : -1;
    char text[64], *blank;

    *ret = (struct systemd_now){ .memory_limit = -1, .cpu_quota = -1 };
    if (fd < 0)
        return;
    ret->is_idle = folder_read(fd, "cpu.idle", text, sizeof text) > 0 && text[0] == '1';
    if (!is_v2(cgroup)) {
        if (folder_read(fd, "cpu.cfs_quota_us", text, sizeof text) > 0)
            ret->cpu_quota = read_number(text);
        if (folder_read(fd, "cpu.cfs_period_us", text, sizeof text) > 0)
            ret->cpu_period = (uint64_t)(read_number(text) > 0 ? read_number(text) : 0);
        return;
    }
    if (folder_read(fd, "memory.max", text, sizeof text) > 0)
        ret->memory_limit = read_number(text);
    if (folder_read(fd, "cpu.max", text, sizeof text) > 0 && (blank = strchr(text, ' '))) {
        ret->cpu_quota = read_number(text);
        ret->cpu_period = (uint64_t)(read_number(blank) > 0 ? read_number(blank) : 0);
    }
}

/* --- telling systemd --- */

static void log_left_out(const struct log *log, const char *unit,
                         const struct systemd_answer *answer)
{
    if (log && answer->left_out[0])
        log_debug(log, "this systemd knows no property %s of %s", answer->left_out, unit);
}

/* By make's session, which is over with that, or by one of its own. */
static int set_properties(const struct cgroup *cgroup, const struct systemd_words *words,
                          const struct log *log, struct error *why)
{
    struct cgroup_session own = { .socket = -1, .pid = -1 };
    struct cgroup_session *session = cgroup->session;
    struct systemd_answer answer;
    int rc = 0;

    if (session == NULL || session->socket < 0) {
        session = &own;
        rc = systemd_call_open(session, why);
    }
    if (rc == 0)
        rc = systemd_call(session, SYSTEMD_SET, cgroup->scope, 0, words, &answer, why);
    if (rc == 0)
        log_left_out(log, cgroup->scope, &answer);
    systemd_call_close(&own);
    return rc;
}

/* --- the files --- */

/* One property of the cpu's has systemd write all of them: whole percents of a quota, no period
   without one, no idle. What is not asked for, also by a 0, has to be written as it was. */
static struct oci_cpu keep_cpu(const struct oci_cpu *asked, const struct systemd_now *now)
{
    struct oci_cpu cpu = *asked;

    if (!(cpu.has_period && cpu.period) && now->cpu_period) {
        cpu.has_period = true;
        cpu.period = now->cpu_period;
    }
    if (!(cpu.has_quota && cpu.quota) && now->cpu_quota > 0) {
        cpu.has_quota = true;
        cpu.quota = now->cpu_quota;
    }
    if (!cpu.has_idle && now->is_idle) {
        cpu.has_idle = true;
        cpu.idle = 1;
    }
    return cpu;
}

static int write_files(const struct cgroup *cgroup, const struct oci_resources *resources,
                       bool devices, const struct systemd_now *now, const struct log *log,
                       struct error *why)
{
    struct oci_resources all;
    struct oci_cpu cpu;

    if (resources == NULL || resources->cpu == NULL ||
        !(resources->cpu->has_shares || resources->cpu->has_quota || resources->cpu->has_period))
        return resources_limit(cgroup, resources, devices, log, why);
    all = *resources;
    cpu = keep_cpu(resources->cpu, now);
    all.cpu = &cpu;
    return resources_limit(cgroup, &all, devices, log, why);
}

/* --- device rules that systemd has no words for --- */

enum { RELEASE_MS = 2000 };

static const char keeper[] = "keeps-device-rules";

static int open_devices(const struct cgroup *cgroup)
{
    struct mounted room;
    const struct hierarchy *devices = mounted_find(mounted_of(cgroup, &room), CONTROLLER_DEVICES);

    return devices ? cgroupfs_open(cgroup, devices) : -1;
}

/* "All but some" is none of its lists. Of a unit without rules systemd lets all devices be used,
   whenever it likes, by an "a" in devices.allow, which undoes ours. The kernel refuses that of a
   cgroup with another below it, and systemd does not mind. On v2 our own program stays. */
static void keep_rules(const struct cgroup *cgroup, const struct log *log)
{
    autoclose int folder = open_devices(cgroup);

    if (folder >= 0 && mkdirat(folder, keeper, 0755) < 0 && errno != EEXIST && log)
        log_warning(log,
                    "linux.resources.devices: systemd cannot be told of rules that forbid single "
                    "devices, and may undo them: make cgroup %s: %s",
                    keeper, strerror(errno));
}

/* It would keep us from changing them, too: until the kernel has let go of it, some time after it
   is gone. All devices may be used meanwhile; update holds the container still, and on the way back
   from what fails writes the old rules. */
static void release_rules(const struct cgroup *cgroup)
{
    autoclose int folder = open_devices(cgroup);
    uint64_t deadline = clock_ms() + RELEASE_MS;
    unsigned step = 1;

    if (folder < 0 || unlinkat(folder, keeper, AT_REMOVEDIR) < 0)
        return;
    while (folder_write(folder, "devices.allow", "a") < 0 && errno == EINVAL &&
           clock_pause(&step, &deadline))
        ;
}

int systemd_limit(const struct cgroup *cgroup, const struct oci_resources *resources, bool devices,
                  const struct log *log, struct error *why)
{
    struct systemd_words words = { 0 };
    struct systemd_now now;
    bool is_complete;
    int rc = 0;

    look_now(cgroup, &now);
    systemd_properties_limit(&words, resources, devices, is_v2(cgroup), &now, &is_complete);
    if (devices && !is_v2(cgroup))
        release_rules(cgroup);
    if (words.length)
        rc = set_properties(cgroup, &words, log, why);
    systemd_words_free(&words);
    if (rc == 0)
        rc = write_files(cgroup, resources, devices, &now, log, why);
    if (rc == 0 && !is_complete && !is_v2(cgroup))
        keep_rules(cgroup, log);
    /* INIT is in, and the scope needs nobody else. Not before: should INIT have failed, systemd
       takes the empty scope away, and what we say of missing files would hide what INIT has to say.
     */
    if (cgroup->session)
        systemd_call_close(cgroup->session);
    return rc;
}
