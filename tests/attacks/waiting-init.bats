#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Between create and start INIT waits in the container, where exec lets others in: CVE-2016-9962.
load ../lib/bundle

make_strong()
{
    edit_config '.process.capabilities = ([
        "CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE", "CAP_KILL", "CAP_SYS_CHROOT", "CAP_SETUID"
    ] as $all | { bounding: $all, effective: $all, permitted: $all })'
}

# What others than INIT's own numbers 0 to 2 it holds, as the host sees it.
held_fds()
{
    find "/proc/$(container_pid)/fd" -lname '*' -printf '%f %l\n' | grep -v '^[012] '
}

@test "INIT holds nothing of the host while it waits for start" {
    exec 8<"$BATS_TEST_TMPDIR" 9</etc/passwd
    set_args /bin/probe pause
    create_container
    expect_ok
    output=$(held_fds)
    expect_no_match / "$TOKEN" passwd
    # The socket where start knocks is all.
    expect_equal "$(wc -l <<<"$output")" 1
    expect_match '^[0-9]+ socket:'
    zind start "$CONTAINER"
    wait_for_output ready
    expect_equal "$(held_fds)" ""
}

@test "what is asked to be kept is kept over the wait" {
    exec 9</etc/passwd
    set_args /bin/probe fds
    status=0
    "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" --preserve-fds 1 "$CONTAINER" \
        </dev/null >"$BATS_TEST_TMPDIR/output" 2>&1 3<"$BUNDLE/config.json" || status=$?
    expect_ok
    zind start "$CONTAINER"
    wait_for_status stopped
    output=$(cat "$BATS_TEST_TMPDIR/output")
    expect_match "^fd 3 .*config.json"
    expect_no_match "^fd ([4-9]|[1-9][0-9])"
}

@test "a process of exec cannot look into the INIT that waits" {
    set_args /bin/probe pause
    edit_config '.process.capabilities = {}'
    create_container
    expect_ok
    # The same user and no less of capabilities: the kernel would let it.
    run zind exec "$CONTAINER" /bin/sh -c '
        cat /proc/1/environ; ls /proc/1/cwd/; ls /proc/1/root/; /bin/probe open-w /proc/1/mem
        for fd in /proc/1/fd/*; do ls "$fd/"; done'
    expect_match "cwd.*denied|denied.*cwd" "root.*denied|denied.*root" EACCES
    expect_no_match "^(sys|sysrq-trigger|proc)$"
}

@test "with CAP_SYS_PTRACE, too, it finds no way to the host" {
    set_args /bin/probe pause
    make_strong
    create_container
    expect_ok
    # Through a folder of the host's procfs it would see more than the container's processes.
    run zind exec "$CONTAINER" /bin/sh -c 'for fd in /proc/1/fd/*; do ls "$fd/sys/" "$fd/1/"; done'
    expect_no_match '^(kernel|cmdline)$'
}
