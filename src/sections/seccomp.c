// SPDX-License-Identifier: Apache-2.0
/* linux.seccomp: which system calls the program may make. RUNTIME compiles the filter while INIT
 * mounts, INIT loads it. */
#include "sections/seccomp.h"
#include "kernel/fd.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif

enum { ARGUMENTS = 6, ERRNO_MAX = 4095, TRACE_MAX = 0xffff };

static const unsigned flags[] = {
    [OCI_SECCOMP_FLAG_TSYNC] = SECCOMP_FILTER_FLAG_TSYNC,
    [OCI_SECCOMP_FLAG_LOG] = SECCOMP_FILTER_FLAG_LOG,
    [OCI_SECCOMP_FLAG_SPEC_ALLOW] = SECCOMP_FILTER_FLAG_SPEC_ALLOW,
    [OCI_SECCOMP_FLAG_WAIT_KILLABLE_RECV] = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
};

static const struct oci_seccomp *profile_of(const struct oci_config *spec)
{
    return spec->linux ? spec->linux->seccomp : NULL;
}

/* A filter that the engine compiled itself takes the place of the profile; NULL: there is none. */
static const char *ready_filter(const struct oci_config *spec)
{
    return annotation_of(spec, "run.oci.seccomp_bpf_data");
}

/* --- check --- */

/* The spec: an errno for an action that has none to return MUST be refused. */
static void check_errno(enum oci_seccomp_action action, bool has, uint32_t number,
                        const char *pointer, struct problems *all)
{
    uint32_t max = action == OCI_SECCOMP_ACTION_TRACE ? TRACE_MAX : ERRNO_MAX;

    if (!has)
        return;
    if (action != OCI_SECCOMP_ACTION_ERRNO && action != OCI_SECCOMP_ACTION_TRACE)
        refuse(all, pointer, "%s returns no errno", oci_seccomp_action_names[action]);
    else if (number > max)
        refuse(all, pointer, "%u is above %u", number, max);
}

static bool allows(enum oci_seccomp_action action)
{
    return action == OCI_SECCOMP_ACTION_ALLOW || action == OCI_SECCOMP_ACTION_LOG;
}

/* A rule that is meant to deny and cannot be told to the kernel is never left out in silence. */
static void check_names(const struct oci_seccomp *profile, size_t i, struct problems *all)
{
    const struct oci_syscall *rule = &profile->syscalls.at[i];

    if (!allows(profile->default_action) || allows(rule->action))
        return;
    for (size_t name = 0; name < rule->names.n; name++)
        if (seccomp_syscall_resolve_name(rule->names.at[name]) == __NR_SCMP_ERROR &&
            seccomp_newest_number(rule->names.at[name]) < 0)
            caution(all, at("linux.seccomp.syscalls[%zu].names[%zu]", i, name),
                    "%s is no system call that is known here: the rule denies nothing",
                    rule->names.at[name]);
}

static void check_syscall(const struct oci_syscall *rule, size_t i, struct problems *all)
{
    if (rule->names.n == 0)
        refuse(all, at("linux.seccomp.syscalls[%zu].names", i), "there is no name");
    check_errno(rule->action, rule->has_errno_ret, rule->errno_ret,
                at("linux.seccomp.syscalls[%zu].errnoRet", i), all);
    for (size_t arg = 0; arg < rule->args.n; arg++)
        if (rule->args.at[arg].index >= ARGUMENTS)
            refuse(all, at("linux.seccomp.syscalls[%zu].args[%zu].index", i, arg), "%u is above %d",
                   rule->args.at[arg].index, ARGUMENTS - 1);
}

static void check_listener(const struct oci_seccomp *profile, struct problems *all)
{
    bool has_path = profile->listener_path && profile->listener_path[0];

    if (profile->listener_metadata && profile->listener_metadata[0] && !has_path)
        refuse(all, "linux.seccomp.listenerMetadata", "it goes with a listenerPath only");
    if (has_path && profile->listener_path[0] != '/')
        refuse(all, "linux.seccomp.listenerPath", "\"%s\" is not an absolute path",
               profile->listener_path);
    if (seccomp_notifies(profile) && !has_path)
        refuse(all, "linux.seccomp.listenerPath", "SCMP_ACT_NOTIFY needs one");
}

void seccomp_check(const struct oci_config *spec, struct problems *all)
{
    const struct oci_seccomp *profile = profile_of(spec);

    if (ready_filter(spec) && seccomp_decode(ready_filter(spec), NULL) < 0)
        refuse(all, "annotations[\"run.oci.seccomp_bpf_data\"]",
               "is not base64 of instructions of eight bytes");
    if (profile == NULL)
        return;
    check_errno(profile->default_action, profile->has_default_errno_ret, profile->default_errno_ret,
                "linux.seccomp.defaultErrnoRet", all);
    check_listener(profile, all);
    for (size_t i = 0; i < profile->syscalls.n; i++)
        check_syscall(&profile->syscalls.at[i], i, all);
    for (size_t i = 0; i < profile->syscalls.n; i++)
        check_names(profile, i, all);
}

