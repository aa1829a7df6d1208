#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroup v2 in the hands of others: the container's user, an ordinary user of the host
# (config-linux.md, "Cgroup ownership" and "Cgroups Path").

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154

load ../../lib/bundle
load ../../lib/user

setup()
{
    setup_bundle
    host_is_cgroup2 || skip "needs cgroup v2"
    AT=/sys/fs/cgroup/zind-test-$BASHPID
}

teardown()
{
    local has_failed=0

    teardown_bundle || has_failed=1
    find "$AT" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    return "$has_failed"
}

hand_on()
{
    echo +memory +pids +cpu >"$1/cgroup.subtree_control"
}

# delegate_to_user: $AT is the user's with controllers, and the user is in $AT/caller.
delegate_to_user()
{
    setup_user
    hand_on /sys/fs/cgroup
    mkdir "$AT" "$AT/caller"
    [ "${1-}" = nothing ] || hand_on "$AT"
    chown "$TEST_UID" "$AT" "$AT"/caller "$AT"/{,caller/}cgroup.{procs,subtree_control,threads}
    USER_CGROUP=$AT/caller
}

writable_cgroup_mount()
{
    edit_config '.mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end)'
}

in_user_namespace()
{
    edit_config '.linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
        .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
}

# What somebody who owns a cgroup does with it: a sub-cgroup, move there, hand on a controller.
USE_IT='cd /sys/fs/cgroup && mkdir sub && echo $$ >sub/cgroup.procs && echo +memory >cgroup.subtree_control &&
    grep -q memory sub/cgroup.controllers && cat /proc/self/cgroup'

owner_of()
{
    stat -c %u "$(cgroup_folder)/${1-}"
}

# cgroups(7): what runs inside, and statistics of io, need more than the limits that are asked for.
@test "a container without limits has every controller that the cgroup above it has" {
    local above

    hand_on /sys/fs/cgroup
    echo +io >/sys/fs/cgroup/cgroup.subtree_control
    mkdir "$AT"
    edit_config '.linux.cgroupsPath = $path | del(.linux.resources)' --arg path "${AT#/sys/fs/cgroup}/leaf"
    start_idle
    above=$(<"$AT/cgroup.controllers")
    [[ $above == *io* ]] || fail "the test's own cgroup has no io"
    expect_equal "$(<"$AT/leaf/cgroup.controllers")" "$above"
}

@test "root of a user namespace owns its cgroup, makes sub-cgroups and enables controllers in them" {
    in_user_namespace
    writable_cgroup_mount
    hand_on /sys/fs/cgroup
    set_args /bin/sh -c "$USE_IT"
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line 0::/sub
}

@test "so does a container's user who is not root" {
    edit_config '.process.user = {"uid": 1000, "gid": 1000}'
    writable_cgroup_mount
    hand_on /sys/fs/cgroup
    set_args /bin/sh -c "$USE_IT"
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line 0::/sub
}

@test "the folder and the files that the kernel lists change hands, no others" {
    local file owner

    hand_on /sys/fs/cgroup
    in_user_namespace
    edit_config '.process.user = {"uid": 7, "gid": 7}'
    writable_cgroup_mount
    start_idle
    expect_equal "$(owner_of)" 100007
    for file in "$(cgroup_folder)"/*; do
        file=${file##*/} owner=0
        ! grep -qx "$file" /sys/kernel/cgroup/delegate || owner=100007
        expect_equal "$file $(owner_of "$file")" "$file $owner"
    done
}

@test "without the kernel's list: the three files of the spec" {
    in_user_namespace
    writable_cgroup_mount
    zind()
    {
        unshare --mount --propagation private sh -c 'mount -t tmpfs none /sys/kernel/cgroup; exec "$@"' _ \
            "$ZIND_OCI" --root "$ZIND_ROOT" "$@" 3>&-
    }
    # A sysfs of its own would be refused: part of the host's is hidden.
    edit_config 'del(.mounts[] | select(.type == "sysfs")) | .mounts |= map(if .type == "cgroup" then .destination = "/sys/fs/cgroup" else . end)'
    start_idle
    expect_equal "$(find "$(cgroup_folder)" -user 100000 | wc -l)" 4
    expect_equal "$(owner_of cgroup.procs) $(owner_of cgroup.subtree_control) $(owner_of cgroup.threads)" \
        "100000 100000 100000"
}

