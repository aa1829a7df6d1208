#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The life of a container as runtime.md, "Lifecycle" and "Operations", tells it, and errors that leave
# nothing behind.
load ../lib/bundle

# runtime.md, "Create": changes to config.json after create have no effect on the container.
@test "config.json is read once: later edits change nothing, also for exec, hooks and delete" {
    edit_config '.hooks.poststart = [{ path: "/bin/sh", args: ["sh", "-c", "echo old >>" + $log] }] |
        .hooks.poststop = .hooks.poststart | .process.env = ["PATH=/bin", "WHICH=old"] |
        .annotations = { which: "old" }' --arg log "$BATS_TEST_TMPDIR/log-of-hooks"
    set_args /bin/probe pause
    create_container
    expect_ok
    edit_config '.hooks = { startContainer: [{ path: "/bin/false" }], poststop: [{ path: "/bin/false" }] } |
        .process.env = ["PATH=/bin", "WHICH=new"] | .process.args = ["/bin/false"] | .annotations = { which: "new" } |
        .process.capabilities = {} | .root.readonly = true'
    zind start "$CONTAINER"
    wait_for_output ready
    exec_probe env
    expect_line WHICH=old
    expect_equal "$(zind state "$CONTAINER" | jq -r .annotations.which)" old
    rm "$BUNDLE/config.json"
    exec_probe env
    expect_line WHICH=old
    run quick delete --force "$CONTAINER"
    expect_ok
    expect_equal "$(cat "$BATS_TEST_TMPDIR/log-of-hooks")" $'old\nold'
}

# config.md, "process": may be absent until start is called.
@test "without a process create works, start is refused and changes nothing, delete works" {
    edit_config 'del(.process)'
    create_container
    expect_ok
    expect_equal "$(container_status)" created
    for _ in 1 2; do
        run quick start "$CONTAINER"
        expect_status 1
        expect_error process
        expect_equal "$(container_status)" created
    done
    run quick delete "$CONTAINER"
    expect_ok
    expect_no_leaks
}

# runtime.md, "State": the five that can be seen from outside.
@test "creating, created, running, paused and stopped can be observed, and what each allows" {
    local command

    edit_config '.hooks.createRuntime = [{ path: "/bin/sh", args: ["sh", "-c", "while [ ! -e " + $go + " ]; do sleep 0.05; done"],
        env: ["PATH=/bin:/usr/bin"] }]' --arg go "$BATS_TEST_TMPDIR/go"
    set_args /bin/probe pause
    quick create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$CONTAINER" </dev/null \
        >"$BATS_TEST_TMPDIR/output" 2>"$BATS_TEST_TMPDIR/errors" &
    eventually has_status creating
    refused start kill pause resume delete
    : >"$BATS_TEST_TMPDIR/go"
    wait $!
    expect_equal "$(container_status)" created
    refused resume
    zind start "$CONTAINER"
    expect_equal "$(container_status)" running
    refused start resume delete
    needs_controller freezer
    zind pause "$CONTAINER"
    expect_equal "$(container_status)" paused
    refused start pause delete
    zind resume "$CONTAINER"
    expect_equal "$(container_status)" running
    zind kill "$CONTAINER" KILL
    wait_for_status stopped
    refused start kill pause resume
    zind delete "$CONTAINER"
    refused start kill pause resume delete state
}

# refused COMMAND...: each fails for its state and leaves it.
refused()
{
    local before after command

    before=$(container_status 2>/dev/null) || before=none
    for command in "$@"; do
        run quick "$command" "$CONTAINER"
        expect_status 1 || fail "$command was not refused: $before"
    done
    after=$(container_status 2>/dev/null) || after=none
    expect_equal "$after" "$before"
}

@test "a created container is deleted without --force, and poststop runs" {
    edit_config '.hooks.poststop = [{ path: "/bin/touch", args: ["touch", $mark] }]' --arg mark "$BATS_TEST_TMPDIR/mark"
    set_args /bin/true
    create_container
    expect_ok
    run quick delete "$CONTAINER"
    expect_ok
    [ -e "$BATS_TEST_TMPDIR/mark" ]
    expect_no_leaks
}

