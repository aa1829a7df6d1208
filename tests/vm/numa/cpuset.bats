#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.resources.cpu.cpus and mems (config-linux.md, "CPU") where there are two nodes to choose from.

load ../../lib/bundle

@test "cpus and mems of one node: the program is allowed no other" {
    edit_config '.linux.resources.cpu = {cpus: "1", mems: "1"}'
    run_container proc-status
    expect_ok
    expect_match '^Cpus_allowed_list:[[:space:]]1$' '^Mems_allowed_list:[[:space:]]1$'
}

@test "the kernel's files say what config.json says" {
    edit_config '.linux.resources.cpu = {cpus: "0", mems: "0-1"}'
    start_idle
    expect_equal "$(cgroup_value cpuset cpuset.cpus cpuset.cpus)" 0
    expect_equal "$(cgroup_value cpuset cpuset.mems cpuset.mems)" 0-1
}

@test "memory is taken from the node that is allowed" {
    edit_config '.linux.resources.cpu = {mems: "1"}'
    run_container read /proc/self/numa_maps
    expect_ok
    expect_match 'stack.* N1='
    expect_no_match 'stack.* N0='
}

@test "a node that this machine lacks is an error that names the field" {
    edit_config '.linux.resources.cpu = {mems: "7"}'
    create_container
    expect_error linux.resources.cpu.mems
}
