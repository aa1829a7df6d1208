#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A process that comes in is limited and may use devices as the container's own are: exec joins every cgroup of the
# container, or fails, and delete removes all of them, or says what is left.
load ../lib/bundle

setup()
{
    setup_bundle
    [ -n "$(list_hierarchies)" ] || skip "this host has no cgroups"
}

# The mount points of the hierarchies that limit something, a line each.
list_hierarchies()
{
    if [ "$ZIND_CGROUP_TYPE" = cgroup2fs ]; then
        echo /sys/fs/cgroup
    else
        find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d ! -name systemd ! -name unified
    fi
}

# without_mount PATH ARG...: zind-oci where PATH is not mounted.
without_mount()
{
    # shellcheck disable=SC2016
    run timeout 60 unshare --mount --propagation private sh -c 'umount -l "$1" && shift && exec "$@"' _ "$1" \
        "$ZIND_OCI" --root "$ZIND_ROOT" "${@:2}" 3>&-
}

@test "exec where a hierarchy of the container is not mounted is refused, and names it" {
    local place

    start_idle
    for place in $(list_hierarchies) /sys/fs/cgroup; do
        without_mount "$place" exec "$CONTAINER" /bin/probe cgroup
        [ "$status" -ne 0 ] || fail "exec runs outside of the cgroup in $place"
        expect_error "not mounted at /sys/fs/cgroup"
        [[ $place == /sys/fs/cgroup || $output == *"${place##*/}"* ]] || fail "${place##*/} is not named"
    done
    run zind exec "$CONTAINER" /bin/probe true
    expect_ok
}

@test "delete where a hierarchy of the container is not mounted says so, and can be repeated elsewhere" {
    local place command

    for command in delete "delete --force"; do
        for place in $(list_hierarchies | tail -n 2); do
            start_idle
            [ "$command" = "delete --force" ] || zind kill "$CONTAINER" KILL
            [ "$command" = "delete --force" ] || wait_for_status stopped
            # shellcheck disable=SC2086
            without_mount "$place" $command "$CONTAINER"
            [ "$status" -ne 0 ] || fail "$command is content without $place"
            expect_error "not mounted"
            zind delete --force "$CONTAINER"
            expect_no_leaks
        done
    done
}

# getdents64(2) and statfs(2) fail for want of memory.
@test "exec that cannot see the hierarchies is refused" {
    local call

    command -v strace >/dev/null || skip "strace is not installed"
    [ "$ZIND_CGROUP_TYPE" != cgroup2fs ] || skip "cgroup v2 has one hierarchy, which is not looked for"
    start_idle
    for call in getdents64 statfs; do
        for number in ENOMEM EIO; do
            run timeout 60 strace -o /dev/null -e "trace=$call" -e "inject=$call:error=$number" \
                "$ZIND_OCI" --root "$ZIND_ROOT" exec "$CONTAINER" /bin/probe cgroup 3>&-
            [ "$status" -ne 0 ] || fail "exec runs though $call fails with $number"
        done
    done
}