@test "a read-only cgroup mount: nothing changes hands" {
    in_user_namespace
    start_idle
    expect_equal "$(find "$(cgroup_folder)" -not -user 0)" ""
}

@test "the host's cgroup namespace: nothing changes hands" {
    in_user_namespace
    writable_cgroup_mount
    edit_config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    start_idle
    expect_equal "$(find "$(cgroup_folder)" -not -user 0)" ""
}

@test "no cgroup mount: nothing changes hands" {
    in_user_namespace
    edit_config 'del(.mounts[] | select(.type == "cgroup"))'
    start_idle
    expect_equal "$(find "$(cgroup_folder)" -not -user 0)" ""
}

@test "sub-cgroups that the container made, deep and another user's, go with it" {
    in_user_namespace
    writable_cgroup_mount
    set_args /bin/sh -c 'cd /sys/fs/cgroup && for i in 1 2 3 4 5 6 7 8 9; do
        mkdir -p a/b/c/d/e/f$i; sleep 100 & echo $! >a/b/c/d/e/f$i/cgroup.procs; done; mkdir z; echo ready; wait'
    start_container
    wait_for_output ready
    chown 4242 "$(cgroup_folder)/a/b/c"
    zind delete --force "$CONTAINER"
    expect_no_leaks
}

# --- an ordinary user, with a delegated cgroup ---

@test "a user's container goes beside the caller's cgroup, and its limits hold" {
    delegate_to_user
    edit_config '.linux.resources.memory.limit = 50000000 | .linux.resources.pids.limit = 20'
    start_idle
    expect_equal "$(grep ^0:: "/proc/$(container_pid)/cgroup")" "0::/${AT##*/}/zind-oci-$CONTAINER"
    expect_equal "$(cat "$AT/zind-oci-$CONTAINER/memory.max")" 49999872
    expect_equal "$(cat "$AT/zind-oci-$CONTAINER/pids.max")" 20
    exec_probe cgroup
    expect_ok
    zind pause "$CONTAINER"
    wait_for_status paused
    zind resume "$CONTAINER"
    zind delete --force "$CONTAINER"
    expect_no_leaks
    [ ! -e "$AT/zind-oci-$CONTAINER" ]
}

@test "a user's container gives its cgroup to its own user, by the root of its user namespace" {
    delegate_to_user
    grant_ids 65536
    map_ids '[{"containerID": 0, "hostID": $uid, "size": 1}, {"containerID": 1, "hostID": $sub, "size": 65536}]'
    edit_config '.process.user = {"uid": 1000, "gid": 1000}'
    writable_cgroup_mount
    set_args /bin/sh -c "$USE_IT"
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line 0::/sub
}

@test "a user deletes what the container's other users made in its cgroup" {
    delegate_to_user
    grant_ids 65536
    map_ids '[{"containerID": 0, "hostID": $uid, "size": 1}, {"containerID": 1, "hostID": $sub, "size": 65536}]'
    edit_config '.process.user = {"uid": 1000, "gid": 1000}'
    writable_cgroup_mount
    set_args /bin/sh -c 'mkdir -p /sys/fs/cgroup/a/b/c; echo $$ >/sys/fs/cgroup/a/b/c/cgroup.procs; echo ready; exec sleep 100'
    start_container
    wait_for_output ready
    zind delete --force "$CONTAINER"
    expect_no_leaks
}

@test "a controller that is not handed on is named, with the cgroup that keeps it" {
    delegate_to_user nothing
    mkdir "$AT"/{d,d/caller}
    chown 0 "$AT" "$AT"/cgroup.*
    chown "$TEST_UID" "$AT"/d{,/caller} "$AT"/d/{,caller/}cgroup.{procs,subtree_control,threads}
    USER_CGROUP=$AT/d/caller
    start_idle
    zind delete --force "$CONTAINER"
    edit_config '.linux.resources.memory.limit = 50000000'
    run_container true
    expect_error linux.resources.memory.limit "the memory controller is not delegated" \
        "$AT/cgroup.subtree_control" hint:
    expect_no_leaks
}

