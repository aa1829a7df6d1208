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
