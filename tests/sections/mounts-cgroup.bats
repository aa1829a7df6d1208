#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Mounts of type cgroup where cgroup v1 is, alone or beside v2, and exec into parts of it
# (config-linux.md, "Control groups"; runc's way to see v1).

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154

load ../lib/bundle
load ../lib/user

setup()
{
    setup_bundle
    ! host_is_cgroup2 || skip "needs cgroup v1"
}

# hierarchies: the host's folders, as far as they are cgroup file systems.
hierarchies()
{
    local folder

    for folder in /sys/fs/cgroup/*; do
        [ -L "$folder" ] || ! mountpoint -q "$folder" || basename "$folder"
    done
}

in_user_namespace()
{
    edit_config '.linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
        .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
}

host_cgroup_namespace()
{
    edit_config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
}

# expect_mounts ROOT: every hierarchy of the host is there, with ROOT as its root, read-only.
expect_mounts()
{
    local name

    expect_ok
    expect_match '^mount /sys/fs/cgroup tmpfs ([a-z]*,)*ro[, ]'
    for name in $(hierarchies); do
        expect_match "^mount /sys/fs/cgroup/$name cgroup2? ([a-z]*,)*ro[, ].* $1\$"
    done
}

@test "with a cgroup namespace: each hierarchy, the container's cgroup as its root" {
    run_container mounts
    expect_mounts /
}

@test "the same in a user namespace" {
    in_user_namespace
    run_container mounts
    expect_mounts '(/|/zind-oci-.*)'
}

@test "without a cgroup namespace: the container's own cgroup is bound" {
    host_cgroup_namespace
    run_container mounts
    expect_mounts "/zind-oci-$CONTAINER"
}

@test "the same in a user namespace, without a cgroup namespace" {
    host_cgroup_namespace
    in_user_namespace
    run_container mounts
    expect_mounts "/zind-oci-$CONTAINER"
}

@test "an ordinary user's container sees the caller's cgroups, read-only" {
    setup_user
    run_container each mounts
    expect_mounts '/.*'
}

@test "an ordinary user's container, without a cgroup namespace" {
    setup_user
    host_cgroup_namespace
    run_container each mounts
    expect_mounts '/.*'
}

@test "in a pure v1 view there is no unified hierarchy" {
    zind()
    {
        unshare --mount --propagation private bash -c '
            ! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified; exec "$@"' _ \
            "$ZIND_OCI" --root "$ZIND_ROOT" "$@" 3>&-
    }
    run_container mounts
    expect_ok
    expect_match '^mount /sys/fs/cgroup/memory cgroup '
    expect_no_match '^mount /sys/fs/cgroup/unified'
}

# The container has no cgroup of its own there: the mount would show the host's root.
@test "a hierarchy that the host does not show is not shown" {
    [ -d /sys/fs/cgroup/blkio ] || skip "no blkio hierarchy"
    zind()
    {
        unshare --mount --propagation private bash -c 'umount /sys/fs/cgroup/blkio; exec "$@"' _ \
            "$ZIND_OCI" --root "$ZIND_ROOT" "$@" 3>&-
    }
    run_container mounts
    expect_ok
    expect_match '^mount /sys/fs/cgroup/memory cgroup '
    expect_no_match '^mount /sys/fs/cgroup/blkio'
}

@test "controllers that share a hierarchy have links" {
    local name all=""

    for name in $(hierarchies); do [[ $name != *,* ]] || all+=" $name"; done
    [ -n "$all" ] || skip "no two controllers share a hierarchy"
    for name in $all; do
        # shellcheck disable=SC2086
        # shellcheck disable=SC2046
        run_container stat $(printf '/sys/fs/cgroup/%s ' ${name//,/ })
        expect_ok
        expect_equal "$(grep -c "link.* $name\$" <<<"$output")" "$(wc -w <<<"${name//,/ }")"
    done
}

@test "a writable mount lets the container make sub-cgroups, which go with it" {
    edit_config '.mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end)'
    set_args /bin/sh -c 'cd /sys/fs/cgroup/memory && mkdir -p a/b/c/d && sleep 100 & cd /sys/fs/cgroup/memory
        until [ -d a/b/c/d ]; do :; done; echo $! >a/b/c/d/cgroup.procs; echo ready; wait'
    start_container
    wait_for_output ready
    [ -d "$(cgroup_folder memory)/a/b/c/d" ]
    zind delete --force "$CONTAINER"
    expect_no_leaks
}

# --- exec --cgroup ---

# own_cgroup NAME: where the last exec was in one hierarchy, below the container's cgroup.
own_cgroup()
{
    sed -n "s|^[0-9]*:\([a-z_=,]*,\)*$1\(,[a-z_,]*\)*:.*/zind-oci-$CONTAINER||p" <<<"$output"
}

exec_in()
{
    local places=() place

    for place; do places+=(--cgroup "$place"); done
    # Of the host: inside, a cgroup namespace hides the path.
    run zind exec "${places[@]}" "$CONTAINER" /bin/probe cgroup
}

@test "exec --cgroup: a path for some controllers, the container's own for the others" {
    host_cgroup_namespace
    start_idle
    mkdir -p "$(cgroup_folder memory)/a/b" "$(cgroup_folder pids)/c"
    exec_in memory:/a/b pids:c
    expect_ok
    expect_equal "$(own_cgroup memory)" /a/b
    expect_equal "$(own_cgroup pids)" /c
    expect_equal "$(own_cgroup cpu)" ""
    expect_match ":cpu.*/zind-oci-$CONTAINER\$"
}

@test "exec --cgroup: one path for all controllers" {
    local name

    host_cgroup_namespace
    start_idle
    for name in $(hierarchies); do mkdir "$(cgroup_folder "$name")/all"; done
    exec_in all
    expect_error "cpuset" "No space left" hint:
    for name in cpuset.cpus cpuset.mems; do
        cat "$(cgroup_folder cpuset)/$name" >"$(cgroup_folder cpuset)/all/$name"
    done
    exec_in all
    expect_ok
    expect_equal "$(grep -c "/zind-oci-$CONTAINER/all\$" <<<"$output")" "$(hierarchies | wc -l)"
}

@test "exec --cgroup: what is wrong is told" {
    start_idle
    mkdir "$(cgroup_folder memory)/a"
    exec_in a
    expect_error "No such file" "CONTROLLER"
    exec_in memory:../a
    expect_error "--cgroup memory:../a" climb
    exec_in memory:nowhere
    expect_error "/memory/zind-oci-$CONTAINER/nowhere" "No such file"
    exec_in nonsense:a
    expect_error "--cgroup nonsense:a" "no cgroup controller nonsense"
    exec_in memory:a memory:a
    expect_error "--cgroup memory:a" "already"
}
