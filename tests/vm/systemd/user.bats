#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# An ordinary user's containers are units of the user's own manager. It has to run: loginctl enable-linger starts one.

load ../../lib/bundle
load systemd

# Sets $USER_ID to a user whose manager runs.
needs_user_manager()
{
    local socket

    for socket in /run/user/*/systemd/private; do
        [ -S "$socket" ] && USER_ID=$(stat -c %u "$socket") && [ "$USER_ID" != 0 ] && break
        USER_ID=""
    done
    [ -n "$USER_ID" ] || skip "no user's manager runs"
    PLACE=$BATS_TEST_TMPDIR/user
    mkdir "$PLACE"
    cp "$ZIND_OCI" "$(dirname "$ZIND_OCI")/zind-oci-systemd" "$PLACE/"
    edit_config '.linux.namespaces |= map(select(.type | IN("network", "cgroup") | not)) + [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": $uid, "size": 1}] | .linux.gidMappings = .linux.uidMappings |
        .mounts |= map(select(.type != "cgroup")) | del(.linux.resources) | .process.args = ["/bin/sleep", "1000"]' \
        --argjson uid "$USER_ID"
    mv "$BUNDLE" "$PLACE/bundle"
    BUNDLE=$PLACE/bundle
    ZIND_ROOT=$PLACE/state
    chown -R "$USER_ID:$USER_ID" "$PLACE"
    chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
    export XDG_RUNTIME_DIR=/run/user/$USER_ID
    unset DBUS_SESSION_BUS_ADDRESS
}

as_user()
{
    setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups "$@" 3>&-
}

zind_user()
{
    as_user "$PLACE/zind-oci" --root "$ZIND_ROOT" --systemd-cgroup "$@"
}

user_property()
{
    as_user systemctl --user show --value -p "$1" "$SCOPE"
}

create_as_user()
{
    status=0
    zind_user create --bundle "$BUNDLE" "$CONTAINER" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/out")
}

@test "a user's container is a scope of the user's manager" {
    needs_user_manager
    host_is_cgroup2 || skip "v1 cannot be delegated"
    create_as_user
    expect_ok
    expect_equal "$(user_property Slice)" user.slice
    path=$(user_property ControlGroup)
    [[ $path == /user.slice/user-$USER_ID.slice/user@$USER_ID.service/*"$SCOPE" ]] || fail "it is at $path"
    pid=$(zind_user state "$CONTAINER" | jq .pid)
    grep -q "$path" "/proc/$pid/cgroup" || fail "the program is not in it: $(cat "/proc/$pid/cgroup")"
    zind_user delete --force "$CONTAINER"
    expect_equal "$(user_property LoadState)" not-found
}

# As podman calls the runtime of an ordinary user: root of a user namespace, though not of the host.
@test "the root of a user namespace has the user's manager too" {
    needs_user_manager
    host_is_cgroup2 || skip "v1 cannot be delegated"
    edit_config 'del(.linux.namespaces[] | select(.type == "user")) |
        del(.linux.uidMappings, .linux.gidMappings) |
        del(.mounts[] | select(.type == "sysfs")) |
        (.mounts[] | select(.type == "devpts") | .options) |= map(select(startswith("gid=") | not))'
    chown "$USER_ID" "$BUNDLE/config.json"
    status=0
    as_user unshare --user --map-root-user "$PLACE/zind-oci" --root "$ZIND_ROOT" --systemd-cgroup create \
        --bundle "$BUNDLE" "$CONTAINER" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/out")
    expect_ok
    [[ $(user_property ControlGroup) == */user@$USER_ID.service/*"$SCOPE" ]] || fail "it is elsewhere"
    as_user unshare --user --map-root-user "$PLACE/zind-oci" --root "$ZIND_ROOT" --systemd-cgroup delete --force "$CONTAINER"
    expect_equal "$(user_property LoadState)" not-found
}

@test "limits of a user's container work where the controller is delegated" {
    needs_user_manager
    host_is_cgroup2 || skip "v1 cannot be delegated"
    grep -qw pids "/sys/fs/cgroup/user.slice/user-$USER_ID.slice/user@$USER_ID.service/cgroup.controllers" ||
        skip "pids is not delegated"
    edit_config '.linux.resources.pids.limit = 37'
    create_as_user
    expect_ok
    expect_equal "$(user_property TasksMax)" 37
    expect_equal "$(cat "/sys/fs/cgroup$(user_property ControlGroup)/pids.max")" 37
    zind_user delete --force "$CONTAINER"
}

@test "on cgroup v1 a user is told that nothing is delegated" {
    needs_user_manager
    ! host_is_cgroup2 || skip "this is cgroup v2"
    create_as_user
    expect_error "cannot be given to ordinary users" disabled
}

@test "an address that is no bus's is passed over" {
    needs_user_manager
    host_is_cgroup2 || skip "v1 cannot be delegated"
    XDG_RUNTIME_DIR=/nowhere
    export DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere/bus
    create_as_user
    expect_ok
    zind_user delete --force "$CONTAINER"
}

@test "without a manager the error says how to get one" {
    needs_user_manager
    USER_ID=4242
    chown -R 4242:4242 "$PLACE"
    XDG_RUNTIME_DIR=/run/user/4242
    create_as_user
    expect_error "user's systemd manager cannot be reached" /run/user/4242 enable-linger
}
