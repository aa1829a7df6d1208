// SPDX-License-Identifier: Apache-2.0
// What the pure checks of the process's sections accept and refuse (config.md, "process").
#include "check.h"
#include "sections/number-list.h"

// spec: ociVersion annotations
static void spec_version(void)
{
    accepts(spec_version_check, "{\"ociVersion\":\"1.0.0\"}", "1.0.0_is_accepted");
    accepts(spec_version_check, "{\"ociVersion\":\"1.3.0+dev\"}", "build_metadata_is_accepted");
    accepts(spec_version_check, "{\"ociVersion\":\"1.0.2-dev\"}", "a_pre_release_is_accepted");
    refuses(spec_version_check, "{\"ociVersion\":\"1.0\"}", "ociVersion", "two_parts_are_refused");
    refuses(spec_version_check, "{\"ociVersion\":\"1.00.0\"}", "ociVersion",
            "a_leading_zero_is_refused");
    refuses(spec_version_check, "{\"ociVersion\":\"v1.0.0\"}", "ociVersion", "a_v_is_refused");
    refuses(spec_version_check, "{\"ociVersion\":\"2.0.0\"}", "ociVersion", "version_2_is_refused");
    refuses(spec_version_check, "{\"ociVersion\":\"1.0.0\",\"annotations\":{\"\":\"x\"}}",
            "annotations", "an_empty_annotation_key_is_refused");
}

// spec: process.rlimits.*
static void rlimits(void)
{
    accepts(rlimits_check,
            PROCESS(",\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":1,\"hard\":2},"
                    "{\"type\":\"RLIMIT_CORE\",\"soft\":18446744073709551615,"
                    "\"hard\":18446744073709551615}]"),
            "infinity_is_accepted");
    refuses(rlimits_check,
            PROCESS(",\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":3,\"hard\":2}]"),
            "process.rlimits[0].soft", "soft_above_hard_is_refused");
    refuses(rlimits_check, PROCESS(",\"rlimits\":[{\"type\":\"RLIMIT_X\",\"soft\":1,\"hard\":2}]"),
            "process.rlimits[0].type", "an_unknown_limit_is_refused");
    refuses(rlimits_check,
            PROCESS(",\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":2},"
                    "{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":2}]"),
            "process.rlimits[1].type", "a_limit_given_twice_is_refused");
    (void)is_int((intmax_t)check_of(rlimits_check,
                                    PROCESS(",\"rlimits\":[{\"type\":\"X\",\"soft\":1,\"hard\":2},"
                                            "{\"type\":\"Y\",\"soft\":1,\"hard\":2}]"))
                     ->errors,
                 2, "all_problems_are_reported_at_once");
    accepts(rlimits_check, "{\"ociVersion\":\"1.0.0\"}", "no_process_is_no_problem");
}

static void user(void)
{
    accepts(user_check, PROCESS(""), "root_is_accepted");
    refuses(user_check,
            "{\"ociVersion\":\"1.0.0\",\"process\":{\"cwd\":\"/\",\"user\":{\"uid\":4294967295,"
            "\"gid\":0}}}",
            "process.user.uid", "the_kernels_no_change_is_no_uid");
    refuses(user_check,
            "{\"ociVersion\":\"1.0.0\",\"process\":{\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0,"
            "\"umask\":512}}}",
            "process.user.umask", "a_umask_above_0777_is_refused");
    refuses(user_check,
            "{\"ociVersion\":\"1.0.0\",\"process\":{\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0,"
            "\"additionalGids\":[1,4294967295]}}}",
            "process.user.additionalGids[1]", "a_group_that_is_none_is_refused");
}

static void program(void)
{
    accepts(program_check, PROCESS(",\"env\":[\"A=b\",\"A=\"]"), "an_empty_value_is_accepted");
    warns(program_check, PROCESS(",\"env\":[\"A\"]"), "process.env[0]",
          "a_variable_without_equals_sign_is_worth_a_warning");
    refuses(program_check,
            "{\"ociVersion\":\"1.0.0\",\"process\":{\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0}}}",
            "process.args", "no_program_is_refused");
    refuses(program_check,
            "{\"ociVersion\":\"1.0.0\",\"process\":{\"cwd\":\"tmp\",\"args\":[\"a\"],"
            "\"user\":{\"uid\":0,\"gid\":0}}}",
            "process.cwd", "a_relative_cwd_is_refused");
    refuses(program_check,
            "{\"ociVersion\":\"1.0.0\",\"process\":{\"cwd\":\"/\",\"args\":[\"\"],"
            "\"user\":{\"uid\":0,\"gid\":0}}}",
            "process.args[0]", "an_empty_program_name_is_refused");
    accepts(program_check, "{\"ociVersion\":\"1.0.0\"}", "create_needs_no_process");
}

