#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.memoryPolicy (config-linux.md, "Memory policy") where there are two nodes to choose from; what
# the kernel holds is read from numa_maps.

load ../../lib/bundle

# policy MODE NODES [FLAG...]: runs a container with it, which prints its numa_maps.
policy()
{
    # shellcheck disable=SC2016
    edit_config '.linux.memoryPolicy = {mode: $ARGS.positional[0], nodes: $ARGS.positional[1],
        flags: $ARGS.positional[2:]}' --args -- "$@"
    run_container read /proc/self/numa_maps
}

@test "MPOL_BIND: memory comes from the node" {
    policy MPOL_BIND 1
    expect_ok
    expect_match '^[0-9a-f]+ bind:1 .*stack.* N1='
    expect_no_match 'stack.* N0='
}

@test "MPOL_PREFERRED prefers the node" {
    policy MPOL_PREFERRED 1
    expect_ok
    expect_match '^[0-9a-f]+ prefer:1 .*stack.* N1='
}

@test "MPOL_INTERLEAVE takes both nodes in turn" {
    policy MPOL_INTERLEAVE 0-1
    expect_ok
    expect_match '^[0-9a-f]+ interleave:0-1 '
}

@test "MPOL_PREFERRED_MANY prefers both nodes" {
    policy MPOL_PREFERRED_MANY 0,1
    expect_ok
    expect_match '^[0-9a-f]+ prefer \(many\):0-1 '
}

@test "MPOL_LOCAL and MPOL_DEFAULT take no nodes" {
    edit_config '.linux.memoryPolicy = {mode: "MPOL_LOCAL"}'
    run_container read /proc/self/numa_maps
    expect_ok
    expect_match '^[0-9a-f]+ local '
    edit_config '.linux.memoryPolicy = {mode: "MPOL_DEFAULT"}'
    run_container read /proc/self/numa_maps
    expect_ok
    expect_match '^[0-9a-f]+ default '
}

@test "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES are passed on" {
    policy MPOL_BIND 1 MPOL_F_STATIC_NODES
    expect_ok
    expect_match '^[0-9a-f]+ bind=static:1 '
    policy MPOL_BIND 1 MPOL_F_RELATIVE_NODES
    expect_ok
    expect_match '^[0-9a-f]+ bind=relative:1 '
}

@test "a node that this machine lacks is an error that names the field" {
    policy MPOL_BIND 7
    expect_error linux.memoryPolicy
}

@test "the policy holds for exec too, within the container's cpuset" {
    edit_config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "1"}
        | .linux.resources.cpu = {mems: "1"}'
    start_idle
    exec_probe read /proc/self/numa_maps
    expect_ok
    expect_match '^[0-9a-f]+ bind:1 '
}

# create_slowly: the nodes of the cpuset are written late.
create_slowly()
{
    local file=/sys/fs/cgroup/zind-oci-$CONTAINER/cpuset.mems

    host_is_cgroup2 || file=/sys/fs/cgroup/cpuset/zind-oci-$CONTAINER/cpuset.mems
    status=0
    strace -qq -o /dev/null -P "$file" -e trace=write -e inject=write:delay_enter=1000000 \
        "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" \
        </dev/null >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/output")
}

@test "a policy for nodes that the cpuset lacks is refused, however late that is written" {
    needs_command strace
    edit_config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"} | .linux.resources.cpu = {mems: "1"}'
    create_slowly
    expect_error linux.memoryPolicy
}
