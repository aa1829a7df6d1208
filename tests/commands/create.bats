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

# The caller's file: who reads it late, after a short program, finds it.
@test "the pid file of a foreground run stays, with the pid in it" {
    run zind run --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$CONTAINER"
    expect_ok
    [[ $(container_pid) =~ ^[1-9][0-9]*$ ]] || fail "there is no pid in it"
}

# Written whole and renamed, it would replace them, for the whole host. Here they are in a /dev of the test's own.
@test "a pid file takes the place of no device" {
    local path

    mknod -m 666 "$BATS_TEST_TMPDIR/null" c 1 3
    for path in "$BATS_TEST_TMPDIR/null" /dev/null /dev/stdout; do
        # shellcheck disable=SC2016
        run unshare --mount bash -c 'mount -t tmpfs dev /dev && mknod -m 666 /dev/null c 1 3 &&
            mkdir -m 1777 /dev/shm && ln -s /proc/self/fd/1 /dev/stdout && "$@"; status=$?
            [ -c /dev/null ] && [ -L /dev/stdout ] || exit 99; exit $status' _ \
            "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" --pid-file "$path" "$CONTAINER" 3>&-
        expect_status 1
        expect_error "--pid-file $path is a device"
    done
    [ -c "$BATS_TEST_TMPDIR/null" ]
    for path in "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/" ""; do
        run zind run --bundle "$BUNDLE" --pid-file "$path" "$CONTAINER"
        expect_error "write the pid file $path: Is a directory"
    done
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

# crun: -f, --config. Engines that keep several configurations in one bundle use it.
@test "--config names another file of the bundle, or anywhere" {
    set_args /bin/echo from another
    mv "$BUNDLE/config.json" "$BUNDLE/other.json"
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_error "open config.json"
    run zind run --bundle "$BUNDLE" --config other.json "$CONTAINER"
    expect_ok
    expect_equal "$output" "from another"
    run zind run -f "$BUNDLE/other.json" -b "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_equal "$output" "from another"
    run zind plan -b "$BUNDLE" -f other.json
    expect_ok
    run zind validate -b "$BUNDLE" -f other.json
    expect_ok
    run zind create -b "$BUNDLE" -f nothing.json "$CONTAINER"
    expect_error "open nothing.json"
}

@test "of a container made with --config all commands know the configuration" {
    mv "$BUNDLE/config.json" "$BUNDLE/other.json"
    create_container --config other.json
    expect_ok
    rm "$BUNDLE/other.json"
    run zind exec "$CONTAINER" /bin/echo there
    expect_ok
    run zind state "$CONTAINER"
    expect_ok
}
