// SPDX-License-Identifier: Apache-2.0
/* linux.resources.devices as lines of devices.allow and devices.deny (v1) and as an eBPF program
 * (v2). */
#include "cgroup/limits/device-rules.h"
#include "base/io.h"
#include "base/log.h"
#include "base/own.h"
#include "cgroup/folder.h"
#include "cgroup/limits/device-exceptions.h"
#include "kernel/bpf.h"
#include "kernel/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { LIST_MAX = 4 << 20 };

const struct oci_device_rule *device_rules_default(size_t *ret_n)
{
#define NODE(type_, major_, minor_, access_)                                                    \
    {                                                                                           \
        .allow = true, .has_type = true, .type = OCI_DEVICE_RULE_TYPE_##type_, .major = major_, \
        .has_major = major_ >= 0, .minor = minor_, .has_minor = minor_ >= 0, .access = access_, \
    }
    static const struct oci_device_rule rules[] = {
        NODE(C, DEVICE_ANY, DEVICE_ANY, "m"),
        NODE(B, DEVICE_ANY, DEVICE_ANY, "m"), /* a node that may not be opened is harmless */
        NODE(C, 1, 3, "rwm"),                 /* null */
        NODE(C, 1, 5, "rwm"),                 /* zero */
        NODE(C, 1, 7, "rwm"),                 /* full */
        NODE(C, 1, 8, "rwm"),                 /* random */
        NODE(C, 1, 9, "rwm"),                 /* urandom */
        NODE(C, 5, 0, "rwm"),                 /* tty */
        NODE(C, 5, 2, "rwm"),                 /* ptmx */
        NODE(C, 136, DEVICE_ANY, "rwm"),      /* pts */
    };
#undef NODE

    *ret_n = sizeof rules / sizeof rules[0];
    return rules;
}

static unsigned access_of(const char *letters)
{
    unsigned access = 0;

    if (letters == NULL || letters[0] == 0)
        return DEVICE_ALL;
    for (; *letters; letters++)
        access |= *letters == 'r'   ? DEVICE_READ
                  : *letters == 'w' ? DEVICE_WRITE
                  : *letters == 'm' ? DEVICE_MKNOD
                                    : 0;
    return access;
}

static struct device_rule rule_of(const struct oci_device_rule *rule)
{
    bool is_char = rule->type == OCI_DEVICE_RULE_TYPE_C || rule->type == OCI_DEVICE_RULE_TYPE_U;

    return (struct device_rule){
        .allow = rule->allow,
        .type = !rule->has_type || rule->type == OCI_DEVICE_RULE_TYPE_A ? 'a'
                : is_char                                               ? 'c'
                                                                        : 'b',
        .major = rule->has_major && rule->major >= 0 ? rule->major : DEVICE_ANY,
        .minor = rule->has_minor && rule->minor >= 0 ? rule->minor : DEVICE_ANY,
        .access = access_of(rule->access),
    };
}

bool device_rules_are_equal(const struct oci_device_rule_list *a,
                            const struct oci_device_rule_list *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        struct device_rule one = rule_of(&a->at[i]), other = rule_of(&b->at[i]);

        if (one.allow != other.allow || one.type != other.type || one.major != other.major ||
            one.minor != other.minor || one.access != other.access)
            return false;
    }
    return true;
}

/* --- v1 --- */

/* Without the rights of the host's root a container can neither make a device node nor open one
   that the host's permissions close to it: where we may not set rules, none are needed. */
static int forgive(const struct writing *to, int rc)
{
    bool is_denied = rc < 0 && (errno == EPERM || errno == EACCES);

    if (!is_denied || userns_caller_is_root())
        return rc;
    if (to->log)
        log_debug(to->log,
                  "linux.resources.devices: not set: a user may set none, and makes no nodes");
    return 0;
}

static int take_rules(struct writing *to, struct device_exceptions *all,
                      const struct oci_device_rule_list *rules)
{
    size_t n;
    const struct oci_device_rule *defaults = device_rules_default(&n);

    for (size_t i = 0; i < rules->n; i++) {
        struct device_rule rule = rule_of(&rules->at[i]);

        to->index = (ssize_t)i;
        if (device_exceptions_take(all, rule) == 0)
            continue;
        if (errno == EDOM) {
            char line[DEVICE_LINE];

            device_exceptions_line(line, &rule);
            writing_name(to, rule.allow ? "devices.allow" : "devices.deny", line);
            (void)snprintf(to->reason, sizeof to->reason,
                           "it takes back part of a wider rule, which cgroup v1 cannot say");
        }
        return -1;
    }
    to->index = -1;
    for (size_t i = 0; i < n; i++)
        if (device_exceptions_take(all, rule_of(&defaults[i])) < 0 && errno != EDOM)
            return -1;
    return 0;
}

