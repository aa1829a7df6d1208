#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hooks: when they run, where, what they read, and what a failure does.
load ../lib/bundle

# hook KIND SCRIPT: a shell script on the host that runs as a hook.
hook()
{
    edit_config '.hooks[$kind] += [{"path": "/bin/sh", "args": ["sh", "-c", $script], "env": ["OF=" + $kind]}]' \
        --arg kind "$1" --arg script "$2"
}

# config.md, "POSIX-platform Hooks"; runtime.md, "Lifecycle".
@test "the hooks of the host run in the order of the life of a container" {
    local kind log=$BATS_TEST_TMPDIR/order

    for kind in prestart createRuntime poststart poststop; do
        hook "$kind" "echo \$OF >>$log"
    done
    set_args /bin/probe pause
    create_container
    expect_ok
    expect_equal "$(cat "$log")" "prestart
createRuntime"
    zind start "$CONTAINER"
    eventually grep -q poststart "$log"
    zind delete --force "$CONTAINER"
    expect_equal "$(cat "$log")" "prestart
createRuntime
poststart
poststop"
}

# runtime.md, "State": the hook reads it from its standard input.
@test "a hook gets the state on standard input and only its own environment" {
    hook createRuntime "cat >$BATS_TEST_TMPDIR/state; env >$BATS_TEST_TMPDIR/env"
    create_container
    expect_ok
    jq -e --arg id "$CONTAINER" --arg bundle "$BUNDLE" --argjson pid "$(container_pid)" \
        '.id == $id and .bundle == $bundle and .pid == $pid and .ociVersion' "$BATS_TEST_TMPDIR/state"
    grep -qx OF=createRuntime "$BATS_TEST_TMPDIR/env"
    [ -z "$(grep -E '^(BATS_|HOME=)' "$BATS_TEST_TMPDIR/env")" ] || fail "more than its environment"
}

# config.md, "StartContainer Hooks": in the container, as part of start.
@test "startContainer runs inside, before the program" {
    hook startContainer '/bin/cat /proc/sys/kernel/hostname >/tmp/hook'
    run_container read /tmp/hook
    expect_line inside
}

# runtime.md, "Lifecycle": a failing hook before start ends the container.
@test "a hook that fails makes create fail and leaves nothing" {
    local kind

    for kind in prestart createRuntime createContainer; do
        CONTAINER=$(new_id)
        edit_config 'del(.hooks)'
        hook "$kind" 'exit 7'
        create_container
        [ "$status" -ne 0 ] || fail "$kind: create went on"
        expect_no_leaks
    done
}

# config.md, "POSIX-platform Hooks": timeout, in seconds.
@test "a hook that takes too long is ended and fails" {
    local before=$SECONDS

    hook createRuntime 'exec sleep 60'
    edit_config '.hooks.createRuntime[0].timeout = 1'
    create_container
    [ "$status" -ne 0 ] || fail "create went on"
    [ $((SECONDS - before)) -lt 20 ] || fail "it took $((SECONDS - before)) seconds"
}

# runtime.md, "Lifecycle", step 13: a failing poststop hook is only warned of.
@test "a poststop hook that fails does not stop delete" {
    hook poststop 'exit 1'
    set_args /bin/true
    start_container
    wait_for_status stopped
    run zind delete "$CONTAINER"
    expect_ok
    expect_no_leaks
}

# Docker's network comes by a prestart hook: a warning would stand at each of its containers.
@test "a prestart hook that works leaves nothing on stderr" {
    edit_config '.hooks.prestart = [{path: "/bin/true"}]'
    set_args /bin/true
    run --separate-stderr zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_equal "$stderr" ""
}
