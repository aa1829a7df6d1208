#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Nothing of the host is left in the container's mount namespace, wherever the bundle is and however
# its root was put in place (CVE-2024-21626's end without its beginning).
load ../lib/bundle

# The container sees its own rootfs by "..", and no mount of the host's.
expect_own_root()
{
    : >"$BUNDLE/rootfs/mark"
    set_args /bin/sh -c 'ls /.. /../.. /proc/self/root/..; cat /proc/self/mountinfo'
    run zind run "$@" --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_equal "$(grep -cx mark <<<"$output")" 3
    expect_no_match "^(usr|var|boot)$"
    # Where the mounts are: of these one at /, and none where only the host has a folder.
    expect_equal "$(awk '$1 ~ /^[0-9]+$/ && $5 == "/"' <<<"$output" | wc -l)" 1
    expect_equal "$(awk '$1 ~ /^[0-9]+$/ && $5 !~ "^/($|dev|proc|sys)"' <<<"$output")" ""
}

map_user()
{
    edit_config '.linux.namespaces += [{ type: "user" }] | del(.linux.resources) |
        .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
        .linux.gidMappings = .linux.uidMappings'
}

@test "nothing lies behind the root" {
    expect_own_root
    edit_config '.linux.rootfsPropagation = "shared"'
    expect_own_root
    edit_config '.linux.rootfsPropagation = "slave" | .root.readonly = true'
    expect_own_root
}

# mount_namespaces(7): a new procfs or sysfs may be mounted in a user namespace only as far as one can be seen already.
@test "nor with --no-pivot, where who may mount gets no procfs or sysfs without masks" {
    local before

    before=$(sort /proc/self/mountinfo)
    expect_own_root --no-pivot
    edit_config '.linux.rootfsPropagation = "shared"'
    expect_own_root --no-pivot
    expect_equal "$(sort /proc/self/mountinfo)" "$before"
    edit_config 'del(.linux.rootfsPropagation) | (.process.capabilities[]) = ["CAP_SETFCAP", "CAP_SETUID", "CAP_SETGID"]'
    mkdir "$BUNDLE/rootfs/new"
    for type in proc sysfs; do
        set_args /bin/sh -c "busybox unshare -Umrpf sh -c 'busybox mount -t $type none /new && echo revealed'"
        run zind run --no-pivot --bundle "$BUNDLE" "$CONTAINER"
        expect_match "ermission denied|not permitted"
        expect_no_match revealed
    done
}

@test "--no-pivot in a user namespace leaves nothing of the host behind, or is refused" {
    map_user
    : >"$BUNDLE/rootfs/mark"
    set_args /bin/sh -c 'ls /..; cat /proc/self/mountinfo; busybox unshare -Umrpf sh -c "busybox mount -t proc none /mnt && echo revealed"'
    run zind run --no-pivot --bundle "$BUNDLE" "$CONTAINER"
    expect_no_match revealed '^(usr|var|boot)$'
    [ "$status" -eq 0 ] || expect_error "--no-pivot" "user namespace"
    expect_no_leaks
}

@test "nor in a user namespace, with a bundle that its root may enter or may not" {
    map_user
    chmod 700 "$BATS_TEST_TMPDIR"
    expect_own_root
    chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
    expect_own_root
}

@test "nor where a file system is mounted at /" {
    edit_config '.mounts = [{ destination: "/", type: "bind", source: $rootfs, options: ["rbind"] }] + .mounts' \
        --arg rootfs "$BUNDLE/rootfs"
    expect_own_root
}

@test "a rootfs that is a link is the folder that it leads to" {
    mv "$BUNDLE/rootfs" "$BUNDLE/elsewhere"
    ln -s elsewhere "$BUNDLE/rootfs"
    expect_own_root
}

@test "exec sees no more" {
    : >"$BUNDLE/rootfs/mark"
    map_user
    start_idle
    run zind exec "$CONTAINER" /bin/ls /..
    expect_ok
    expect_line mark
    expect_no_match '^(usr|var|boot)$'
}
