#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A service manager that wants to know when the container's program is ready: NOTIFY_SOCKET of
# sd_notify(3), as runc and crun pass it on. Units of Type=notify are made with it.
load ../lib/bundle

# listen [NAME]: a service manager's socket at NOTIFY_SOCKET; what it gets goes to `heard`, a line
# each, with the number of descriptors that came along.
listen()
{
    needs_command python3
    export NOTIFY_SOCKET=${1-$BATS_TEST_TMPDIR/notify}
    : >"$BATS_TEST_TMPDIR/heard"
    python3 -c '
import os, socket, sys
name = sys.argv[1]
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind("\0" + name[1:] if name[0] == "@" else name)
print("listening", flush=True)
while True:
    text, fds, flags, sender = socket.recv_fds(manager, 65536, 10)
    print(repr(text), len(fds), flush=True)
    for fd in fds: os.close(fd)
' "$NOTIFY_SOCKET" >"$BATS_TEST_TMPDIR/heard" 2>&1 </dev/null 3>&- &
    MANAGER=$!
    eventually grep -q listening "$BATS_TEST_TMPDIR/heard"
}

teardown()
{
    unset NOTIFY_SOCKET
    [ -z "${MANAGER-}" ] || kill "$MANAGER" || true
    teardown_bundle
}

heard()
{
    tail -n +2 "$BATS_TEST_TMPDIR/heard"
}

is_heard()
{
    heard | grep -qF -- "$1"
}

# set_service MESSAGE...: says these once /tmp/go is there, and stays.
set_service()
{
    set_args /bin/sh -c "while [ ! -e /tmp/go ]; do sleep 0.05; done; /bin/probe notify $*; exec /bin/probe pause"
}

go()
{
    touch "$BUNDLE/rootfs/tmp/go"
}

has_ended()
{
    ! kill -0 "$1" 2>/dev/null
}

@test "start waits until the program is ready, then tells the host with the main pid" {
    listen
    set_service STATUS=begun READY=1
    create_container
    expect_ok
    zind start "$CONTAINER" 2>"$BATS_TEST_TMPDIR/start" &
    wait_for_status running
    sleep 0.3
    kill -0 $! || fail "start did not wait"
    expect_equal "$(heard)" ""
    go
    wait $! || fail "start failed"
    expect_equal "$(cat "$BATS_TEST_TMPDIR/start")" ""
    expect_equal "$(heard)" "b'READY=1\nMAINPID=$(container_pid)' 0
b'BARRIER=1' 1"
    expect_equal "$(container_status)" running
}

@test "run --detach does the same" {
    listen
    set_service READY=1
    go
    timeout "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" run --detach --bundle "$BUNDLE" \
        --pid-file "$BATS_TEST_TMPDIR/pid" "$CONTAINER" 3>&- </dev/null \
        >"$BATS_TEST_TMPDIR/output" 2>&1 || fail "run failed"
    expect_equal "$(heard | head -n 1)" "b'READY=1\nMAINPID=$(container_pid)' 0"
}

# Who waits in the foreground stays the main process: were it not, the end of the container would
# be the end of the service before all is cleaned up.
@test "run in the foreground tells that it is ready, and goes on" {
    listen
    set_service READY=1
    zind run --bundle "$BUNDLE" "$CONTAINER" >"$BATS_TEST_TMPDIR/output" 2>&1 </dev/null &
    wait_for_status running
    sleep 0.2
    expect_equal "$(heard)" ""
    go
    eventually is_heard "b'READY=1' 0"
    expect_equal "$(heard)" "b'READY=1' 0"
    zind kill "$CONTAINER" TERM
    wait $! || fail "run failed"
}

# unix(7): an address has room for 107 bytes, a path may have more.
@test "a socket of the host with a long path is one, too" {
    local folder=$BATS_TEST_TMPDIR/$(printf 'x%.0s' {1..120})

    mkdir "$folder"
    listen
    ln -s "$NOTIFY_SOCKET" "$folder/notify"
    export NOTIFY_SOCKET=$folder/notify
    set_service READY=1
    go
    start_container
    expect_equal "$(heard | head -n 1)" "b'READY=1\nMAINPID=$(container_pid)' 0"
}

@test "an abstract socket of the host is one, too" {
    listen "@zind-oci-$TOKEN"
    set_service READY=1
    go
    start_container
    expect_equal "$(heard | head -n 1)" "b'READY=1\nMAINPID=$(container_pid)' 0"
}

