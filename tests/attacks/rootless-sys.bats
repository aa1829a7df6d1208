#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What an ordinary user's container can reach below /sys (CVE-2023-25809).

load ../lib/bundle

# run_as_user PROGRAM...: in a user namespace of uid 1000 that keeps the host's network, so that /sys is the host's.
run_as_user()
{
    local place=$BATS_TEST_TMPDIR/user

    mkdir "$place"
    cp "$ZIND_OCI" "$place/zind-oci"
    edit_config '.linux.namespaces |= map(select(.type | IN("network", "cgroup") | not)) + [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 1000, "size": 1}] | .linux.gidMappings = .linux.uidMappings |
        .mounts |= map(select(.type != "cgroup")) | del(.linux.resources)'
    set_args "$@"
    mv "$BUNDLE" "$place/bundle"
    chown -R 1000:1000 "$place"
    chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
    run setpriv --reuid 1000 --regid 1000 --clear-groups \
        "$place/zind-oci" --root "$place/state" run --bundle "$place/bundle" "$CONTAINER"
}

# config.md, "Mounts": ro holds for what the mount shows.
@test "a read-only /sys that is the host's is read-only all the way down" {
    needs_root
    run_as_user /bin/probe mounts
    expect_ok
    expect_match '^mount /sys '
    expect_equal "$(grep '^mount /sys' <<<"$output" | grep -cvE '[ ,]ro([ ,]|$)')" 0
}
