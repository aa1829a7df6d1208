#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.args, process.env and process.cwd: what callers match in messages, and what engines count on.

load ../lib/bundle

fails_with()
{
    local expected

    create_container
    [ "$status" -ne 0 ] || fail "create succeeded"
    for expected; do
        [[ $output == *"$expected"* ]] || fail "got: $output"
    done
}

# spec: process.args
@test "create says that a program is nowhere in PATH" {
    set_args no-such-program
    fails_with 'executable file not found in $PATH' no-such-program
}

@test "create says that a path does not exist" {
    set_args /no/such/program
    fails_with "no such file or directory" /no/such/program
}

@test "create says that a program may not be executed" {
    printf 'x' >"$BUNDLE/rootfs/bin/closed"
    chmod 0644 "$BUNDLE/rootfs/bin/closed"
    set_args /bin/closed
    fails_with "permission denied" "chmod +x"
}

@test "create says that a program is a folder" {
    set_args /etc
    fails_with "is a directory"
}

@test "a program reached through a magic link of proc is refused" {
    set_args /proc/self/exe
    fails_with process.args
}

@test "a script with a missing interpreter is blamed on the interpreter" {
    printf '#!/no/interpreter\n' >"$BUNDLE/rootfs/bin/script"
    chmod 0755 "$BUNDLE/rootfs/bin/script"
    set_args /bin/script
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    [ "$status" -ne 0 ]
    [[ $output == *"no such file or directory"*/no/interpreter* ]] || fail "got: $output"
}

# spec: process.cwd
@test "a cwd that is missing is made, one that leads out is refused" {
    edit_config '.process.cwd = "/new/folder" | .process.user = {uid: 1000, gid: 1000}'
    run_container cwd
    [[ $output == *"cwd /new/folder"* ]] || fail "got: $output"
    [ "$(stat -c '%u %a' "$BUNDLE/rootfs/new/folder")" = "$(stat -c %u "$BUNDLE/rootfs") 755" ]
    edit_config '.process.cwd = "/proc/self/fd/3"'
    run_container cwd
    [ "$status" -ne 0 ]
    [[ $output == *process.cwd* ]] || fail "got: $output"
}

@test "HOME comes from the image, and a fifo in its place holds nobody up" {
    edit_config '.process.user = {uid: 1000, gid: 1000}'
    run_container env
    [[ $output == *"HOME=/tmp"* ]] || fail "got: $output"
    rm "$BUNDLE/rootfs/etc/passwd"
    mkfifo "$BUNDLE/rootfs/etc/passwd"
    run_container env
    [[ $output == *"HOME=/"* ]] || fail "got: $output"
}

# spec: process.env
@test "of a variable given twice the last one counts" {
    edit_config '.process.env = ["A=1", "B=2", "A=3"]'
    run_container env
    [[ $output == *"B=2"*"A=3"* && $output != *"A=1"* ]] || fail "got: $output"
}

# A post-mortem that blames the wrong thing is worse than none.
@test "an interpreter that lacks its own, a script that runs itself and half a program are told apart" {
    printf '#!/bin/nowhere\n' >"$BUNDLE/rootfs/bin/first"
    printf '#!/bin/first\n' >"$BUNDLE/rootfs/bin/second"
    printf '#!/bin/itself\n' >"$BUNDLE/rootfs/bin/itself"
    head -c 100 "$BUNDLE/rootfs/bin/busybox" >"$BUNDLE/rootfs/bin/half"
    chmod 755 "$BUNDLE"/rootfs/bin/{first,second,itself,half}
    set_args /bin/second
    run_container
    expect_error 'its interpreter /bin/first is there, but names an interpreter'
    set_args /bin/itself
    run_container
    expect_error 'its interpreter is a script'
    set_args /bin/half
    run_container
    expect_error 'damaged or incomplete'
}

# config.md, "Process", cwd; engines count on its being made. Kubernetes: readOnlyRootFilesystem with a workingDir.
@test "a working folder that is missing is made in a root file system that will be read-only" {
    edit_config '.root.readonly = true | .process.cwd = "/made/for/work"'
    run_container cwd
    expect_ok
    expect_line "cwd /made/for/work"
    [ -d "$BUNDLE/rootfs/made/for/work" ]
    # Below a mount that is read-only it cannot be.
    edit_config '.process.cwd = "/proc/made"'
    run_container cwd
    expect_error "process.cwd"
}
