#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A hostile container waits for the runtime's process that comes in with exec: CVE-2016-9962 and what
# became of it, CVE-2024-21626. It may see that process from its first instruction on.
load ../lib/bundle

# lie_in_wait CAPABILITY...: the container runs grab-host with these, and a file of the host as its aim.
lie_in_wait()
{
    SECRET=$BATS_TEST_TMPDIR/secret
    : >"$SECRET"
    # shellcheck disable=SC2016
    edit_config '.process.capabilities = ([$ARGS.positional[] | "CAP_" + .] |
        { bounding: ., effective: ., permitted: . }) | .process.noNewPrivileges = false' --args -- "$@"
    set_args /bin/probe grab-host 1000 "$SECRET"
    start_container
    wait_for_output ready
}

# Comes in for two seconds, ten times at least, then the verdict of $CONTAINER or, if that is another, of $WATCHER.
expect_nothing_grabbed()
{
    local rounds=0 began=$SECONDS

    until has_verdict || ((rounds++ >= 10 && SECONDS - began > 2)); do
        "$@" >/dev/null 2>&1 </dev/null || true
    done
    zind kill "${WATCHER-$CONTAINER}" TERM || true
    eventually has_verdict
    output=$(container_output)
    expect_line nothing
}

has_verdict()
{
    container_output | grep -qE "^(nothing|out by)"
}

@test "a process that comes in with exec holds no way to the host" {
    lie_in_wait KILL DAC_OVERRIDE DAC_READ_SEARCH
    expect_nothing_grabbed quick exec "$CONTAINER" /bin/true
}

@test "not even for a container that may trace every process" {
    lie_in_wait KILL DAC_OVERRIDE DAC_READ_SEARCH SYS_PTRACE
    expect_nothing_grabbed quick exec "$CONTAINER" /bin/true
}

@test "nor is what the caller of exec has left open a way out" {
    lie_in_wait KILL DAC_OVERRIDE DAC_READ_SEARCH SYS_PTRACE
    exec 8</ 9<"$BATS_TEST_TMPDIR"
    expect_nothing_grabbed quick exec "$CONTAINER" /bin/true
}

# Root of the host without a single capability owns every user namespace that root makes.
@test "nor does a container with a user namespace, made beside it in its pid namespace, show it the host" {
    local WATCHER=$CONTAINER

    lie_in_wait
    CONTAINER=$(new_id)
    # shellcheck disable=SC2016
    edit_config '(.linux.namespaces[] | select(.type == "pid")).path = $path | .process.args = ["/bin/true"] |
        .linux.namespaces += [{ type: "user" }] | del(.linux.resources) | del(.mounts[] | select(.destination == "/proc")) |
        .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
        .linux.gidMappings = .linux.uidMappings' --arg path "/proc/$(container_pid)/ns/pid"
    quick run --bundle "$BUNDLE" "$CONTAINER" </dev/null
    expect_nothing_grabbed quick run --bundle "$BUNDLE" "$CONTAINER"
    CONTAINER=$WATCHER
}

# CAP_SYS_PTRACE over a process is all that this process may do.
@test "what comes in has no capability that matters, from its first instruction on" {
    local i

    lie_in_wait KILL
    set_args /bin/probe watch-caps 1000
    CONTAINER=$(new_id)
    start_container
    wait_for_output ready
    for ((i = 0; i < 40; i++)); do
        quick exec "$CONTAINER" /bin/true </dev/null
    done
    # CHOWN, to know that it looked; with DAC_OVERRIDE KILL SETGID SETUID SETPCAP SYS_CHROOT at most.
    eventually comes_in_and_is_seen
    expect_equal "$((0x$(last_seen) & ~0x401e3))" 0
}

last_seen()
{
    container_output | sed -n 's/^seen //p' | tail -n 1
}

comes_in_and_is_seen()
{
    quick exec "$CONTAINER" /bin/true </dev/null || return 1
    [ $((0x$(last_seen) & 1)) -eq 1 ]
}

# It may be stopped or killed for good: that is the caller's to end, and delete --force needs nobody.
@test "a container that stops or kills what comes in holds up nobody but that exec" {
    local signal

    for signal in 19 9; do
        CONTAINER=$(new_id)
        edit_config '.process.capabilities = (["CAP_KILL"] | {bounding: ., effective: ., permitted: .})'
        set_args /bin/probe harass 1000 "$signal"
        start_container
        wait_for_output ready
        for _ in 1 2 3 4; do
            status=0
            timeout -s KILL 0.3 "$ZIND_OCI" --root "$ZIND_ROOT" exec "$CONTAINER" /bin/sleep 100 \
                </dev/null >/dev/null 2>&1 3>&- || status=$?
            [ "$status" -ne 0 ] || fail "the exec was not disturbed"
        done
        expect_equal "$(container_status)" running
        run timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" delete --force "$CONTAINER" 3>&-
        expect_ok
        expect_no_leaks
    done
}

# Whatever is mounted over /proc, /dev and /sys in there by now.
@test "exec works in a container that has covered its own /proc, /dev and /etc" {
    edit_config '.process.capabilities = (["CAP_SYS_ADMIN"] | {bounding: ., effective: ., permitted: .})'
    set_args /bin/sh -c 'mount -t tmpfs x /etc; mount -t tmpfs x /proc; mkdir -p /proc/self/attr /proc/self/fd
        echo >/proc/self/attr/exec; mount -t tmpfs x /dev; exec /bin/probe pause'
    start_container
    wait_for_output ready
    run quick exec "$CONTAINER" /bin/probe cwd
    expect_ok
    expect_line "cwd /"
    run quick exec --user 1000:1000 "$CONTAINER" /bin/probe ids
    expect_ok
    # No terminal of an impostor's.
    run quick exec --tty "$CONTAINER" /bin/true
    expect_error /dev/pts
}