@test "controllers that the user may enable are enabled" {
    delegate_to_user nothing
    edit_config '.linux.resources.memory.limit = 50000000'
    start_idle
    expect_equal "$(cat "$AT/zind-oci-$CONTAINER/memory.max")" 49999872
}

@test "below a cgroup with processes, whose threaded controllers are not enabled" {
    hand_on /sys/fs/cgroup
    mkdir "$AT"
    sleep 100 3>&- &
    echo $! >"$AT/cgroup.procs"
    edit_config ".linux.cgroupsPath = \"/${AT##*/}/$CONTAINER\""
    start_idle
    expect_equal "$(cat "$AT/cgroup.type") $(cat "$AT/cgroup.subtree_control")" "domain "
    kill $!
}

@test "with processes in the only cgroup that is delegated: below it, without limits" {
    delegate_to_user nothing
    chown 0 "$AT" "$AT/cgroup.procs"
    start_idle
    expect_equal "$(grep ^0:: "/proc/$(container_pid)/cgroup")" "0::/${AT##*/}/caller/zind-oci-$CONTAINER"
}

@test "with processes in the only cgroup that is delegated: limits are refused" {
    delegate_to_user
    chown 0 "$AT" "$AT/cgroup.procs"
    edit_config '.linux.resources.pids.limit = 50'
    run_container true
    expect_error linux.resources.pids.limit "$AT/caller/cgroup.subtree_control" "processes"
    expect_no_leaks
}

@test "a cgroupsPath that is not the user's: limits are refused" {
    delegate_to_user
    edit_config '.linux.cgroupsPath = "/somewhere" | .linux.resources.pids.limit = 50'
    run_container true
    expect_error linux.resources.pids.limit "the pids controller is not delegated to user $TEST_UID in /${AT##*/}/caller"
    expect_no_leaks
}

@test "exec from a cgroup that is not the user's is refused, not left out" {
    delegate_to_user
    start_idle
    USER_CGROUP=""
    exec_probe true
    expect_error "Permission denied" hint: delegated
}

# in_container_of_another_engine COMMAND...: root in the root of a cgroup namespace, beside its own
# processes.
in_container_of_another_engine()
{
    (
        echo "$BASHPID" >"$AT/cgroup.procs"
        unshare --cgroup --mount --propagation private sh -c '
            umount /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; "$@"' _ "$@" 3>&-
    )
}

@test "inside a container, beside its processes: runs, limits are refused with the reason" {
    hand_on /sys/fs/cgroup
    mkdir "$AT"
    set_args /bin/true
    run in_container_of_another_engine "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_equal "$(cat "$AT/cgroup.type")" domain
    edit_config '.linux.resources.pids.limit = 50'
    run in_container_of_another_engine "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER"
    expect_error linux.resources.pids.limit "not delegated" "a cgroup with processes of its own"
}

# --- exec ---

# A container whose init has moved itself down and hands a controller on.
start_init_system()
{
    in_user_namespace
    writable_cgroup_mount
    hand_on /sys/fs/cgroup
    set_args /bin/sh -c 'cd /sys/fs/cgroup && mkdir aaa init.scope && echo $$ >init.scope/cgroup.procs &&
        echo +memory +pids >cgroup.subtree_control && echo 0 >aaa/pids.max && echo ready && exec sleep 100'
    start_container
    wait_for_output ready
}

@test "exec finds the cgroup of INIT where the container's own takes no process" {
    start_init_system
    run zind exec "$CONTAINER" /bin/cat /proc/self/cgroup
    expect_ok
    expect_line 0::/init.scope
}

