// SPDX-License-Identifier: Apache-2.0
/* linux.seccomp: which system calls the program may make. RUNTIME compiles the filter while INIT
 * mounts, INIT loads it. */
#include "sections/seccomp.h"
#include "json-encode.h"
#include "kernel/fd.h"

#include <linux/seccomp.h>
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
    /* INIT itself makes this call, with the filter on, to hand its listener over: it would wait for
     * itself. */
    for (size_t name = 0; rule->action == OCI_SECCOMP_ACTION_NOTIFY && name < rule->names.n; name++)
        if (strcmp(rule->names.at[name], "sendmsg") == 0)
            refuse(all, at("linux.seccomp.syscalls[%zu].names[%zu]", i, name),
                   "sendmsg cannot be handed to an agent: it is what reaches the agent");
}

static void check_listener(const struct oci_seccomp *profile, struct problems *all)
{
    bool has_path = profile->listener_path && profile->listener_path[0];

    if (profile->listener_metadata && profile->listener_metadata[0] && !has_path)
        refuse(all, "linux.seccomp.listenerMetadata", "it goes with a listenerPath only");
    if (has_path && profile->listener_path[0] != '/')
        refuse(all, "linux.seccomp.listenerPath", "\"%s\" is not an absolute path",
               profile->listener_path);
    if (profile->default_action == OCI_SECCOMP_ACTION_NOTIFY)
        refuse(all, "linux.seccomp.defaultAction",
               "SCMP_ACT_NOTIFY would hand over the very calls that reach the agent");
    else if (seccomp_notifies(profile) && !has_path)
        refuse(all, "linux.seccomp.listenerPath", "SCMP_ACT_NOTIFY needs one");
}

void seccomp_check(const struct oci_config *spec, struct problems *all)
{
    const struct oci_seccomp *profile = profile_of(spec);

    if (profile == NULL)
        return;
    check_errno(profile->default_action, profile->has_default_errno_ret, profile->default_errno_ret,
                "linux.seccomp.defaultErrnoRet", all);
    check_listener(profile, all);
    for (size_t i = 0; i < profile->syscalls.n; i++)
        check_syscall(&profile->syscalls.at[i], i, all);
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
    return c->process && profile_of(c->spec);
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
    if (seccomp_notifies(profile)) {
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
    return 0;
}

/* The spec's container process state. RUNTIME writes it: INIT does not know the pids of the host.
 */
static int write_message(const struct container *c, const struct oci_seccomp *profile,
                         struct seccomp_filter *filter, struct error *why)
{
    static const char *const fds[] = { "seccompFd" };
    bool is_exec = c->verb == VERB_EXEC;
    const struct oci_state state = {
        .oci_version = c->spec->oci_version,
        .id = c->id,
        .status = is_exec ? "running" : "created",
        .pid = (int32_t)c->init,
        .has_pid = true,
        .bundle = c->bundle,
        .annotations = c->spec->annotations,
    };
    const struct oci_container_process_state message = {
        .oci_version = c->spec->oci_version,
        .fds = { .n = 1, .at = fds },
        .pid = (int32_t)c->init,
        .metadata = profile->listener_metadata,
        .state = &state,
    };
    struct json_error problem;
    autofree char *text = json_encode(&oci_container_process_state_object, &message, JSON_COMPACT,
                                      &filter->message_length, &problem);

    if (text == NULL)
        return fail(why, 0, "write the state for the seccomp agent: %s", problem.text);
    if (filter->message_length > sizeof filter->message)
        return fail(why, EMSGSIZE, "write the state for the seccomp agent");
    memcpy(filter->message, text, filter->message_length);
    return 0;
}

static bool is_strict(const struct container *c)
{
    for (size_t i = 0; i < c->spec->annotations.n; i++)
        if (strcmp(c->spec->annotations.key[i], "run.oci.seccomp_fail_unknown_syscall") == 0)
            return strcmp(c->spec->annotations.at[i], "0") != 0 &&
                   strcmp(c->spec->annotations.at[i], "false") != 0;
    return false;
}

int seccomp_compile(struct container *c, struct error *why)
{
    const struct oci_seccomp *profile = profile_of(c->spec);
    struct seccomp_filter *filter = c->seccomp;

    FOREACH (flag, profile->flags)
        filter->flags |= flags[*flag];
    if (filter->agent >= 0) {
        filter->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
        /* Both make the call return something of their own, unless the failing thread comes as an
         * errno. */
        if (filter->flags & SECCOMP_FILTER_FLAG_TSYNC)
            filter->flags |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
        if (write_message(c, profile, filter, why) < 0)
            return fail_at(why, "linux.seccomp");
    }
    if (seccomp_compile_profile(profile, is_strict(c), c->log, filter, why) < 0)
        return fail_at(why, "linux.seccomp");
    return 0;
}

void seccomp_explain(const struct container *c, struct explain *to)
{
    const struct oci_seccomp *profile = profile_of(c->spec);

    explain(to, "%zu rules, else %s", profile->syscalls.n,
            oci_seccomp_action_names[profile->default_action]);
    FOREACH (flag, profile->flags)
        explain(to, "flag %s", oci_seccomp_flag_names[*flag]);
}

/* --- INIT --- */

static int hand_over(struct seccomp_filter *filter, int listener, struct error *why)
{
    int sent = fd_send(filter->agent, filter->message, filter->message_length, listener);

    if (sent < 0)
        (void)fail(why, errno, "send the listener to the seccomp agent");
    close_fd(&listener);
    close_fd(&filter->agent);
    return sent < 0 ? fail_at(why, "linux.seccomp.listenerPath") : 0;
}

/* The bare system call: libseccomp would compile again. */
int seccomp_install(struct container *c, struct error *why)
{
    struct seccomp_filter *filter = c->seccomp;
    struct sock_fprog program = { .len = (unsigned short)filter->length, .filter = filter->at };
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, filter->flags, &program);

    if (result < 0) {
        (void)fail(why, errno, "load the seccomp filter of %u instructions", filter->length);
        if (why->number == EACCES)
            (void)fail_hint(why, "without process.noNewPrivileges this needs CAP_SYS_ADMIN");
        else if (why->number == EINVAL)
            (void)fail_hint(why, "this kernel may not know one of linux.seccomp.flags");
        return fail_at(why, "linux.seccomp");
    }
    return filter->agent >= 0 ? hand_over(filter, (int)result, why) : 0;
}

int seccomp_install_late(struct container *c, struct error *why)
{
    return seccomp_install(c, why);
}
