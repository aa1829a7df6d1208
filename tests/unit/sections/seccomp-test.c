// SPDX-License-Identifier: Apache-2.0
// Profiles become filters that the kernel takes and that do what they say (config-linux.md,
// "seccomp").
#include "check.h"
#include "sections/seccomp.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct seccomp_filter *filter;

static int compile(const char *json, bool strict, struct error *why)
{
    memset(filter, 0, offsetof(struct seccomp_filter, message));
    filter->agent = -1;
    return seccomp_compile_profile(config_of(json)->linux->seccomp, strict, NULL, filter, why);
}

/* In a process of its own, under the filter or under none: 0 or the errno of TRY, or -signal. */
static int in_child(struct seccomp_filter *under, long (*try)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        struct container c = { .seccomp = under };
        struct error why;

        if (under != NULL &&
            (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || seccomp_install_late(&c, &why) < 0))
            _exit(255);
        /* Not _exit: a sanitizer would have more to do there than the filter allows. */
        (void)syscall(SYS_exit_group, try() < 0 ? errno : 0);
    }
    (void)waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static long try_getppid(void)
{
    return syscall(SYS_getppid);
}

static long try_future(void)
{
    return syscall(60000);
}

/* Newer than any exit, known to each libseccomp. */
static long try_newer(void)
{
    return syscall(SYS_openat2);
}

static long try_personality_0(void)
{
    return syscall(SYS_personality, 0);
}

static long try_personality_8(void)
{
    return syscall(SYS_personality, 8);
}

static void is_under(const char *json, long (*try)(void), int wanted, const char *name)
{
    struct error why;

    if (!ok(compile(json, false, &why) == 0, name))
        printf("# %s: %s\n", why.pointer, why.text);
    else
        (void)is_int(in_child(filter, try), wanted, "  ... as the kernel sees it");
}

#define PROFILE(members) LINUX("\"seccomp\":{" members "}")
#define ALLOW_ALL        "\"defaultAction\":\"SCMP_ACT_ALLOW\""
#define EXITS            "{\"names\":[\"exit_group\",\"exit\"],\"action\":\"SCMP_ACT_ALLOW\"}"

// spec: linux.seccomp.syscalls.action linux.seccomp.flags linux.seccomp.syscalls.errnoRet
static void actions(void)
{
    is_under(PROFILE(ALLOW_ALL ",\"syscalls\":[{\"names\":[\"getppid\"],"
                               "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":77}]"),
             try_getppid, 77, "the_errno_asked_for_is_returned");
    is_under(PROFILE(ALLOW_ALL ",\"syscalls\":[{\"names\":[\"getppid\"],"
                               "\"action\":\"SCMP_ACT_ERRNO\"}]"),
             try_getppid, EPERM, "without_one_it_is_eperm");
    is_under(PROFILE(ALLOW_ALL ",\"syscalls\":[{\"names\":[\"getppid\"],"
                               "\"action\":\"SCMP_ACT_KILL_PROCESS\"}]"),
             try_getppid, -SIGSYS, "kill_process_kills");
    is_under(PROFILE(ALLOW_ALL ",\"syscalls\":[{\"names\":[\"getppid\"],"
                               "\"action\":\"SCMP_ACT_TRAP\"}]"),
             try_getppid, -SIGSYS, "trap_traps");
    is_under(PROFILE(ALLOW_ALL ",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"syscalls\":[{\"names\":"
                               "[\"getppid\"],\"action\":\"SCMP_ACT_LOG\"}]"),
             try_getppid, 0, "log_lets_it_pass");
}

// spec: linux.seccomp.syscalls.args.*
static void arguments(void)
{
#define WHERE(op, value, two)                                                                      \
    PROFILE(ALLOW_ALL ",\"syscalls\":[{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ERRNO\"," \
                      "\"errnoRet\":77,\"args\":[{\"index\":0,\"value\":" value                    \
                      ",\"valueTwo\":" two ",\"op\":\"SCMP_CMP_" op "\"}]}]")
    is_under(WHERE("EQ", "8", "0"), try_personality_8, 77, "eq_hits_its_value");
    is_under(WHERE("EQ", "8", "0"), try_personality_0, 0, "eq_leaves_others");
    is_under(WHERE("NE", "8", "0"), try_personality_0, 77, "ne_hits_others");
    is_under(WHERE("LT", "8", "0"), try_personality_8, 0, "lt_leaves_its_value");
    is_under(WHERE("LE", "8", "0"), try_personality_8, 77, "le_hits_its_value");
    is_under(WHERE("GE", "8", "0"), try_personality_0, 0, "ge_leaves_what_is_below");
    is_under(WHERE("GT", "7", "0"), try_personality_8, 77, "gt_hits_what_is_above");
    is_under(WHERE("MASKED_EQ", "12", "8"), try_personality_8, 77, "masked_eq_looks_at_the_mask");
    is_under(WHERE("MASKED_EQ", "4", "4"), try_personality_8, 0, "masked_eq_leaves_others");
    is_under(PROFILE(ALLOW_ALL ",\"syscalls\":[{\"names\":[\"personality\"],\"action\":"
                               "\"SCMP_ACT_ERRNO\",\"args\":["
                               "{\"index\":0,\"value\":8,\"op\":\"SCMP_CMP_EQ\"},"
                               "{\"index\":0,\"value\":9,\"op\":\"SCMP_CMP_EQ\"}]}]"),
             try_personality_8, EPERM, "conditions_on_one_argument_are_alternatives");
}

