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
    receive_terminal
    create_container --console-socket "$CONSOLE"
    [ "$status" -ne 0 ]
    [[ $output == *process.terminal* ]] || fail "got: $output"
}

# CVE-2025-52565
@test "a link of the image at /dev/console leads nowhere" {
    edit_config '.process.terminal = true | .mounts |= map(select(.destination != "/dev"))'
    mkdir -p "$BUNDLE/rootfs/dev/pts" "$BUNDLE/rootfs/dev/shm" "$BUNDLE/rootfs/dev/mqueue"
    ln -s /etc/passwd "$BUNDLE/rootfs/dev/console"
    receive_terminal
    set_args /bin/probe mounts
    create_container --console-socket "$CONSOLE"
    expect_error "/dev/console"
}