# architecture.md, "What state is": delete by a version that knows less.
@test "a record of a newer version is deleted, with what it says that we do not know" {
    local folder

    for expression in '.news = { a: [1, 2] } | .init.more = "x" | .cgroup.kind = null' '.version = 2 | .news = true' \
        '.version = 99 | del(.cgroup) | del(.creator)'; do
        CONTAINER=$(new_id)
        start_idle
        folder=$ZIND_ROOT/$CONTAINER
        jq -c "$expression" "$folder/record.json" >"$folder/new"
        mv "$folder/new" "$folder/record.json"
        run quick list
        expect_ok
        run quick delete --force "$CONTAINER"
        expect_ok
        expect_no_leaks
    done
}

# starve LIMIT: create with so little address space; whatever happens, it ends in order.
starve()
{
    run bash -c 'ulimit -v "$1"; shift; exec timeout -k 1 "30${ZIND_SLOW:+0}" "$@" </dev/null' _ "$1" "$ZIND_OCI" --root "$ZIND_ROOT" \
        run --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$CONTAINER" 3>&-
}

@test "create without memory fails in words and leaves nothing, wherever it runs out" {
    local limit good=0 bad=0

    edit_config '.annotations = ([range(3000)] | map({ key: "k\(.)", value: "v\(.)" }) | from_entries) |
        .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["getppid"], action: "SCMP_ACT_ERRNO" }] }'
    set_args /bin/probe true
    for limit in 3400 3600 3800 4000 4300 4600 5000 5500 6000 8000 100000; do
        starve "$limit"
        case $status in
        0) good=$((good + 1)) ;;
        1) bad=$((bad + 1)) && [ -n "$output" ] || fail "no word of why at $limit" ;;
        124 | 125 | 126 | 127 | 137 | 139) [ "$limit" -lt 5000 ] || fail "it crashed or hung at $limit" ;;
        *) fail "what is this at $limit" ;;
        esac
        [ -z "$(leaked_state)$(leaked_cgroups)" ] || fail "left behind at $limit"
    done
    expect_equal "$status" 0
    echo "$good came up, $bad said why not"
    expect_no_leaks
}

@test "create where no process can be made fails in words and leaves nothing" {
    needs_controller pids
    local group=/sys/fs/cgroup/pids/zind-test-$TOKEN

    ! host_is_cgroup2 || group=/sys/fs/cgroup/zind-test-$TOKEN
    mkdir "$group"
    echo 3 >"$group/pids.max"
    # shellcheck disable=SC2016
    run bash -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@" </dev/null' _ "$group" "$ZIND_OCI" --root "$ZIND_ROOT" \
        run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    first=$status
    echo 1 >"$group/pids.max"
    # shellcheck disable=SC2016
    run bash -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@" </dev/null' _ "$group" "$ZIND_OCI" --root "$ZIND_ROOT" \
        create --bundle "$BUNDLE" "$CONTAINER-2" 3>&-
    rmdir "$group"
    expect_equal "$first" 0
    expect_status 1
    expect_error clone3
    [ -z "$(leaked_state)" ] || fail "state left"
}

# Signals that the caller gets while create is at work: it goes on to an end.
@test "create under a rain of signals works" {
    local i victim

    set_args /bin/probe true
    for ((i = 0; i < 10; i++)); do
        "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" </dev/null >/dev/null \
            2>"$BATS_TEST_TMPDIR/errors" 3>&- &
        victim=$!
        while kill -STOP "$victim" 2>/dev/null && kill -CONT "$victim" && kill -WINCH "$victim"; do :; done 2>/dev/null
        wait "$victim" || fail "$(cat "$BATS_TEST_TMPDIR/errors")"
        quick delete --force "$CONTAINER"
    done
}