bool seccomp_notifies(const struct oci_seccomp *profile)
{
    FOREACH (rule, profile->syscalls)
        if (rule->action == OCI_SECCOMP_ACTION_NOTIFY)
            return true;
    return profile->default_action == OCI_SECCOMP_ACTION_NOTIFY;
}

bool seccomp_is_wanted(const struct container *c)
{
    return c->process && (profile_of(c->spec) || ready_filter(c->spec));
}

bool seccomp_needs_privilege(const struct container *c)
{
    return seccomp_is_wanted(c) && !c->process->no_new_privileges;
}

bool seccomp_needs_no_privilege(const struct container *c)
{
    return seccomp_is_wanted(c) && c->process->no_new_privileges;
}

/* --- RUNTIME --- */

int seccomp_prepare(struct container *c, struct error *why)
{
    const struct oci_seccomp *profile = profile_of(c->spec);
    struct seccomp_filter *filter = mmap(NULL, sizeof *filter, PROT_READ | PROT_WRITE,
                                         MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (filter == MAP_FAILED)
        return fail(why, errno, "map memory for the seccomp filter");
    filter->agent = -1;
    if (!ready_filter(c->spec) && seccomp_notifies(profile)) {
        /* The path means something only on the host; INIT inherits the connection. */
        filter->agent = fd_connect_unix(profile->listener_path, why);
        if (filter->agent < 0) {
            (void)munmap(filter, sizeof *filter);
            (void)fail_hint(why,
                            "the seccomp agent must listen there before the container is made");
            return fail_at(why, "linux.seccomp.listenerPath");
        }
    }
    c->seccomp = filter;
    c->last_words = &filter->last_words;
    return 0;
}

static bool is_strict(const struct container *c)
{
    const char *value = annotation_of(c->spec, "run.oci.seccomp_fail_unknown_syscall");

    return value && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
}

int seccomp_compile(struct container *c, struct error *why)
{
    const struct oci_seccomp *profile = profile_of(c->spec);
    struct seccomp_filter *filter = c->seccomp;

    if (profile)
        FOREACH (flag, profile->flags)
            filter->flags |= flags[*flag];
    /* It says how to wait for an agent: the kernel refuses it where there is none. */
    if (filter->agent < 0)
        filter->flags &= ~(unsigned)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    if (ready_filter(c->spec))
        return seccomp_decode(ready_filter(c->spec), filter);
    if (filter->agent >= 0) {
        filter->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
        /* INIT's only other thread is the one that must stay free of the filter. */
        filter->flags &= ~(unsigned)SECCOMP_FILTER_FLAG_TSYNC;
        /* INIT has it; the agent waits for the end of the connection. The number is INIT's, too. */
        (void)close(filter->agent);
        if (seccomp_describe(c, filter, why) < 0)
            return fail_at(why, "linux.seccomp");
    }

    autofree char *key = seccomp_cache_key(profile, is_strict(c));

    if (key && seccomp_cache_load(c, key, filter))
        return 0;
    if (seccomp_compile_profile(profile, is_strict(c), c->log, filter, why) < 0)
        return fail_at(why, "linux.seccomp");
    if (key)
        seccomp_cache_store(c, key, filter);
    return 0;
}

void seccomp_explain(const struct container *c, struct explain *to)
{
    const struct oci_seccomp *profile = profile_of(c->spec);

    if (ready_filter(c->spec)) {
        explain(to, "the filter of the annotation run.oci.seccomp_bpf_data");
        return;
    }
    explain(to, "%zu rules, else %s", profile->syscalls.n,
            oci_seccomp_action_names[profile->default_action]);
    FOREACH (flag, profile->flags)
        explain(to, "flag %s", oci_seccomp_flag_names[*flag]);
}

/* --- INIT --- */

/* The bare system call: libseccomp would compile again. */
int seccomp_enforce(const struct seccomp_filter *filter, unsigned wanted, struct error *why)
{
    struct sock_fprog program = { .len = (unsigned short)filter->length,
                                  .filter = (struct sock_filter *)(uintptr_t)filter->at };
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, wanted, &program);

    if (result >= 0)
        return (int)result;
    (void)fail(why, errno, "load the seccomp filter of %u instructions", filter->length);
    if (why->number == EACCES)
        (void)fail_hint(why, "without process.noNewPrivileges this needs CAP_SYS_ADMIN");
    else if (why->number == EINVAL)
        (void)fail_hint(why, "this kernel may not know one of linux.seccomp.flags");
    return fail_at(why, "linux.seccomp");
}

int seccomp_install(struct container *c, struct error *why)
{
    struct seccomp_filter *filter = c->seccomp;

    if (filter->agent >= 0)
        return seccomp_install_notifying(c, filter, why);
    return seccomp_enforce(filter, filter->flags, why) < 0 ? -1 : 0;
}

/* The agent is INIT's: what it would be asked about fails with ENOSYS here. */
int seccomp_confine(const struct container *c, struct error *why)
{
    const struct seccomp_filter *filter = c->seccomp;
    unsigned left_out = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC |
                        SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;

    return seccomp_enforce(filter, filter->flags & ~left_out, why) < 0 ? -1 : 0;
}

int seccomp_install_late(struct container *c, struct error *why)
{
    return seccomp_install(c, why);
}