static void capabilities(void)
{
    accepts(capabilities_check,
            PROCESS(",\"capabilities\":{\"bounding\":[\"CAP_KILL\"],\"permitted\":[\"CAP_KILL\"],"
                    "\"effective\":[\"CAP_KILL\"],\"inheritable\":[\"CAP_KILL\"],"
                    "\"ambient\":[\"CAP_KILL\"]}"),
            "a_consistent_set_is_accepted");
    warns(capabilities_check,
          PROCESS(",\"capabilities\":{\"bounding\":[\"CAP_KILL\",\"CAP_FLY\"]}"),
          "process.capabilities.bounding[1]", "an_unknown_capability_is_worth_a_warning");
    warns(capabilities_check, PROCESS(",\"capabilities\":{\"effective\":[\"CAP_KILL\"]}"),
          "process.capabilities.effective", "effective_above_permitted_is_worth_a_warning");
    warns(capabilities_check,
          PROCESS(",\"capabilities\":{\"permitted\":[\"CAP_KILL\"],\"ambient\":[\"CAP_KILL\"]}"),
          "process.capabilities.ambient", "ambient_above_inheritable_is_worth_a_warning");
}

// spec: process.oomScoreAdj
static void oom_score(void)
{
    accepts(oom_score_check, PROCESS(",\"oomScoreAdj\":-1000"), "minus_1000_is_accepted");
    refuses(oom_score_check, PROCESS(",\"oomScoreAdj\":1001"), "process.oomScoreAdj",
            "a_score_above_1000_is_refused");
}

// spec: process.scheduler.* process.execCPUAffinity.*
static void scheduler(void)
{
    accepts(scheduler_check,
            PROCESS(",\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":1,\"deadline\":2,"
                    "\"period\":2,\"flags\":[\"SCHED_FLAG_RESET_ON_FORK\"]}"),
            "a_deadline_is_accepted");
    refuses(scheduler_check,
            PROCESS(",\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":3,\"deadline\":2}"),
            "process.scheduler.runtime", "a_runtime_above_the_deadline_is_refused");
    refuses(scheduler_check, PROCESS(",\"scheduler\":{\"policy\":\"SCHED_FIFO\"}"),
            "process.scheduler.priority", "a_real_time_policy_needs_a_priority");
    refuses(scheduler_check, PROCESS(",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"priority\":1}"),
            "process.scheduler.priority", "the_usual_policy_takes_no_priority");
    refuses(scheduler_check, PROCESS(",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":20}"),
            "process.scheduler.nice", "a_nice_value_above_19_is_refused");
    refuses(scheduler_check, PROCESS(",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"runtime\":20}"),
            "process.scheduler", "a_runtime_needs_the_deadline_policy");
    accepts(scheduler_check, PROCESS(",\"execCPUAffinity\":{\"initial\":\"0-3,7\",\"final\":\"\"}"),
            "cpu_lists_are_accepted");
    refuses(scheduler_check, PROCESS(",\"execCPUAffinity\":{\"final\":\"3-1\"}"),
            "process.execCPUAffinity.final", "a_range_that_goes_down_is_refused");
}

// spec: process.ioPriority.*
static void io_priority(void)
{
    accepts(io_priority_check,
            PROCESS(",\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":7}"),
            "io_priority_7_is_accepted");
    refuses(io_priority_check,
            PROCESS(",\"ioPriority\":{\"class\":\"IOPRIO_CLASS_RT\",\"priority\":8}"),
            "process.ioPriority.priority", "io_priority_8_is_refused");
}

static void terminal(void)
{
    accepts(terminal_check, PROCESS(",\"consoleSize\":{\"height\":70000,\"width\":1}"),
            "without_a_terminal_its_size_means_nothing");
    refuses(terminal_check,
            PROCESS(",\"terminal\":true,\"consoleSize\":{\"height\":70000,\"width\":1}"),
            "process.consoleSize.height", "a_height_of_70000_is_refused");
}

// spec: process.apparmorProfile process.selinuxLabel
static void lsm(void)
{
    accepts(lsm_check, PROCESS(",\"apparmorProfile\":\"a b\",\"selinuxLabel\":\"u:r:t:s0\""),
            "a_profile_and_a_label_are_accepted");
    refuses(lsm_check, PROCESS(",\"apparmorProfile\":\"a\\nexec unconfined\""),
            "process.apparmorProfile", "a_line_end_in_a_profile_is_refused");
}

