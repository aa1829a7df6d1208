#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# create: what it makes, what it refuses, and that a refusal leaves nothing behind.
load ../lib/bundle

# runtime.md, "Create": the process is made, the program is not run.
@test "a created container waits and has not run its program" {
    set_args /bin/probe write /tmp/ran
    create_container
    expect_ok
    expect_equal "$output" ""
    expect_equal "$(container_status)" created
    [ ! -e "$BUNDLE/rootfs/tmp/ran" ]
    kill -0 "$(container_pid)"
}

# runtime.md, "State": pid is that of the container's process.
@test "the pid file holds the pid that state tells" {
    create_container
    expect_ok
    expect_equal "$(container_pid)" "$(zind state "$CONTAINER" | jq .pid)"
}

# runtime.md, "Create": an id that is taken MUST be an error.
@test "an id that is in use is refused and the first container unharmed" {
    create_container
    expect_ok
    run zind create --bundle "$BUNDLE" "$CONTAINER"
    expect_error "$CONTAINER"
    expect_equal "$(container_status)" created
}

# runtime.md, "Create": the id; which letters it may have is left to the runtime.
@test "an id that could leave the state root is refused" {
    local id

    for id in ../x . .. a/b ""; do
        run zind create --bundle "$BUNDLE" "$id"
        [ "$status" -ne 0 ] || fail "taken: '$id'"
    done
    [ ! -e "$ZIND_ROOT/../x" ]
}

# bundle.md: config.json is in the folder that is the bundle.
@test "a bundle that is not there, or has no config.json, is named in the error" {
    run zind create --bundle "$BATS_TEST_TMPDIR/nowhere" "$CONTAINER"
    expect_error nowhere
    mkdir "$BATS_TEST_TMPDIR/empty"
    run zind create --bundle "$BATS_TEST_TMPDIR/empty" "$CONTAINER"
    expect_error config.json
    expect_no_leaks
}

# config.md, "Root": path MUST be there.
@test "a root file system that is not there is refused" {
    edit_config '.root.path = "no-such-rootfs"'
    create_container
    expect_error no-such-rootfs
    expect_no_leaks
}

# config.md: JSON is required.
@test "a config.json that is cut short is refused" {
    head -c 300 "$BUNDLE/config.json" >"$BUNDLE/cut"
    mv "$BUNDLE/cut" "$BUNDLE/config.json"
    create_container
    expect_status 1
    expect_no_leaks
}

# runtime.md, "Errors": an error leaves the state of the host as if nothing had been tried.
@test "a mount that fails leaves nothing behind" {
    edit_config '.mounts += [{"destination": "/mnt", "type": "no-such-fs", "source": "none"}]'
    create_container
    expect_error /mnt
    expect_no_leaks
    run zind state "$CONTAINER"
    expect_status 1
}

# config.md, "Process": args; a program that is not there is told by create, with words callers match.
@test "a missing program makes create fail, in the words that engines look for" {
    set_args no-such-program
    create_container
    expect_error no-such-program
    expect_match 'executable file not found in \$PATH|[Nn]o such file or directory'
    expect_no_leaks
}

# config.md, "Process": terminal; the console socket is how its other side is handed over.
@test "a terminal needs a console socket, and gets there" {
    edit_config '.process.terminal = true'
    set_args /bin/probe tty
    create_container
    expect_error "console"
    receive_terminal
    start_container --console-socket "$CONSOLE"
    wait_for_status stopped
    eventually grep -q '^controlling yes' "$BATS_TEST_TMPDIR/terminal"
    grep -qE '^tty 0 yes /dev/(pts/0|console)' "$BATS_TEST_TMPDIR/terminal"
    grep -q '^1 ' "$BATS_TEST_TMPDIR/terminal.name"
}

@test "an empty config.json and one that is too large are told apart, and where" {
    : >"$BUNDLE/config.json"
    create_container
    expect_error 'empty (config.json:1:1)'
    truncate -s 100M "$BUNDLE/config.json"
    create_container
    expect_error 'more than 16777216 bytes'
    expect_no_match 'zind-oci spec makes one'
}
