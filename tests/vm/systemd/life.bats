#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A scope lives as long as its container, whoever dies; and what is said where systemd cannot be reached.

load ../../lib/bundle
load systemd

@test "delete leaves no scope and no cgroup" {
    start_idle
    zind delete --force "$CONTAINER"
    unit_is_gone || fail "the unit is still there"
    expect_equal "$(leaked_cgroups)" ""
}

@test "run leaves none either" {
    run_container true
    expect_ok
    unit_is_gone || fail "the unit is still there"
    expect_equal "$(leaked_cgroups)" ""
}

@test "when the program ends, the scope is over; delete finds nothing to stop" {
    set_args /bin/probe true
    start_container
    wait_for_status stopped
    eventually unit_is_gone
    zind delete "$CONTAINER"
    expect_equal "$(leaked_cgroups)" ""
}

# runtime.md, "Errors": as if it had not been tried.
@test "a failing hook leaves no scope" {
    edit_config '.hooks.createRuntime = [{"path": "/bin/false"}]'
    create_container
    expect_error hook
    unit_is_gone || fail "the unit is still there"
    expect_no_leaks
}

@test "a runtime that is killed while it creates leaves no scope, even before delete" {
    edit_config '.hooks.createRuntime = [{"path": "/bin/sleep", "args": ["sleep", "100"]}]'
    "$ZIND_OCI" --root "$ZIND_ROOT" --systemd-cgroup create --bundle "$BUNDLE" "$CONTAINER" \
        </dev/null >/dev/null 2>&1 3>&- &
    eventually hook_runs
    kill -KILL $!
    wait || true
    eventually unit_is_gone
    zind delete --force "$CONTAINER"
    expect_equal "$(leaked_cgroups)" ""
}

hook_runs()
{
    pgrep -P $! sleep >/dev/null
}

# Those of a runtime that only this test has: others may be at work.
speakers()
{
    find /proc/[0-9]* -maxdepth 1 -name exe -lname "$BATS_TEST_TMPDIR/zind-oci-systemd" 2>/dev/null || true
}

@test "the program that speaks to systemd is gone once a container is created" {
    [ -x "${ZIND_OCI%/*}/zind-oci-systemd" ] || skip "the runtime is not one of a build tree"
    cp "$ZIND_OCI" "${ZIND_OCI%/*}/zind-oci-systemd" "$BATS_TEST_TMPDIR/"
    ZIND_OCI=$BATS_TEST_TMPDIR/zind-oci
    start_idle
    expect_equal "$(speakers)" ""
    zind pause "$CONTAINER"
    expect_equal "$(container_status)" paused
    zind resume "$CONTAINER"
    exec_probe cgroup
    expect_ok
}

@test "nor does it stay with a run that attends its container" {
    set_args /bin/probe pause
    "$ZIND_OCI" --root "$ZIND_ROOT" --systemd-cgroup run --bundle "$BUNDLE" \
        --pid-file "$BATS_TEST_TMPDIR/pid" "$CONTAINER" \
        </dev/null >"$BATS_TEST_TMPDIR/output" 2>"$BATS_TEST_TMPDIR/errors" 3>&- &
    wait_for_output ready
    expect_equal "$(pgrep -P $!)" "$(container_pid)"
    expect_equal "$(cat "$(cgroup_folder systemd)/cgroup.procs")" "$(container_pid)"
    zind kill "$CONTAINER" TERM
    wait $!
}

@test "a container with no pid namespace is killed as a whole" {
    edit_config '.linux.namespaces |= map(select(.type != "pid"))'
    start_idle
    zind exec --detach "$CONTAINER" /bin/sleep 1000
    zind kill "$CONTAINER" KILL
    wait_for_status stopped
    zind delete "$CONTAINER"
    unit_is_gone || fail "the unit is still there"
}

# without_systemd COMMAND...: where its sockets cannot be seen.
without_systemd()
{
    unshare --mount --propagation private sh -c 'mount -t tmpfs none /run/systemd
        mount -t tmpfs none /run/dbus; exec "$@"' sh "$@"
}

@test "where systemd cannot be reached the error says where it was looked for" {
    run without_systemd "$ZIND_OCI" --root "$ZIND_ROOT" --systemd-cgroup run --bundle "$BUNDLE" "$CONTAINER"
    expect_error "systemd manager cannot be reached" /run/dbus/system_bus_socket "hint:"
}

@test "without systemd a container can still be deleted" {
    start_idle
    without_systemd "$ZIND_OCI" --root "$ZIND_ROOT" --systemd-cgroup delete --force "$CONTAINER"
    expect_equal "$(leaked_cgroups)" ""
    eventually unit_is_gone
}

@test "a build without its program says which one" {
    cp "$ZIND_OCI" "$BATS_TEST_TMPDIR/zind-oci"
    run "$BATS_TEST_TMPDIR/zind-oci" --root "$ZIND_ROOT" --systemd-cgroup run --bundle "$BUNDLE" "$CONTAINER"
    [ "$status" -ne 0 ] || skip "the program is installed"
    expect_error "zind-oci-systemd" "hint:"
}

@test "features and --version tell of it" {
    run "$ZIND_OCI" features
    expect_ok
    expect_equal "$(jq .linux.cgroup.systemd <<<"$output")" true
}
