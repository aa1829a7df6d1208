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

# spec: linux.cgroupsPath
@test "the cgroup is made at cgroupsPath, and removed with the folder before it" {
    create_in_cgroup
    [ "$status" -eq 0 ]
    [ -n "$(leaked_cgroups)" ]
    grep -q "$CGROUP" "/proc/$(cat "$BATS_TEST_TMPDIR/pid")/cgroup"
    zind delete --force "$CONTAINER"
    [ -z "$(leaked_cgroups)" ]
}

# spec: linux.resources.pids.limit
@test "a pids limit of 0 is a limit of 0" {
    needs_controller pids
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

# make_everywhere PATH: a cgroup in each hierarchy of the host, as somebody else may have made it.
make_everywhere()
{
    local at name

    for at in /sys/fs/cgroup /sys/fs/cgroup/*; do
        case $(stat -f -c %T "$at") in cgroupfs | cgroup2fs) ;; *) continue ;; esac
        [ "$at" = /sys/fs/cgroup ] || ! host_is_cgroup2 || continue
        [ ! -L "$at" ] || continue
        mkdir -p "$at/$1"
        give_caller "$at/${1%%/*}"
        for name in cpuset.cpus cpuset.mems; do
            [[ $at == *cpuset ]] || continue
            cat "$at/$name" >"$at/${1%/*}/$name"
            cat "$at/$name" >"$at/$1/$name"
        done
    done
}

# remove_everywhere PATH: fails where it is not there any more.
remove_everywhere()
{
    local at

    for at in /sys/fs/cgroup /sys/fs/cgroup/*; do
        case $(stat -f -c %T "$at") in cgroupfs | cgroup2fs) ;; *) continue ;; esac
        [ "$at" = /sys/fs/cgroup ] || ! host_is_cgroup2 || continue
        [ -L "$at" ] || rmdir "$at/$1"
    done
}

@test "folders that were there before stay" {
    make_everywhere "zt-$TOKEN/before"
    edit_config ".linux.cgroupsPath = \"/zt-$TOKEN/before/made/$CONTAINER\""
    start_idle
    zind delete --force "$CONTAINER"
    [ -z "$(find /sys/fs/cgroup -name made)" ]
    remove_everywhere "zt-$TOKEN/before"
    remove_everywhere "zt-$TOKEN"
}

@test "an empty cgroup that was there before is used, and stays" {
    make_everywhere "zt-$TOKEN/before"
    edit_config ".linux.cgroupsPath = \"/zt-$TOKEN/before\""
    start_idle
    grep -q "zt-$TOKEN/before" "/proc/$(container_pid)/cgroup"
    zind delete --force "$CONTAINER"
    remove_everywhere "zt-$TOKEN/before"
    remove_everywhere "zt-$TOKEN"
}

@test "a cgroup with processes further down is refused, and they live on" {
    create_in_cgroup
    [ "$status" -eq 0 ]
    edit_config ".linux.cgroupsPath = \"/${CGROUP%/*}\""
    run zind create --bundle "$BUNDLE" "$(new_id)"
    [ "$status" -ne 0 ]
    [[ $output == *linux.cgroupsPath*"has processes in it"* ]]
    [ "$(container_status)" = created ]
}

@test "absolute and relative, the same cgroupsPath is the same place" {
    local absolute

    edit_config ".linux.cgroupsPath = \"/zt-$TOKEN/same\""
    start_idle
    absolute=$(cat "/proc/$(container_pid)/cgroup")
    zind delete --force "$CONTAINER"
    edit_config ".linux.cgroupsPath = \"zt-$TOKEN//./same/\""
    start_idle
    [ "$(cat "/proc/$(container_pid)/cgroup")" = "$absolute" ]
    run zind create --bundle "$BUNDLE" "$(new_id)"
    [[ $output == *"has processes in it"* ]]
}

@test "a container with populated sub-cgroups is killed and removed" {
    local folder

    edit_config 'del(.linux.namespaces[] | select(.type == "pid"))'
    set_args /bin/sh -c 'for i in 1 2 3 4; do sleep 100 & done; echo ready; wait'
    start_container
    wait_for_output ready
    folder=$(cgroup_folder pids)
    mkdir -p "$folder/a/b"
    give_caller "$folder/a"
    grep -vx "$(container_pid)" "$folder/cgroup.procs" | while read -r pid; do
        echo "$pid" >"$folder/a/b/cgroup.procs"
    done
    zind kill --all "$CONTAINER" KILL
    wait_for_status stopped
    zind delete "$CONTAINER"
    expect_no_leaks
}

# spec: linux.cgroupsPath
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

# 0 is what network packets are tagged with anyway.
@test "a controller that the host lacks is not missed for what holds without it" {
    ls -d /sys/fs/cgroup/net_cls* 2>/dev/null && skip "this host has net_cls"
    edit_config '.linux.resources.network.classID = 0'
    create_in_cgroup
    [ "$status" -eq 0 ]
}