// spec: linux.seccomp.defaultErrnoRet
static void newer_calls(void)
{
    is_under(PROFILE("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" EXITS "]"), try_future,
             ENOSYS, "a_call_newer_than_the_profile_does_not_exist");
    is_under(PROFILE("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" EXITS "]"), try_getppid,
             EPERM, "an_older_one_is_denied");
    is_under(PROFILE("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86\","
                     "\"SCMP_ARCH_X32\",\"SCMP_ARCH_AARCH64\"],\"syscalls\":[" EXITS "]"),
             try_future, ENOSYS, "so_with_several_architectures");
    is_under(PROFILE("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":5,\"syscalls\":"
                     "[" EXITS "]"),
             try_getppid, 5, "the_default_errno_is_returned");
    is_under(PROFILE("\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":[" EXITS "]"),
             try_future, ENOSYS, "a_call_that_nobody_could_name_is_no_reason_to_kill");
    is_under(PROFILE("\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":[" EXITS "]"),
             try_newer, -SIGSYS, "one_that_the_profile_could_have_named_is");
    is_under(PROFILE("\"defaultAction\":\"SCMP_ACT_TRAP\",\"syscalls\":[" EXITS "]"), try_future,
             -SIGSYS, "other_default_actions_hold_for_all_calls");
}

#ifdef __x86_64__
/* getppid by the 32-bit entry; answers -errno. */
static long try_i386(void)
{
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(64L) : "memory");
    return (int)result < 0 ? (errno = -(int)result, -1) : 0;
}

static long try_x32(void)
{
    return syscall(0x40000000 | SYS_getppid);
}

/* A kernel without IA32 emulation, and some hypervisors, answer that entry with SIGSEGV. */
static void is_under_on_i386(const char *json, int wanted, const char *name)
{
    if (in_child(NULL, try_i386) == 0)
        is_under(json, try_i386, wanted, name);
    else
        skip(name, "this host runs no 32-bit system calls");
}

// spec: linux.seccomp.architectures
static void architectures(void)
{
#define BOTH                                                                        \
    PROFILE(ALLOW_ALL ",\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"," \
                      "\"SCMP_ARCH_X32\"],\"syscalls\":[{\"names\":[\"getppid\"],"  \
                      "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":77}]")
    is_under(BOTH, try_getppid, 77, "several_architectures_are_one_filter");
    is_under(BOTH, try_x32, 77, "the_numbers_of_x32_are_its_own");
    is_under_on_i386(BOTH, 77, "the_numbers_of_i386_are_its_own");
    is_under_on_i386(PROFILE(ALLOW_ALL), -SIGSYS, "i386_is_killed_unless_it_is_named");
    is_under(PROFILE(ALLOW_ALL), try_x32, -SIGSYS, "x32_is_killed_unless_it_is_named");
}
#else
static void architectures(void)
{
}
#endif

static long try_mseal(void)
{
    return syscall(462, 1, 0, 0);
}

static long try_file_getattr(void)
{
    return syscall(468, -1, "", 0, 0, 0);
}

// Newer than this libseccomp may be; the kernel answers EINVAL, EBADF or ENOSYS by itself.
static void newest_calls(void)
{
    static const char deny[] =
        PROFILE(ALLOW_ALL ",\"architectures\":[\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\","
                          "\"SCMP_ARCH_AARCH64\",\"SCMP_ARCH_MIPSEL64\"],\"syscalls\":[{\"names\":"
                          "[\"mseal\",\"listmount\",\"file_getattr\",\"getppid\"],"
                          "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":95}]");
    static const char only_some[] = PROFILE(
        ALLOW_ALL ",\"syscalls\":[{\"names\":[\"mseal\"],\"action\":\"SCMP_ACT_ERRNO\","
                  "\"errnoRet\":95,\"args\":[{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]},"
                  "{\"names\":[\"file_getattr\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":95,"
                  "\"args\":[{\"index\":0,\"value\":7,\"op\":\"SCMP_CMP_EQ\"}]}]");
    struct error why = { 0 };

    ok(compile(deny, true, &why) == 0, "calls_that_libseccomp_may_not_know_are_known");
    (void)is_int(in_child(filter, try_mseal), 95, "mseal_is_denied");
    (void)is_int(in_child(filter, try_file_getattr), 95, "file_getattr_is_denied");
    (void)is_int(in_child(filter, try_getppid), 95, "and_so_is_an_old_call");
    (void)is_int(in_child(filter, try_future), ENOSYS, "one_that_is_not_named_is_not");
    ok(compile(only_some, true, &why) == 0, "they_may_have_conditions");
    (void)is_int(in_child(filter, try_mseal), 95, "that_hold");
    ok(in_child(filter, try_file_getattr) != 95, "or_do_not");
}

static void unknown_names(void)
{
    static const char json[] = PROFILE(ALLOW_ALL ",\"syscalls\":[{\"names\":[\"no_such_call\"],"
                                                 "\"action\":\"SCMP_ACT_ERRNO\"}]");
    struct error why = { 0 };

    ok(compile(json, false, &why) == 0, "an_unknown_call_is_left_out");
    ok(compile(json, true, &why) < 0, "when_strict_it_is_an_error");
    (void)is_str(why.pointer, "linux.seccomp.syscalls[0].names[0]", "  ... that says where");
}

int main(void)
{
    filter = mmap(NULL, sizeof *filter, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (filter == MAP_FAILED)
        return 1;
    actions();
    arguments();
    newer_calls();
    architectures();
    newest_calls();
    unknown_names();
    arena_free(&check_arena);
    return done_testing();
}
