#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.scheduler, ioPriority and execCPUAffinity, linux.personality.

load ../lib/bundle

# spec: process.scheduler.policy process.scheduler.nice process.ioPriority.class process.ioPriority.priority
@test "policy, nice value and I/O priority are set" {
    local nice

    # setpriority(2): an ordinary user may not go below the value that it has.
    nice=$(nice)
    [ "$nice" -gt 5 ] || nice=5
    edit_config '.process.scheduler = {policy: "SCHED_BATCH", nice: $nice}
        | .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}' --argjson nice "$nice"
    run_container sched
    [[ $output == *SCHED_BATCH* && $output == *"nice $nice"* ]] || fail "got: $output"
    [[ $output == *6* ]] || fail "got: $output"
}

# config.md, "Linux Process", scheduler: the kernel takes these flags with a structure that has room for their values only
# (sched_setattr(2)), and not where it is built without CONFIG_UCLAMP_TASK, as most are.
# spec: process.scheduler.flags
@test "utilization is clamped, or the kernel does not do it" {
    edit_config '.process.scheduler = {policy: "SCHED_OTHER",
        flags: ["SCHED_FLAG_UTIL_CLAMP_MIN", "SCHED_FLAG_UTIL_CLAMP_MAX"]}'
    run_container true
    [ "$status" -eq 0 ] || expect_error "process.scheduler" "Operation not supported" CONFIG_UCLAMP_TASK
}

# spec: linux.personality.domain
@test "the personality is set" {
    edit_config '.linux.personality = {domain: "LINUX32"}'
    run_container personality
    [[ $output == *8 ]] || fail "got: $output"
}

# spec: process.execCPUAffinity.initial process.execCPUAffinity.final
@test "exec runs on the cpus it asks for" {
    start_idle
    jq '.process | .args = ["/bin/probe", "sched"] | .execCPUAffinity = {initial: "0", final: "0"}' \
        "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
    run zind exec --process "$BATS_TEST_TMPDIR/process.json" "$CONTAINER"
    [[ $output == *"cpus 0"* ]] || fail "got: $output"
    [[ $output != *"cpus 0-"* ]] || fail "got: $output"
}

# Customary: a caller that is bound to some cpus, as services are, does not bind containers.
@test "the caller's cpus are not the container's" {
    [ "$(nproc)" -gt 1 ] || skip "needs two cpus"
    set_args /bin/probe pause
    # Not by bats' run, which would wait for the container to close its output.
    taskset -c 0 "$ZIND_OCI" --root "$ZIND_ROOT" run --detach --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" \
        "$CONTAINER" >/dev/null 2>&1 </dev/null 3>&-
    expect_equal "$(grep Cpus_allowed_list "/proc/$(container_pid)/status")" \
        "$(grep Cpus_allowed_list /proc/self/status)"
    run taskset -c 0 "$ZIND_OCI" --root "$ZIND_ROOT" exec "$CONTAINER" /bin/probe sched 3>&-
    expect_line "cpus $(grep Cpus_allowed_list /proc/self/status | cut -f 2)"
}

# config.md, "Linux Process", scheduler: each policy that this kernel has.
@test "every policy is set" {
    local policy

    # sched(7): SCHED_IDLE has no nice value, and leaves the one that is there.
    for policy in 'SCHED_OTHER nice -5' 'SCHED_BATCH nice 3' "SCHED_IDLE nice $(nice)" 'SCHED_FIFO priority 7' 'SCHED_RR priority 9'; do
        # shellcheck disable=SC2086
        set -- $policy
        edit_config ".process.scheduler = {\"policy\": \"$1\", \"$2\": $3, \"flags\": [\"SCHED_FLAG_RESET_ON_FORK\"]}"
        CONTAINER=$(new_id)
        run_container sched
        [[ $output != *"real-time budget"* ]] || continue
        expect_ok
        expect_match "$1" "$2 $3"
    done
}

@test "a deadline is set, or refused with the reason" {
    edit_config '.process.scheduler = {"policy": "SCHED_DEADLINE", "runtime": 1000000, "deadline": 10000000, "period": 20000000}'
    run_container sched
    if [ "$status" -eq 0 ]; then
        expect_match SCHED_DEADLINE
    else
        expect_error process.scheduler SCHED_DEADLINE
    fi
}

@test "a policy that no kernel has is refused with its name" {
    edit_config '.process.scheduler = {"policy": "SCHED_ISO"}'
    run_container sched
    expect_error process.scheduler SCHED_ISO
}
