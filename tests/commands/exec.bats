#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec: one more process in the container, as the container's or as the caller says.
load ../lib/bundle

# config.md, "Process": an exec inherits the container's process unless told otherwise.
@test "exec has the container's environment, identity, limits and capabilities" {
    edit_config '.process.env += ["COLOUR=red"] | .process.user = {"uid": 1000, "gid": 1000,
        "additionalGids": [44]}'
    start_idle
    exec_probe each env ids rlimits seccomp hostname
    expect_ok
    expect_line "COLOUR=red" "uid 1000" "gid 1000" "RLIMIT_NOFILE 1024 1024" "nnp 1" \
        "hostname inside"
    expect_match '^groups .*\b44\b'
}

@test "exec joins every namespace and the cgroup" {
    local first

    set_args /bin/sh -c '/bin/probe each ns cgroup; exec /bin/probe pause'
    start_container
    wait_for_output ready
    first=$(container_output | grep -v ready)
    exec_probe each ns cgroup
    expect_equal "$output" "$first"
}

@test "the exit status is the program's, or that of its signal" {
    start_idle
    exec_probe exit 9
    expect_status 9
    run zind exec "$CONTAINER" /bin/sh -c 'kill -KILL $$'
    expect_status 137
}

@test "options change cwd, environment and user" {
    start_idle
    run zind exec --cwd /tmp --env A=1 --env B=2 --user 7:8 "$CONTAINER" /bin/probe each cwd env ids
    expect_ok
    expect_line "cwd /tmp" "A=1" "B=2" "uid 7" "gid 8"
}

# config.md, "Process": the object that --process takes.
@test "a process file says it all" {
    start_idle
    cat >"$BATS_TEST_TMPDIR/process.json" <<'JSON'
{"args": ["/bin/probe", "each", "cwd", "ids", "env", "caps"], "cwd": "/tmp", "env": ["ONLY=this"],
 "user": {"uid": 5, "gid": 6, "additionalGids": [7]}}
JSON
    run zind exec --process "$BATS_TEST_TMPDIR/process.json" "$CONTAINER"
    expect_ok
    expect_line "cwd /tmp" "uid 5" "gid 6" "groups 7" "ONLY=this"
    expect_match '^effective 0+$'
    expect_no_match '^TERM='
}

@test "exec --detach returns at once and writes the pid" {
    start_idle
    zind exec --detach --pid-file "$BATS_TEST_TMPDIR/exec-pid" "$CONTAINER" /bin/probe sleep 1000 \
        </dev/null >/dev/null 2>&1
    kill -0 "$(cat "$BATS_TEST_TMPDIR/exec-pid")"
}

@test "exec with a terminal" {
    start_idle
    receive_terminal
    zind exec --tty --detach --console-socket "$CONSOLE" "$CONTAINER" /bin/probe tty \
        </dev/null >/dev/null 2>&1
    eventually grep -q '^controlling yes' "$BATS_TEST_TMPDIR/terminal"
}

@test "a missing program is told in the words that engines look for" {
    start_idle
    run zind exec "$CONTAINER" no-such-program
    expect_error no-such-program
    expect_no_match died
    expect_match 'executable file not found in \$PATH|[Nn]o such file or directory'
    run zind exec "$CONTAINER" /etc/passwd
    expect_match '[Pp]ermission denied'
}

@test "exec is refused in a stopped container and for an unknown id" {
    set_args /bin/probe true
    start_container
    wait_for_status stopped
    exec_probe true
    [ "$status" -ne 0 ] || fail "exec in a stopped container"
    run zind exec "$(new_id)" /bin/true
    expect_error "does not exist"
}

# config.md, "Linux Process": a capability that cannot be granted is a warning, so exec must not be silent about it.
@test "a capability that nobody knows is warned of and left out" {
    start_idle
    run zind exec --cap CAP_NO_SUCH "$CONTAINER" /bin/probe true
    expect_ok
    expect_match 'warning: process\.capabilities.*CAP_NO_SUCH'
}

# As with runc and crun: what the file leaves out of capabilities is the container's.
@test "--process without capabilities has those of the container" {
    start_idle
    jq '{ args: ["/bin/probe", "caps"], cwd: "/", user: .process.user }' "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
    run zind exec --process "$BATS_TEST_TMPDIR/process.json" "$CONTAINER"
    expect_ok
    expect_match '^bounding .*CAP_KILL' '^effective .*CAP_KILL'
    jq '.capabilities = {}' "$BATS_TEST_TMPDIR/process.json" >"$BATS_TEST_TMPDIR/none.json"
    run zind exec --process "$BATS_TEST_TMPDIR/none.json" "$CONTAINER"
    expect_ok
    expect_no_match CAP_KILL
}

@test "--process may be a pipe, of any kind, but not endless" {
    local process

    start_idle
    process=$(jq -c '{ args: ["/bin/probe", "args", "piped"], cwd: "/", user: .process.user }' "$BUNDLE/config.json")
    output=$(quick exec --process /dev/stdin "$CONTAINER" <<<"$process")
    expect_match piped
    output=$(echo "$process" | quick exec --process /dev/stdin "$CONTAINER")
    expect_match piped
    run quick exec --process <(echo "$process") "$CONTAINER"
    expect_ok
    expect_match piped
    run quick exec --process /dev/zero "$CONTAINER"
    [ "$status" -ne 0 ] || fail "an endless file is read"
    expect_error /dev/zero
}

# pthreads(7): a process lives as long as one of its threads.
@test "exec works where the container's first thread has ended and another has not" {
    set_args /bin/probe end-first
    start_container
    wait_for_output ready
    eventually grep -q '^State:.Z' "/proc/$(container_pid)/status"
    expect_equal "$(container_status)" running
    run quick exec "$CONTAINER" /bin/probe each hostname cwd
    expect_ok
    expect_line "hostname inside" "cwd /"
    edit_config '.linux.namespaces += [{ type: "user" }] | del(.linux.resources) |
        .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] | .linux.gidMappings = .linux.uidMappings'
    zind delete --force "$CONTAINER"
    start_container
    wait_for_output ready
    eventually grep -q '^State:.Z' "/proc/$(container_pid)/status"
    run quick exec "$CONTAINER" /bin/probe hostname
    expect_ok
    expect_line "hostname inside"
}
