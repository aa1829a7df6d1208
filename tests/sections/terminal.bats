#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.terminal and process.consoleSize, runtime-spec config.md "Process".

load ../lib/bundle

# spec: process.terminal process.consoleSize.height process.consoleSize.width
@test "the terminal is on all three descriptors, has its size and is the controlling one" {
    edit_config '.process.terminal = true | .process.consoleSize = {height: 33, width: 77}'
    receive_terminal
    set_args /bin/probe tty
    create_container --console-socket "$CONSOLE"
    [ "$status" -eq 0 ] || fail "got: $output"
    zind start "$CONTAINER"
    eventually grep -q "controlling yes" "$BATS_TEST_TMPDIR/terminal" "$BATS_TEST_TMPDIR/output"
    grep -hq "size 33 77" "$BATS_TEST_TMPDIR/terminal" "$BATS_TEST_TMPDIR/output"
}

# spec: process.terminal
@test "a terminal that nobody would get is refused" {
    edit_config '.process.terminal = true'
    create_container
    [ "$status" -ne 0 ]
    [[ $output == *--console-socket* ]] || fail "got: $output"
}

is_over()
{
    ! kill -0 "$1" 2>/dev/null
}

@test "who waits for a terminal that never comes ends with its test" {
    bash -c 'python3 "$1/receive-terminal.py" "$2/console" "$2/terminal" </dev/null >/dev/null 2>&1 3>&- &
        echo $! >"$2/receiver"; until [ -S "$2/console" ]; do sleep 0.05; done' _ "$TESTS_LIB" "$BATS_TEST_TMPDIR"
    eventually is_over "$(cat "$BATS_TEST_TMPDIR/receiver")"
}

@test "a console socket without a terminal is refused" {
    create_container --console-socket "$BATS_TEST_TMPDIR/nobody"
    [ "$status" -ne 0 ]
    [[ $output == *process.terminal* ]] || fail "got: $output"
}

# A console socket whose listener goes away when somebody has connected.
listen_once()
{
    local console=$BATS_TEST_TMPDIR/once

    needs_command python3
    timeout "30${ZIND_SLOW:+0}" python3 -c 'import socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
server.accept()[0].recv(1)' "$console" </dev/null >/dev/null 2>&1 3>&- &
    eventually listens "$console"
    printf '%s\n' "$console"
}

# CVE-2025-52565
@test "a link of the image at /dev/console leads nowhere" {
    edit_config '.process.terminal = true | .mounts |= map(select(.destination != "/dev"))'
    mkdir -p "$BUNDLE/rootfs/dev/pts" "$BUNDLE/rootfs/dev/shm" "$BUNDLE/rootfs/dev/mqueue"
    ln -s /etc/passwd "$BUNDLE/rootfs/dev/console"
    set_args /bin/probe mounts
    create_container --console-socket "$(listen_once)"
    expect_error "/dev/console"
}

@test "a read-only root without a file for /dev/console still gets a terminal" {
    edit_config '.process.terminal = true | .root.readonly = true
        | .mounts |= map(select(.destination != "/dev"))'
    mkdir -p "$BUNDLE/rootfs/dev/pts" "$BUNDLE/rootfs/dev/shm" "$BUNDLE/rootfs/dev/mqueue"
    receive_terminal
    set_args /bin/probe tty
    create_container --console-socket "$CONSOLE"
    expect_ok
    zind start "$CONTAINER"
    eventually grep -q "controlling yes" "$BATS_TEST_TMPDIR/terminal"
}

# config-linux.md, "Default Devices": /dev/console, where process.terminal is true.
@test "/dev/console is the terminal with a /dev that is read-only, and with a root that is" {
    local kind

    mkdir -p "$BUNDLE/rootfs/dev/pts" "$BUNDLE/rootfs/dev/shm" "$BUNDLE/rootfs/dev/mqueue"
    edit_config '.process.terminal = true'
    cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/plain.json"
    for kind in mount root; do
        cp "$BATS_TEST_TMPDIR/plain.json" "$BUNDLE/config.json"
        case $kind in
        mount) edit_config '(.mounts[] | select(.destination == "/dev")).options += ["ro"]' ;;
        root) edit_config '.root.readonly = true | .mounts |= map(select(.destination != "/dev"))' ;;
        esac
        rm -f "$BUNDLE/rootfs/dev/console" "$BATS_TEST_TMPDIR"/{terminal,console}
        receive_terminal
        set_args /bin/sh -c '/bin/probe stat /dev/console; echo "to the console" >/dev/console; echo over'
        create_container --console-socket "$CONSOLE"
        expect_ok
        expect_equal "$output" ""
        zind start "$CONTAINER"
        eventually grep -q over "$BATS_TEST_TMPDIR/terminal"
        output=$(tr -d '\r' <"$BATS_TEST_TMPDIR/terminal")
        expect_match '^stat /dev/console char 0[0-9]* 136:' "^to the console$"
        zind delete --force "$CONTAINER"
    done
}

# On cgroup v1 the rules are written one by one, and the first denies all. Seen: now and then EPERM for /dev/pts/ptmx.
@test "the terminal is not opened while the rules for devices are half written" {
    needs_command strace
    edit_config '.process.terminal = true | .linux.resources.devices = [{allow: false, access: "rwm"}]'
    receive_terminal
    set_args /bin/probe tty
    # Each rule that allows takes a while: INIT, which is not held up, gets to its terminal in between.
    run strace -qq -o /dev/null -P "/sys/fs/cgroup/devices/zind-oci-$CONTAINER/devices.allow" -e trace=write \
        -e inject=write:delay_enter=30000 "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" \
        --console-socket "$CONSOLE" "$CONTAINER" 3>&-
    expect_ok
    zind start "$CONTAINER"
    eventually grep -q "controlling yes" "$BATS_TEST_TMPDIR/terminal"
}
