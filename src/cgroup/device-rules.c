// SPDX-License-Identifier: Apache-2.0
/* linux.resources.devices as lines of devices.allow and devices.deny (v1) and as an eBPF program
 * (v2). */
#include "cgroup/device-rules.h"
#include "base/own.h"
#include "kernel/bpf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { ANY = -1 };
enum { MKNOD = BPF_DEVCG_ACC_MKNOD, READ = BPF_DEVCG_ACC_READ, WRITE = BPF_DEVCG_ACC_WRITE };
enum { ALL = MKNOD | READ | WRITE };

const struct oci_device_rule *device_rules_default(size_t *ret_n)
{
#define NODE(type_, major_, minor_, access_)                                                    \
    {                                                                                           \
        .allow = true, .has_type = true, .type = OCI_DEVICE_RULE_TYPE_##type_, .major = major_, \
        .has_major = major_ >= 0, .minor = minor_, .has_minor = minor_ >= 0, .access = access_, \
    }
    static const struct oci_device_rule rules[] = {
        NODE(C, ANY, ANY, "m"),
        NODE(B, ANY, ANY, "m"),   /* a node that may not be opened is harmless */
        NODE(C, 1, 3, "rwm"),     /* null */
        NODE(C, 1, 5, "rwm"),     /* zero */
        NODE(C, 1, 7, "rwm"),     /* full */
        NODE(C, 1, 8, "rwm"),     /* random */
        NODE(C, 1, 9, "rwm"),     /* urandom */
        NODE(C, 5, 0, "rwm"),     /* tty */
        NODE(C, 5, 2, "rwm"),     /* ptmx */
        NODE(C, 136, ANY, "rwm"), /* pts */
    };
#undef NODE

    *ret_n = sizeof rules / sizeof rules[0];
    return rules;
}

/* A rule without the spec's ways to leave things out. */
struct rule {
    bool allow;
    char type; /* 'a', 'b', 'c' */
    int64_t major, minor;
    unsigned access;
};

static unsigned access_of(const char *letters)
{
    unsigned access = 0;

    if (letters == NULL || letters[0] == 0)
        return ALL;
    for (; *letters; letters++)
        access |= *letters == 'r' ? READ : *letters == 'w' ? WRITE : *letters == 'm' ? MKNOD : 0;
    return access;
}

static struct rule rule_of(const struct oci_device_rule *rule)
{
    bool is_char = rule->type == OCI_DEVICE_RULE_TYPE_C || rule->type == OCI_DEVICE_RULE_TYPE_U;

    return (struct rule){
        .allow = rule->allow,
        .type = !rule->has_type || rule->type == OCI_DEVICE_RULE_TYPE_A ? 'a'
                : is_char                                               ? 'c'
                                                                        : 'b',
        .major = rule->has_major && rule->major >= 0 ? rule->major : ANY,
        .minor = rule->has_minor && rule->minor >= 0 ? rule->minor : ANY,
        .access = access_of(rule->access),
    };
}

static bool is_everything(const struct rule *rule)
{
    return rule->type == 'a' && rule->major == ANY && rule->minor == ANY && rule->access == ALL;
}

/* --- v1: a default and exceptions from it. The kernel does not split an exception: we work the
 * final list out first --- */

struct exceptions {
    bool allow; /* the default; the exceptions say the opposite */
    size_t n, room;
    struct rule *at;
};

static bool covers(const struct rule *wide, const struct rule *narrow)
{
    return wide->type == narrow->type && (wide->major == ANY || wide->major == narrow->major) &&
           (wide->minor == ANY || wide->minor == narrow->minor);
}

static bool overlaps(const struct rule *one, const struct rule *other)
{
    return one->type == other->type &&
           (one->major == ANY || other->major == ANY || one->major == other->major) &&
           (one->minor == ANY || other->minor == ANY || one->minor == other->minor);
}

static int exceptions_add(struct exceptions *to, const struct rule *rule)
{
    for (size_t i = 0; i < to->n; i++)
        if (covers(&to->at[i], rule) && covers(rule, &to->at[i])) {
            to->at[i].access |= rule->access;
            return 0;
        }
    if (to->n == to->room) {
        size_t room = to->room ? 2 * to->room : 32;
        struct rule *more = realloc(to->at, room * sizeof *more);

        if (more == NULL)
            return -1;
        to->at = more;
        to->room = room;
    }
    to->at[to->n++] = *rule;
    return 0;
}