/* What the cgroup has now: of denied devices devices.list tells nothing, but the rules in force do.
 */
static int look(struct writing *to, struct device_exceptions *held)
{
    int folder = writing_folder(to);
    autoclose int fd =
        folder < 0 ? -1 : openat(folder, "devices.list", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    size_t length;
    struct error why;
    autofree char *list = fd < 0 ? NULL : io_read_fd(fd, "devices.list", LIST_MAX, &length, &why);

    if (list == NULL)
        return -1;
    if (device_exceptions_parse(held, list) < 0 || !held->allow)
        return held->allow ? -1 : 0;
    return take_rules(to, held, to->cgroup->devices_held);
}

static int change_rules(struct writing *to, const struct device_exceptions *all)
{
    struct device_exceptions held = { .allow = false };
    bool is_known = to->cgroup->devices_held && look(to, &held) == 0 && held.allow == all->allow;
    int rc = is_known ? device_exceptions_change(to, &held, all) : device_exceptions_write(to, all);

    free(held.at);
    return rc;
}

int device_rules_write(struct writing *to, const struct oci_device_rule_list *rules)
{
    struct device_exceptions all = { .allow = false };
    int rc = take_rules(to, &all, rules);

    if (rc == 0)
        rc = forgive(to, change_rules(to, &all));
    free(all.at);
    return rc;
}

bool device_rules_change_default(const struct cgroup *cgroup,
                                 const struct oci_device_rule_list *rules)
{
    struct device_exceptions all = { .allow = false };
    struct writing w;
    char list[8];

    writing_begin(&w, cgroup, NULL);

    bool is_known = writing_locate(&w, CONTROLLER_DEVICES) && !w.is_v2 && writing_folder(&w) >= 0 &&
                    folder_read(writing_folder(&w), "devices.list", list, sizeof list) >= 0 &&
                    take_rules(&w, &all, rules) == 0;

    writing_end(&w);
    free(all.at);
    return is_known && all.allow != (list[0] == 'a');
}

int device_rules_visit(const struct oci_device_rule_list *rules, bool *ret_allow,
                       device_visit *visit, void *context)
{
    struct device_exceptions all = { .allow = false };
    struct writing unused = { .index = -1 };
    int rc = take_rules(&unused, &all, rules);

    *ret_allow = all.allow;
    for (size_t i = 0; rc == 0 && i < all.n; i++) {
        const struct device_rule *rule = &all.at[i];
        struct device_exception one = { rule->type, rule->major, rule->minor, "" };

        device_exceptions_letters(one.access, rule->access);
        rc = visit(context, &one) ? 0 : -1;
    }
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
static bool emit_rule(struct program *to, const struct device_rule *rule)
{
    unsigned tests =
        (rule->type != 'a') + (rule->major != DEVICE_ANY) + (rule->minor != DEVICE_ANY);
    unsigned act = rule->access == DEVICE_ALL ? 0 : rule->allow ? 2 : 3;
    /* Each test jumps over the rest of its rule. */
    int over = (int)(tests + act + 2);

    if (rule->type != 'a')
        emit(to, BPF_JMP | BPF_JNE | BPF_K, TYPE, 0, --over,
             rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
    if (rule->major != DEVICE_ANY)
        emit(to, BPF_JMP | BPF_JNE | BPF_K, MAJOR, 0, --over, (int)rule->major);
    if (rule->minor != DEVICE_ANY)
        emit(to, BPF_JMP | BPF_JNE | BPF_K, MINOR, 0, --over, (int)rule->minor);
    if (rule->access != DEVICE_ALL && rule->allow) {
        emit(to, BPF_ALU | BPF_AND | BPF_K, WANTED, 0, 0, (int)(~rule->access & DEVICE_ALL));
        emit(to, BPF_JMP | BPF_JNE | BPF_K, WANTED, 0, 2, 0);
    } else if (rule->access != DEVICE_ALL) {
        /* jump over the return unless one of them is wanted */
        emit(to, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, WANTED, 0, 0);
        emit(to, BPF_ALU | BPF_AND | BPF_K, BPF_REG_6, 0, 0, (int)rule->access);
        emit(to, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_6, 0, 2, 0);
    }
    emit_return(to, rule->allow);
    return tests == 0 && rule->access == DEVICE_ALL;
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
        struct device_rule rule =
            rule_of(i > rules->n ? &defaults[i - rules->n - 1] : &rules->at[i - 1]);

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

    if (fd < 0 || folder < 0)
        return forgive(to, -1);
    /* A rehearsal: the kernel has verified it. */
    return to->journal ? 0 : forgive(to, bpf_attach_device_program(folder, fd));
}
