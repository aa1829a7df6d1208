#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Where no cgroup can be made a container that asks for no limit runs, and one that does is told why
# not (config-linux.md, "Control groups"): what is mounted is changed in a mount namespace of the test.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154

load ../lib/bundle
load ../lib/user

read_only='awk "\$5 ~ \"^/sys/fs/cgroup(/|\$)\" { print \$5 }" /proc/self/mountinfo | while read -r at; do
    mount -o remount,bind,ro "$at"; done'
absent='mount -t tmpfs none /sys/fs/cgroup'

# in_place PLACE: `zind` runs where PLACE was done, as root.
in_place()
{
    export PLACE=$1
    zind()
    {
            unshare --mount --propagation private bash -c 'eval "$PLACE"; exec "$@"' _ \
            "$ZIND_OCI" --root "$ZIND_ROOT" "$@" 3>&-
    }
    edit_config 'del(.mounts[] | select(.type == "cgroup"))'
}

as_ordinary_user()
{
    setup_user
    export PLACE=$1
    edit_config 'del(.mounts[] | select(.type == "cgroup"))'
}

lives_without_limits()
{
    start_idle
    expect_equal "$(container_status)" running
    exec_probe true
    expect_ok
    zind kill "$CONTAINER" KILL
    wait_for_status stopped
    zind delete "$CONTAINER"
}

refuses_limits()
{
    edit_config '.linux.resources.pids.limit = 100'
    run_container true
    expect_error linux.resources.pids.limit "$1"
    expect_no_leaks
}

@test "root, cgroups read-only: runs, and says that no device rules hold" {
    in_place "$read_only"
    lives_without_limits
    grep -q 'no device rules' "$BATS_TEST_TMPDIR/log"
}

@test "root, cgroups read-only: limits are refused" {
    in_place "$read_only"
    refuses_limits "Read-only file system"
}

@test "root, no cgroup file system: runs" {
    in_place "$absent"
    lives_without_limits
}

@test "root, no cgroup file system: limits are refused" {
    in_place "$absent"
    refuses_limits "no cgroup file system"
}

@test "no cgroup file system: a mount of one is refused" {
    in_place "$absent"
    edit_config '.mounts += [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup"}]'
    run_container true
    expect_error 'mounts[6]' "the host has no cgroup file system"
}

@test "a user, cgroups read-only: runs" {
    as_ordinary_user "$read_only"
    lives_without_limits
}

# Engines send these where nobody asked for a limit. No limit, an OOM killer: that is so without a cgroup.
@test "a user, cgroups read-only: runs with limits that limit nothing" {
    as_ordinary_user "$read_only"
    edit_config '.linux.resources *= { pids: { limit: -1 }, memory: { limit: -1, swap: -1, disableOOMKiller: false },
        cpu: { quota: -1, shares: 0 }, network: { classID: 0 } }'
    lives_without_limits
}

@test "a user, cgroups read-only: limits are refused" {
    as_ordinary_user "$read_only"
    refuses_limits "Read-only file system"
}

@test "a user, no cgroup file system: runs" {
    as_ordinary_user "$absent"
    lives_without_limits
}

@test "a user, no cgroup file system: limits are refused" {
    as_ordinary_user "$absent"
    refuses_limits "no cgroup file system"
}

@test "cgroups disabled: runs in the caller's cgroup" {
    zind()
    {
        "$ZIND_OCI" --root "$ZIND_ROOT" --cgroup-manager disabled "$@" 3>&-
    }
    start_idle
    expect_equal "$(cat "/proc/$(container_pid)/cgroup")" "$(cat /proc/self/cgroup)"
}

@test "cgroups disabled: limits are refused" {
    edit_config '.linux.resources.pids.limit = 100'
    run zind --cgroup-manager disabled run --bundle "$BUNDLE" "$CONTAINER"
    expect_error linux.resources.pids.limit "no cgroup"
}

@test "cgroups disabled: runs with limits that limit nothing" {
    edit_config '.linux.resources *= { pids: { limit: -1 }, memory: { disableOOMKiller: false } }'
    run zind --cgroup-manager disabled run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
}

# runtime.md, "Delete": what create made must be gone. Who cannot see it must not say so.
@test "delete where the container's cgroup cannot be seen is refused, and works where it can" {
    edit_config 'del(.linux.namespaces[] | select(.type == "pid"))'
    start_idle
    zind exec --detach "$CONTAINER" /bin/sleep 1000
    run unshare --mount --propagation private bash -c "$absent; exec \"\$@\"" _ \
        "$ZIND_OCI" --root "$ZIND_ROOT" delete --force "$CONTAINER" 3>&-
    expect_status 1
    expect_error "$CONTAINER" "no cgroup file system is at /sys/fs/cgroup"
    expect_equal "$(container_status)" stopped
    zind delete "$CONTAINER"
    expect_no_leaks
}
