#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.terminal and process.consoleSize, runtime-spec config.md "Process".

load ../lib/bundle

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

@test "a terminal that nobody would get is refused" {
    edit_config '.process.terminal = true'
    create_container
    [ "$status" -ne 0 ]
    [[ $output == *--console-socket* ]] || fail "got: $output"
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
    timeout 20 python3 -c 'import socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
server.accept()[0].recv(1)' "$console" </dev/null >/dev/null 2>&1 3>&- &
    eventually test -S "$console"
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