/* RULE says what the default says: less of the exceptions is left. EDOM: part of one would be,
 * which v1 cannot say. */
static int exceptions_remove(struct exceptions *from, const struct rule *rule)
{
    size_t kept = 0;

    for (size_t i = 0; i < from->n; i++) {
        struct rule exception = from->at[i];

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

static int exceptions_take(struct exceptions *to, struct rule rule)
{
    if (is_everything(&rule)) {
        to->allow = rule.allow;
        to->n = 0;
        return 0;
    }
    if (rule.type == 'a') {
        rule.type = 'b';
        if (exceptions_take(to, rule) < 0)
            return -1;
        rule.type = 'c';
    }
    return rule.allow == to->allow ? exceptions_remove(to, &rule) : exceptions_add(to, &rule);
}

static int exceptions_write(struct writing *to, const struct exceptions *all)
{
    const char *file = all->allow ? "devices.deny" : "devices.allow";

    if (writing_put(to, all->allow ? "devices.allow" : "devices.deny", "a") < 0)
        return -1;
    for (size_t i = 0; i < all->n; i++) {
        const struct rule *rule = &all->at[i];
        char major[24] = "*", minor[24] = "*";

        if (rule->major != ANY)
            (void)snprintf(major, sizeof major, "%" PRId64, rule->major);
        if (rule->minor != ANY)
            (void)snprintf(minor, sizeof minor, "%" PRId64, rule->minor);
        if (writing_putf(to, file, "%c %s:%s %s%s%s", rule->type, major, minor,
                         rule->access & READ ? "r" : "", rule->access & WRITE ? "w" : "",
                         rule->access & MKNOD ? "m" : "") < 0)
            return -1;
    }
    return 0;
}

/* In a user namespace nobody can make a device node, or open one that the host's permissions keep
   from him: where we may not set rules, none are needed. PROC_USER_INIT_INO is the initial one's
   inode number. */
static bool is_in_user_namespace(void)
{
    struct stat st;

    return stat("/proc/self/ns/user", &st) == 0 && st.st_ino != 0xEFFFFFFDU;
}

static int forgive(int rc)
{
    return rc < 0 && (errno == EPERM || errno == EACCES) && is_in_user_namespace() ? 0 : rc;
}

static int take_rules(struct writing *to, struct exceptions *all,
                      const struct oci_device_rule_list *rules)
{
    size_t n;
    const struct oci_device_rule *defaults = device_rules_default(&n);

    (void)snprintf(to->file, sizeof to->file, "devices.deny");
    for (size_t i = 0; i < rules->n; i++) {
        to->index = (ssize_t)i;
        (void)snprintf(to->value, sizeof to->value, "a rule that takes back part of a wider one");
        if (exceptions_take(all, rule_of(&rules->at[i])) < 0)
            return -1;
    }
    to->index = -1;
    for (size_t i = 0; i < n; i++)
        if (exceptions_take(all, rule_of(&defaults[i])) < 0 && errno != EDOM)
            return -1;
    return 0;
}

int device_rules_write(struct writing *to, const struct oci_device_rule_list *rules)
{
    struct exceptions all = { .allow = false };
    int rc = take_rules(to, &all, rules);

    if (rc == 0)
        rc = forgive(exceptions_write(to, &all));
    free(all.at);
    return rc;
}

/* --- v2 --- */

/* Per rule at most 3 comparisons, 3 instructions about its access, 2 that return. */
enum { PER_RULE = 8, FRAME = 7 };

struct program {
    struct bpf_insn *out;
    size_t n, room;
};

static void emit(struct program *to, unsigned code, unsigned dst, unsigned src, int offset, int imm)
{
    if (to->n < to->room)
        to->out[to->n] = (struct bpf_insn){
            .code = (uint8_t)code,
            .dst_reg = dst & 15,
            .src_reg = src & 15,
            .off = (int16_t)offset,
            .imm = imm,
        };
    to->n++;
}

enum { TYPE = BPF_REG_3, WANTED = BPF_REG_2, MAJOR = BPF_REG_4, MINOR = BPF_REG_5 };

static void emit_return(struct program *to, int value)
{
    emit(to, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, value);
    emit(to, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void emit_load(struct program *to, unsigned reg, size_t offset)
{
    emit(to, BPF_LDX | BPF_MEM | BPF_W, reg, BPF_REG_1, (int)offset, 0);
}

/* WANTED holds what no later rule has allowed yet. True: whatever was asked for, this rule decides.
 */
static bool emit_rule(struct program *to, const struct rule *rule)
{
    unsigned tests = (rule->type != 'a') + (rule->major != ANY) + (rule->minor != ANY);
    unsigned act = rule->access == ALL ? 0 : rule->allow ? 2 : 3;
    /* Each test jumps over the rest of its rule. */
    int over = (int)(tests + act + 2);

    if (rule->type != 'a')
        emit(to, BPF_JMP | BPF_JNE | BPF_K, TYPE, 0, --over,
             rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
    if (rule->major != ANY)
        emit(to, BPF_JMP | BPF_JNE | BPF_K, MAJOR, 0, --over, (int)rule->major);
    if (rule->minor != ANY)
        emit(to, BPF_JMP | BPF_JNE | BPF_K, MINOR, 0, --over, (int)rule->minor);
    if (rule->access != ALL && rule->allow) {
        emit(to, BPF_ALU | BPF_AND | BPF_K, WANTED, 0, 0, (int)(~rule->access & ALL));
        emit(to, BPF_JMP | BPF_JNE | BPF_K, WANTED, 0, 2, 0);
    } else if (rule->access != ALL) {
        /* jump over the return unless one of them is wanted */
        emit(to, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, WANTED, 0, 0);
        emit(to, BPF_ALU | BPF_AND | BPF_K, BPF_REG_6, 0, 0, (int)rule->access);
        emit(to, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_6, 0, 2, 0);
    }
    emit_return(to, rule->allow);
    return tests == 0 && rule->access == ALL;
}

size_t device_rules_compile(const struct oci_device_rule_list *rules, struct bpf_insn *out,
                            size_t room)
{
    struct program to = { out, 0, room };
    size_t n;
    const struct oci_device_rule *defaults = device_rules_default(&n);
    bool is_decided = false;

    emit_load(&to, WANTED, offsetof(struct bpf_cgroup_dev_ctx, access_type));
    emit(&to, BPF_ALU64 | BPF_MOV | BPF_X, TYPE, WANTED, 0, 0);
    emit(&to, BPF_ALU | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
    emit(&to, BPF_ALU | BPF_RSH | BPF_K, WANTED, 0, 0, 16);
    emit_load(&to, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
    emit_load(&to, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));

    /* The last rule that speaks about a kind of access decides: so the last one comes first. What
       follows a rule that always decides is never reached, and the verifier refuses such code. */
    for (size_t i = n + rules->n; i > 0 && !is_decided; i--) {
        struct rule rule = rule_of(i > rules->n ? &defaults[i - rules->n - 1] : &rules->at[i - 1]);

        is_decided = emit_rule(&to, &rule);
    }
    if (!is_decided)
        emit_return(&to, 0);
    return to.n <= room ? to.n : 0;
}

int device_rules_attach(struct writing *to, const struct oci_device_rule_list *rules)
{
    size_t n_defaults, n;

    (void)device_rules_default(&n_defaults);

    size_t room = FRAME + 2 + PER_RULE * (rules->n + n_defaults);
    autofree struct bpf_insn *program = calloc(room, sizeof *program);

    if (program == NULL)
        return -1;
    (void)snprintf(to->file, sizeof to->file, "its device program");
    n = device_rules_compile(rules, program, room);
    (void)snprintf(to->value, sizeof to->value, "%zu instructions", n);
    if (to->print) {
        to->print(to->context, "bpf(BPF_CGROUP_DEVICE)", to->value);
        return 0;
    }

    autoclose int fd = bpf_load_device_program(program, n);
    int folder = writing_folder(to);

    return forgive(fd < 0 || folder < 0 ? -1 : bpf_attach_device_program(folder, fd));
}