// spec: linux.personality.flags linux.memoryPolicy.*
static void of_linux(void)
{
    accepts(personality_check, LINUX("\"personality\":{\"domain\":\"LINUX32\"}"),
            "linux32_is_accepted");
    refuses(personality_check, LINUX("\"personality\":{\"domain\":\"LINUX\",\"flags\":[\"X\"]}"),
            "linux.personality.flags[0]", "a_personality_flag_is_refused");
    accepts(memory_policy_check, LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\"}"),
            "binding_to_a_node_is_accepted");
    refuses(memory_policy_check, LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\"}"),
            "linux.memoryPolicy.nodes", "binding_needs_nodes");
    refuses(memory_policy_check,
            LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_LOCAL\",\"nodes\":\"0\"}"),
            "linux.memoryPolicy.nodes", "local_takes_no_nodes");
    refuses(memory_policy_check,
            LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_INTERLEAVE\",\"nodes\":\"0-1\","
                  "\"flags\":[\"MPOL_F_STATIC_NODES\",\"MPOL_F_RELATIVE_NODES\"]}"),
            "linux.memoryPolicy.flags", "static_and_relative_exclude_each_other");
}

#define HOOK(members) \
    "{\"ociVersion\":\"1.0.0\",\"hooks\":{\"createRuntime\":[{\"path\":\"/a\"},{" members "}]}}"

static void hooks(void)
{
    accepts(hooks_check, HOOK("\"path\":\"/b\",\"timeout\":1"), "a_timeout_of_1_is_accepted");
    refuses(hooks_check, HOOK("\"path\":\"/b\",\"timeout\":0"), "hooks.createRuntime[1].timeout",
            "a_timeout_of_0_is_refused");
    refuses(hooks_check, HOOK("\"path\":\"b\""), "hooks.createRuntime[1].path",
            "a_relative_hook_is_refused");
}

#define SECCOMP(members) LINUX("\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"" members "}")

static void seccomp(void)
{
    accepts(seccomp_check,
            SECCOMP(",\"syscalls\":[{\"names\":[\"open\"],\"action\":\"SCMP_ACT_ERRNO\","
                    "\"errnoRet\":38}]"),
            "an_errno_is_accepted");
    refuses(seccomp_check, SECCOMP(",\"defaultErrnoRet\":1"), "linux.seccomp.defaultErrnoRet",
            "an_errno_for_allow_is_refused");
    refuses(seccomp_check,
            SECCOMP(",\"syscalls\":[{\"names\":[\"open\"],\"action\":\"SCMP_ACT_KILL\","
                    "\"errnoRet\":38}]"),
            "linux.seccomp.syscalls[0].errnoRet", "an_errno_for_kill_is_refused");
    refuses(seccomp_check,
            SECCOMP(",\"syscalls\":[{\"names\":[\"open\"],\"action\":\"SCMP_ACT_KILL\","
                    "\"args\":[{\"index\":6,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]}]"),
            "linux.seccomp.syscalls[0].args[0].index", "a_seventh_argument_is_refused");
    refuses(seccomp_check, SECCOMP(",\"listenerMetadata\":\"x\""), "linux.seccomp.listenerMetadata",
            "metadata_without_a_path_is_refused");
    refuses(seccomp_check,
            SECCOMP(",\"syscalls\":[{\"names\":[\"open\"],\"action\":\"SCMP_ACT_NOTIFY\"}]"),
            "linux.seccomp.listenerPath", "notify_without_a_path_is_refused");
}

static void number_list(void)
{
    struct number_list list;

    ok(number_list_parse("0-2,64", &list) && list.word[0] == 7 &&
           (list.word[64 / NUMBER_LIST_WORD] >> 64 % NUMBER_LIST_WORD & 1),
       "ranges_and_numbers_become_bits");
    ok(!number_list_parse("1,", &list), "a_comma_at_the_end_is_refused");
    ok(!number_list_parse("-1", &list), "a_sign_is_refused");
    ok(!number_list_parse("99999999999999999999", &list), "a_huge_number_is_refused");
    ok(!number_list_parse("1 ", &list), "a_space_is_refused");
}

int main(void)
{
    spec_version();
    rlimits();
    user();
    program();
    capabilities();
    oom_score();
    scheduler();
    io_priority();
    terminal();
    lsm();
    of_linux();
    hooks();
    seccomp();
    number_list();
    arena_free(&check_arena);
    return done_testing();
}
