#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.scheduler, ioPriority and execCPUAffinity, linux.personality.

load ../lib/bundle

@test "policy, nice value and I/O priority are set" {
    edit_config '.process.scheduler = {policy: "SCHED_BATCH", nice: 5}
        | .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
    run_container sched
    [[ $output == *SCHED_BATCH* && $output == *"nice 5"* ]] || fail "got: $output"
    [[ $output == *6* ]] || fail "got: $output"
}

@test "the personality is set" {
    edit_config '.linux.personality = {domain: "LINUX32"}'
    run_container personality
    [[ $output == *8 ]] || fail "got: $output"
}

@test "exec runs on the cpus it asks for" {
    start_idle
    jq '.process | .args = ["/bin/probe", "sched"] | .execCPUAffinity = {initial: "0", final: "0"}' \
        "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
    run zind exec --process "$BATS_TEST_TMPDIR/process.json" "$CONTAINER"
    [[ $output == *"cpus 0"* ]] || fail "got: $output"
    [[ $output != *"cpus 0-"* ]] || fail "got: $output"
}
