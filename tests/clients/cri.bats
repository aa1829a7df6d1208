#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Pods as a kubelet makes them: through containerd's Container Runtime Interface, with the handler of contrib/containerd.
load lib
load cri

setup_file()
{
    cri_setup
}

teardown_file()
{
    place_stop
}

setup()
{
    pod_start
}

teardown()
{
    pod_stop
}

# bats test_tags=run,guest
@test "a pod of two containers: they run, exec, log and stop" {
    local first

    add_container one '["/bin/probe", "pause"]'
    first=$ID
    add_container two '["/bin/sh", "-c", "echo from two; exit 3"]'
    for _ in $(seq 600); do
        [ "$(container_field state)" != 2 ] || break
        sleep 0.1
    done
    expect_equal "$(container_field exit_code)" 3
    in_time grep -q 'stdout F from two' "$PLACE/logs/two.log"
    ID=$first
    expect_equal "$(container_field state)" 1
    in_container echo hello
    expect_equal "$status $output" "0 hello"
    in_container /bin/probe exit 5
    expect_equal "$status" 5
    cri StopContainer "{\"container_id\": \"$ID\", \"timeout\": 5}" >/dev/null
    expect_equal "$(container_field state)" 2
    cri RemoveContainer "{\"container_id\": \"$ID\"}" >/dev/null
}

# bats test_tags=limits,guest
@test "resources are set and updated, and the statistics count" {
    needs_controller memory
    needs_controller cpu
    add_container one '["/bin/probe", "pause"]' '.linux.resources = {memory_limit_in_bytes: 33554432, cpu_quota: 50000, cpu_period: 100000}'
    CONTAINER=$ID
    expect_cgroup_of_driver
    expect_equal "$(cgroup_value memory memory.limit_in_bytes memory.max)" 33554432
    cri UpdateContainerResources "{\"container_id\": \"$ID\", \"linux\": {\"memory_limit_in_bytes\": 67108864, \"cpu_quota\": 20000, \"cpu_period\": 100000}}"
    expect_equal "$(cgroup_value memory memory.limit_in_bytes memory.max)" 67108864
    [[ $(cgroup_value cpu cpu.cfs_quota_us cpu.max) =~ ^20000( 100000)?$ ]]
    run cri ContainerStats "{\"container_id\": \"$ID\"}"
    expect_ok
    [ "$(jq -r .stats.cpu.usage_core_nano_seconds.value <<<"$output")" -gt 0 ]
    [ "$(jq -r .stats.memory.working_set_bytes.value <<<"$output")" -gt 0 ]
}

# bats test_tags=security,guest
@test "a user, a read-only rootfs, no capabilities, the default seccomp profile, a mount" {
    echo inside >"$PLACE/file"
    add_container one '["/bin/probe", "pause"]' ".linux.security_context += {run_as_user: {value: 1000}, readonly_rootfs: true,
        no_new_privs: true, capabilities: {drop_capabilities: [\"ALL\"]}, seccomp: {profile_type: 0}} |
        .mounts = [{container_path: \"/file\", host_path: \"$PLACE/file\", readonly: true}] | .envs = [{key: \"COLOUR\", value: \"red\"}]"
    in_container /bin/sh -c 'id -u; cat /file; echo $COLOUR; grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status; touch /x || true'
    expect_line 1000 inside red $'CapEff:\t0000000000000000' $'NoNewPrivs:\t1' $'Seccomp:\t2'
    expect_match 'Read-only file system'
}

# bats test_tags=run,guest
@test "a program that is not there is an error that says so" {
    run add_container one '["/no/such/program"]'
    expect_match 'no such file or directory'
}

# bats test_tags=security
@test "a privileged container has the host's devices and all capabilities that can be had" {
    add_container one '["/bin/probe", "pause"]' '.linux.security_context.privileged = true'
    in_container /bin/sh -c 'test -c /dev/kmsg && echo kmsg; grep CapBnd /proc/self/status'
    expect_line kmsg "$(grep CapBnd /proc/self/status)"
}