@test "exec --cgroup: a path below the container's cgroup" {
    start_init_system
    mkdir "$(cgroup_folder)/aaa/b"
    run zind exec --cgroup /init.scope "$CONTAINER" /bin/cat /proc/self/cgroup
    expect_line 0::/init.scope
    run zind exec --cgroup aaa/b "$CONTAINER" /bin/cat /proc/self/cgroup
    expect_line 0::/aaa/b
}

@test "exec --cgroup: what is wrong with the path is told" {
    start_init_system
    run zind exec --cgroup ../x "$CONTAINER" /bin/true
    expect_error "--cgroup ../x" climb
    run zind exec --cgroup nowhere "$CONTAINER" /bin/true
    expect_error "nowhere" "No such file"
    run zind exec --cgroup memory:init.scope "$CONTAINER" /bin/true
    expect_error "--cgroup memory:init.scope" "one hierarchy"
    run zind exec --cgroup / "$CONTAINER" /bin/true
    expect_error "busy" "takes no process"
    run zind exec --cgroup a --cgroup b "$CONTAINER" /bin/true
    expect_error "--cgroup b" "already"
}

@test "exec --cgroup: into a threaded cgroup of the container's" {
    start_idle
    mkdir "$(cgroup_folder)/t"
    echo threaded >"$(cgroup_folder)/t/cgroup.type"
    run zind exec --cgroup t "$CONTAINER" /bin/cat /proc/self/cgroup
    expect_ok
    expect_line 0::/t
}

@test "a threaded cgroup is refused at create" {
    mkdir -p "$AT/t"
    echo threaded >"$AT/t/cgroup.type"
    edit_config ".linux.cgroupsPath = \"/${AT##*/}/t\""
    run_container true
    expect_error linux.cgroupsPath "is threaded"
}

@test "a cgroup below a threaded domain is told by its type" {
    mkdir -p "$AT/t"
    echo threaded >"$AT/t/cgroup.type"
    edit_config ".linux.cgroupsPath = \"/${AT##*/}/$CONTAINER\""
    run_container true
    expect_error "domain invalid"
}

# --- mounts of type cgroup ---

@test "with a cgroup namespace the mount shows the container's cgroup as its root" {
    run_container read /sys/fs/cgroup/cgroup.procs
    expect_ok
    expect_line 1
    [ "$(wc -l <<<"$output")" -eq 1 ]
}

@test "without a cgroup namespace the container's own is bound" {
    edit_config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    run_container each mounts cgroup
    expect_match "^mount /sys/fs/cgroup cgroup2 .*zind-oci-$CONTAINER"
}

@test "in a user namespace with the host's cgroup namespace, too" {
    in_user_namespace
    edit_config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    run_container mounts
    expect_ok
    expect_match "^mount /sys/fs/cgroup cgroup2 .*zind-oci-$CONTAINER"
}

@test "a user without a cgroup of the container's own gets the caller's" {
    setup_user
    mkdir "$AT"
    USER_CGROUP=$AT
    writable_cgroup_mount
    edit_config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    run_container mounts
    expect_ok
    expect_match "^mount /sys/fs/cgroup cgroup2 .* /${AT##*/}\$"
}

# CVE-2023-25809
@test "a user in the host's root cgroup gets what the host shows, read-only though it asks to write" {
    setup_user
    USER_CGROUP=/sys/fs/cgroup
    writable_cgroup_mount
    edit_config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    run_container mounts
    expect_ok
    expect_match '^mount /sys/fs/cgroup cgroup2 ([a-z]*,)*ro[, ]'
}

# The namespace is the host's, which the user does not own: no new mount of cgroup2 there.
@test "a joined cgroup namespace of somebody else: the container's own cgroup is bound" {
    in_user_namespace
    edit_config '.linux.namespaces |= map(if .type == "cgroup" then .path = "/proc/'$$'/ns/cgroup" else . end)'
    run_container mounts
    expect_ok
    expect_match "^mount /sys/fs/cgroup cgroup2 .* /zind-oci-$CONTAINER\$"
}

@test "a user's cgroup namespace has a mount of its own" {
    setup_user
    run_container each mounts cgroup
    expect_ok
    expect_match '^mount /sys/fs/cgroup cgroup2'
}
