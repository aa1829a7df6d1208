#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.cgroupsPath and linux.resources: config-linux.md, "Control groups", on this host's hierarchy.

load ../lib/bundle

# setting FILE: what stands in a file of the container's cgroup, on v1 or v2.
setting()
{
    cat /sys/fs/cgroup/*/"$CGROUP/$1" "/sys/fs/cgroup/$CGROUP/$1" 2>/dev/null | tail -n 1
}

create_in_cgroup()
{
    CGROUP=zt-$TOKEN/$CONTAINER
    edit_config ".linux.cgroupsPath = \"/$CGROUP\""
    set_args /bin/sleep 100
    create_container
}

@test "the cgroup is made at cgroupsPath, and removed with the folder before it" {
    create_in_cgroup
    [ "$status" -eq 0 ]
    [ -n "$(leaked_cgroups)" ]
    grep -q "$CGROUP" "/proc/$(cat "$BATS_TEST_TMPDIR/pid")/cgroup"
    zind delete --force "$CONTAINER"
    [ -z "$(leaked_cgroups)" ]
}

@test "a pids limit of 0 is a limit of 0" {
    edit_config '.linux.resources.pids.limit = 0'
    create_in_cgroup
    [ "$status" -eq 0 ]
    [ "$(setting pids.max)" = 0 ]
}

@test "a cgroup with processes in it is refused" {
    create_in_cgroup
    [ "$status" -eq 0 ]
    run zind create --bundle "$BUNDLE" "$(new_id)"
    [ "$status" -ne 0 ]
    [[ $output == *linux.cgroupsPath*"has processes in it"* ]]
}

@test "a cgroupsPath that climbs is refused by name" {
    edit_config '.linux.cgroupsPath = "/a/../b"'
    run zind create --bundle "$BUNDLE" "$CONTAINER"
    [ "$status" -ne 0 ]
    [[ $output == *linux.cgroupsPath* ]]
}

@test "a controller that the host lacks is named with the field" {
    [ -z "$(find /sys/fs/cgroup -maxdepth 2 -name 'rdma*')" ] && ! grep -qsw rdma /sys/fs/cgroup/cgroup.controllers ||
        skip "this host has rdma"
    edit_config '.linux.resources.rdma.mlx5_1.hcaHandles = 3'
    create_in_cgroup
    [ "$status" -ne 0 ]
    grep -q 'linux.resources.rdma.*no rdma controller' "$BATS_TEST_TMPDIR/errors" "$BATS_TEST_TMPDIR/log"
}