@test "the program's user finds the socket, in a folder where nothing can be changed" {
    listen
    edit_config '.process.user = {"uid": 1000, "gid": 1000}'
    # shellcheck disable=SC2016
    set_args /bin/sh -c 'echo $NOTIFY_SOCKET; mkdir /run/notify/x; /bin/probe notify READY=1'
    umask 077
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line /run/notify/notify.sock ok "mkdir: can't create directory '/run/notify/x': Read-only file system"
    eventually is_heard "b'READY=1' 0"
    expect_equal "$(heard)" "b'READY=1' 0"
}

# A container is not to be believed more than that: it could name any process as the main one, have
# the watchdog changed, or fill the descriptor store.
@test "nothing but READY=1 is passed on, whatever the container sends" {
    listen
    set_service MAINPID=1 STOPPING=1 WATCHDOG=trigger FDSTORE=1 BARRIER=1 XREADY=1 READY=10 \
        "'$(printf 'A%.0s' {1..9000})'" "$(printf '"MAINPID=1\nREADY=1\nSTATUS=owned"')" STOPPING=1
    go
    start_container
    expect_equal "$(heard)" "b'READY=1\nMAINPID=$(container_pid)' 0
b'BARRIER=1' 1"
}

@test "what only looks like READY=1, or is none of our business, is not passed on" {
    listen
    set_args /bin/probe notify XREADY=1 READY=10 READY=0 "READY=1 " MAINPID=1 STOPPING=1 FDSTORE=1 BARRIER=1
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_equal "$(heard)" ""
}

@test "start ends when the program does before it is ready" {
    listen
    set_args /bin/probe true
    create_container
    expect_ok
    run timeout "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" start "$CONTAINER" 3>&-
    expect_ok
    expect_equal "$(heard)" ""
}

@test "a program that says it is ready and ends at once is heard" {
    listen
    set_args /bin/probe notify READY=1
    create_container
    expect_ok
    run timeout "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" start "$CONTAINER" 3>&-
    expect_ok
    eventually is_heard READY=1
}

@test "a flood of other messages ends the waiting, with a warning" {
    listen
    # shellcheck disable=SC2016
    set_args /bin/sh -c 'm="a a a a a a a a a a"; m="$m $m $m $m $m $m $m $m $m $m"
        while /bin/probe notify $m $m $m $m $m $m $m $m $m $m >/dev/null; do :; done; exec /bin/probe pause'
    create_container
    expect_ok
    run timeout "60${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" start "$CONTAINER" 3>&-
    expect_ok
    expect_match 'warning: 10000 messages at the notify socket'
    expect_equal "$(heard)" ""
}

@test "a host's socket that is not there is a warning: the container runs" {
    needs_command python3
    set_service READY=1
    go
    NOTIFY_SOCKET=$BATS_TEST_TMPDIR/nowhere create_container
    expect_ok
    NOTIFY_SOCKET=$BATS_TEST_TMPDIR/nowhere run zind start "$CONTAINER"
    expect_ok
    expect_match "warning: tell $BATS_TEST_TMPDIR/nowhere that the container is ready: No such file"
    wait_for_status running
}

@test "delete is not kept by a start that waits" {
    listen
    set_args /bin/probe pause
    create_container
    expect_ok
    zind start "$CONTAINER" 2>/dev/null &
    wait_for_status running
    run timeout "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" delete --force "$CONTAINER" 3>&-
    expect_ok
    wait $! || fail "start failed"
}

@test "config.json that has a NOTIFY_SOCKET of its own keeps it, and start does not wait" {
    listen
    edit_config '.process.env += ["NOTIFY_SOCKET=/its/own"]'
    set_args /bin/probe env
    start_container
    wait_for_output NOTIFY_SOCKET=/its/own
    [ ! -e "$BUNDLE/rootfs/run/notify" ] || fail "there is a mount point"
}

@test "without NOTIFY_SOCKET there is none, and no step more" {
    set_args /bin/probe env
    start_container
    wait_for_output HOME=/root
    run container_output
    expect_no_match NOTIFY
    run zind plan --bundle "$BUNDLE"
    expect_no_match notify
    NOTIFY_SOCKET=/run/x run zind plan --bundle "$BUNDLE"
    expect_match notify_socket_make notify_socket_attach
}

@test "in a user namespace and under a tmpfs on /run it works the same" {
    listen
    edit_config '.linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
        .linux.gidMappings = .linux.uidMappings |
        .mounts += [{"destination": "/run", "type": "tmpfs", "source": "tmpfs"}]'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
    set_args /bin/probe notify READY=1
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    eventually is_heard "b'READY=1' 0"
    expect_equal "$(heard)" "b'READY=1' 0"
}
