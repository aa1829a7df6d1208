// SPDX-License-Identifier: Apache-2.0
/* From a profile to instructions, through libseccomp: one filter an architecture, and a dispatcher
 * of our own in front. */
#include "sections/seccomp-work.h"

#include <ctype.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

enum { ARGUMENTS = 6 };

static uint32_t action_of(enum oci_seccomp_action action, bool has_errno, uint32_t number)
{
    uint32_t value = has_errno ? number : EPERM;

    switch (action) {
    case OCI_SECCOMP_ACTION_KILL:
    case OCI_SECCOMP_ACTION_KILL_THREAD:
        return SCMP_ACT_KILL_THREAD;
    case OCI_SECCOMP_ACTION_KILL_PROCESS:
        return SCMP_ACT_KILL_PROCESS;
    case OCI_SECCOMP_ACTION_TRAP:
        return SCMP_ACT_TRAP;
    case OCI_SECCOMP_ACTION_ERRNO:
        return SCMP_ACT_ERRNO(value);
    case OCI_SECCOMP_ACTION_TRACE:
        return SCMP_ACT_TRACE(value);
    case OCI_SECCOMP_ACTION_ALLOW:
        return SCMP_ACT_ALLOW;
    case OCI_SECCOMP_ACTION_LOG:
        return SCMP_ACT_LOG;
    case OCI_SECCOMP_ACTION_NOTIFY:
        return SCMP_ACT_NOTIFY;
    }
    return SCMP_ACT_KILL_PROCESS;
}

static const enum scmp_compare operators[] = {
    [OCI_SECCOMP_OPERATOR_NE] = SCMP_CMP_NE,
    [OCI_SECCOMP_OPERATOR_LT] = SCMP_CMP_LT,
    [OCI_SECCOMP_OPERATOR_LE] = SCMP_CMP_LE,
    [OCI_SECCOMP_OPERATOR_EQ] = SCMP_CMP_EQ,
    [OCI_SECCOMP_OPERATOR_GE] = SCMP_CMP_GE,
    [OCI_SECCOMP_OPERATOR_GT] = SCMP_CMP_GT,
    [OCI_SECCOMP_OPERATOR_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
};

static struct scmp_arg_cmp compare(const struct oci_syscall_arg *arg)
{
    /* For MASKED_EQ the spec's value is the mask, valueTwo what must be left. */
    return (struct scmp_arg_cmp){ .arg = arg->index,
                                  .op = operators[arg->op],
                                  .datum_a = arg->value,
                                  .datum_b = arg->value_two };
}

/* --- architectures --- */

/* "SCMP_ARCH_X86_64" -> libseccomp's "x86_64"; 0 where this libseccomp does not know it. */
static uint32_t find_token(enum oci_seccomp_arch arch)
{
    const char *name = oci_seccomp_arch_names[arch] + strlen("SCMP_ARCH_");
    char lower[24];
    size_t i;

    for (i = 0; name[i] && i < sizeof lower - 1; i++)
        lower[i] = (char)tolower((unsigned char)name[i]);
    lower[i] = 0;
    return seccomp_arch_resolve_name(lower);
}

static void note_arch(struct seccomp_work *work, uint32_t token)
{
    for (unsigned i = 0; i < work->n_arch; i++)
        if (work->arch[i].token == token)
            return;
    if (work->n_arch < SECCOMP_ARCHITECTURES_MAX) {
        work->arch[work->n_arch].token = token;
        work->arch[work->n_arch++].newest = -1;
    }
}

/* The native one always belongs to a filter. One that libseccomp does not know, or of the other
   byte order, is none of this machine: its calls, if there could be any, are killed like those of
   all that are not named. */
static void list_architectures(struct seccomp_work *work)
{
    uint32_t native = seccomp_arch_native();

    note_arch(work, native);
    for (size_t i = 0; i < work->profile->architectures.n; i++) {
        uint32_t token = find_token(work->profile->architectures.at[i]);

        if (token && !((token ^ native) & __AUDIT_ARCH_LE))
            note_arch(work, token);
    }
}

/* --- rules --- */

/* Its number here, which stands for the call on all architectures; the newest of ARCH is noted.
 *RET_NEWEST: that of a call which libseccomp has no name for, and we have; else -1. */
static int find_number(struct seccomp_arch *arch, const char *name, int *ret_newest)
{
    int native = seccomp_syscall_resolve_name(name);
    int number = arch->token == seccomp_arch_native()
                     ? native
                     : seccomp_syscall_resolve_name_arch(arch->token, name);

    *ret_newest = native == __NR_SCMP_ERROR ? seccomp_newest_number(name) : -1;
    if (native == __NR_SCMP_ERROR)
        number = seccomp_newest_on(arch->token, *ret_newest);
    if (number > arch->newest)
        arch->newest = number;
    return native;
}

/* As with libseccomp's own rules, a call has one action. 0 or a negative errno. */
static int note_newest(struct seccomp_work *work, const struct oci_syscall *rule, uint32_t action,
                       int number)
{
    for (unsigned i = 0; i < work->n_newest; i++)
        if (work->newest[i].number == number)
            return work->newest[i].action == action ? 0 : -EEXIST;
    work->newest[work->n_newest++] = (struct seccomp_newest){
        .number = number,
        .action = action,
        .has_conditions = rule->args.n > 0,
    };
    return 0;
}

/* libseccomp takes each argument once a rule; conditions on the same argument are alternatives
 * then, as engines mean them. */
static bool has_repeated_argument(const struct oci_syscall *rule)
{
    unsigned seen = 0;

    FOREACH (arg, rule->args) {
        if (seen & 1u << arg->index)
            return true;
        seen |= 1u << arg->index;
    }
    return false;
}

static int add_rule(struct seccomp_work *work, const struct oci_syscall *rule, uint32_t action,
                    int number)
{
    struct scmp_arg_cmp all[ARGUMENTS];
    unsigned n = 0;

    if (!has_repeated_argument(rule)) {
        FOREACH (arg, rule->args)
            all[n++] = compare(arg);
        return seccomp_rule_add_array(work->context, action, number, n, all);
    }
    FOREACH (arg, rule->args) {
        int added;

        all[0] = compare(arg);
        added = seccomp_rule_add_array(work->context, action, number, 1, all);
        if (added < 0)
            return added;
    }
    return 0;
}

/* A call that libseccomp has no name for: noted for the dispatcher; with conditions, which are
   libseccomp's to check, added by its bare NUMBER, as this machine's architecture alone allows. */
static int add_newest(struct seccomp_work *work, const struct seccomp_arch *arch,
                      const struct oci_syscall *rule, uint32_t action, int number)
{
    int noted;

    if (arch != work->arch)
        return 0;
    noted = note_newest(work, rule, action, number);
    return noted < 0 || rule->args.n == 0 ? noted : add_rule(work, rule, action, number);
}

static int add_rules(struct seccomp_work *work, struct seccomp_arch *arch, size_t i,
                     uint32_t otherwise, struct error *why)
{
    const struct oci_syscall *rule = &work->profile->syscalls.at[i];
    uint32_t action = action_of(rule->action, rule->has_errno_ret, rule->errno_ret);

    for (size_t name = 0; name < rule->names.n; name++) {
        int newest, number = find_number(arch, rule->names.at[name], &newest), added;

        if (number == __NR_SCMP_ERROR && newest < 0 && work->strict) {
            (void)fail(why, 0, "unknown system call %s", rule->names.at[name]);
            return fail_at(why, "linux.seccomp.syscalls[%zu].names[%zu]", i, name);
        }
        if (number == __NR_SCMP_ERROR && newest < 0) {
            if (work->log && arch == work->arch)
                log_debug(work->log, "linux.seccomp: unknown system call %s is left out",
                          rule->names.at[name]);
            continue;
        }
        /* libseccomp refuses rules that say what goes without saying. */
        if (action == otherwise)
            continue;
        added = newest < 0 ? add_rule(work, rule, action, number)
                           : add_newest(work, arch, rule, action, newest);
        if (added < 0) {
            (void)fail(why, -added, "add %s %s to the filter", rule->names.at[name],
                       oci_seccomp_action_names[rule->action]);
            if (added == -EEXIST)
                (void)fail_hint(why, "another rule for the same call has another action");
            return fail_at(why, "linux.seccomp.syscalls[%zu].names[%zu]", i, name);
        }
    }
    return 0;
}

/* --- all of it --- */

static int too_long(struct error *why)
{
    return fail(why, 0, "the filter has more than the %d instructions that the kernel takes",
                SECCOMP_INSTRUCTIONS_MAX);
}

/* libseccomp before 2.6 writes to an fd only. */
static int export(struct seccomp_work *work, struct seccomp_filter *ret, struct error *why)
{
    autoclose int fd = memfd_create("filter", MFD_CLOEXEC);
    size_t room = (SECCOMP_INSTRUCTIONS_MAX - ret->length) * sizeof *ret->at;
    off_t length;
    int exported;

    if (fd < 0)
        return fail(why, errno, "make a file for the filter");
    exported = seccomp_export_bpf(work->context, fd);
    if (exported < 0)
        return fail(why, -exported, "compile the filter");
    length = lseek(fd, 0, SEEK_END);
    if (length < 0)
        return fail(why, errno, "measure the filter");
    if ((size_t)length > room)
        return too_long(why);
    if (pread(fd, ret->at + ret->length, (size_t)length, 0) != length)
        return fail(why, errno, "read the filter");
    ret->length += (unsigned)((size_t)length / sizeof *ret->at);
    return 0;
}

static int fill(struct seccomp_work *work, struct seccomp_arch *arch, uint32_t otherwise,
                struct error *why)
{
    int done = 0;

    if (arch->token != seccomp_arch_native()) {
        done = seccomp_arch_add(work->context, arch->token);
        if (done == 0)
            done = seccomp_arch_remove(work->context, seccomp_arch_native());
    }
    if (done < 0)
        return fail(why, -done, "begin a filter for another architecture");
    /* A binary tree: fewer instructions run for each call of the program. */
    (void)seccomp_attr_set(work->context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; i < work->profile->syscalls.n; i++)
        if (add_rules(work, arch, i, otherwise, why) < 0)
            return -1;
    return 0;
}

/* libseccomp's cost grows with the square of the architectures in one filter: each gets its own. */
static int compile_arch(struct seccomp_work *work, struct seccomp_arch *arch, uint32_t otherwise,
                        struct seccomp_filter *ret, struct error *why)
{
    int result;

    arch->begin = ret->length;
    work->context = seccomp_init(otherwise);
    if (work->context == NULL)
        return fail(why, ENOMEM, "begin a seccomp filter");
    result = fill(work, arch, otherwise, why);
    if (result == 0)
        result = export(work, ret, why);
    seccomp_release(work->context);
    return result;
}

/* Calls that are newer than the profile are told apart only where its silence means another errno,
   or death. */
static bool is_limited(const struct oci_seccomp *profile)
{
    switch (profile->default_action) {
    case OCI_SECCOMP_ACTION_ERRNO:
        return !(profile->has_default_errno_ret && profile->default_errno_ret == ENOSYS);
    case OCI_SECCOMP_ACTION_KILL:
    case OCI_SECCOMP_ACTION_KILL_THREAD:
    case OCI_SECCOMP_ACTION_KILL_PROCESS:
        return true;
    default:
        return false;
    }
}

/* To kill for a call that the profile could have named is what it asks for: only calls that this
   libseccomp has no name for are newer than it. */
static void extend_to_known(struct seccomp_arch *arch)
{
    /* On x86-64, 335 to 423 are no calls. */
    enum { GAP_MAX = 128 };

    for (int number = arch->newest + 1; arch->newest >= 0 && number <= arch->newest + GAP_MAX;
         number++) {
        char *name = seccomp_syscall_resolve_num_arch(arch->token, number);

        if (name)
            arch->newest = number;
        free(name);
    }
}

int seccomp_compile_profile(const struct oci_seccomp *profile, bool strict, const struct log *log,
                            struct seccomp_filter *ret, struct error *why)
{
    struct seccomp_work work = { .profile = profile, .log = log, .strict = strict };
    uint32_t otherwise = action_of(profile->default_action, profile->has_default_errno_ret,
                                   profile->default_errno_ret);
    autofree struct sock_filter *dispatch = calloc(SECCOMP_DISPATCH_MAX, sizeof *dispatch);
    unsigned n;

    if (dispatch == NULL)
        return fail(why, ENOMEM, "compile the filter");
    list_architectures(&work);
    ret->length = 0;
    for (unsigned i = 0; i < work.n_arch; i++)
        if (compile_arch(&work, &work.arch[i], otherwise, ret, why) < 0)
            return -1;
    for (unsigned i = 0; i < work.n_arch; i++)
        if (is_limited(profile) && profile->default_action != OCI_SECCOMP_ACTION_ERRNO)
            extend_to_known(&work.arch[i]);
    n = seccomp_dispatch(&work, is_limited(profile), dispatch);
    if (ret->length + n > SECCOMP_INSTRUCTIONS_MAX)
        return too_long(why);
    for (unsigned i = 0; i < work.n_arch; i++)
        if (work.arch[i].jump)
            dispatch[work.arch[i].jump].k = n + work.arch[i].begin - work.arch[i].jump - 1;
    memmove(ret->at + n, ret->at, ret->length * sizeof *ret->at);
    memcpy(ret->at, dispatch, n * sizeof *dispatch);
    ret->length += n;
    return 0;
}
