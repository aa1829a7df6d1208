#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hooks that never end. runtime.md, "Lifecycle": a hook without a timeout has all the time it likes,
# yet who deletes the container must not need it.
load ../lib/bundle

# make_hook KIND: one that says it is there and then sleeps; its argument is the test's token.
make_hook()
{
    printf '#!/bin/sh\necho $$ >%s\nexec sleep 1000\n' "$BATS_TEST_TMPDIR/hook.pid" \
        >"$BATS_TEST_TMPDIR/hook"
    chmod +x "$BATS_TEST_TMPDIR/hook"
    # shellcheck disable=SC2016
    edit_config '.hooks[$kind] = [{ path: $path, env: ["PATH=/bin:/usr/bin"] }]' \
        --arg kind "$1" --arg path "$BATS_TEST_TMPDIR/hook"
}

hook_is_there()
{
    [ -s "$BATS_TEST_TMPDIR/hook.pid" ]
}

hook_is_gone()
{
    ! grep -qs '^State:.[^ZX]' "/proc/$(cat "$BATS_TEST_TMPDIR/hook.pid")/status"
}

# delete_at_once: delete --force ends within 8 seconds: sooner than any deadline of ours.
delete_at_once()
{
    run timeout -k 1 "8${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" delete --force "$CONTAINER" 3>&-
    expect_ok
    expect_no_leaks
}

@test "delete --force ends a start that hangs in a startContainer hook" {
    printf '#!/bin/sh\nexec /bin/sleep 1000\n' >"$BUNDLE/rootfs/bin/hang"
    chmod +x "$BUNDLE/rootfs/bin/hang"
    edit_config '.hooks.startContainer = [{ path: "/bin/hang" }]'
    set_args /bin/probe pause
    create_container
    expect_ok
    quick start "$CONTAINER" >/dev/null 2>"$BATS_TEST_TMPDIR/start.errors" &
    eventually runs_hang
    delete_at_once
    status=0
    wait $! || status=$?
    expect_status 1
}

runs_hang()
{
    grep -qsF sleep "/proc/$(pgrep -P "$(container_pid)" | head -n 1)/cmdline"
}

@test "delete --force ends a container whose poststart hook hangs" {
    make_hook poststart
    set_args /bin/probe pause
    create_container
    expect_ok
    quick start "$CONTAINER" >/dev/null 2>&1 &
    eventually hook_is_there
    expect_equal "$(container_status)" running
    run timeout -k 1 "8${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" delete --force "$CONTAINER" 3>&-
    expect_ok
    [ ! -e "$ZIND_ROOT/$CONTAINER" ] || fail "the container is still there"
    kill "$(cat "$BATS_TEST_TMPDIR/hook.pid")"
    status=0
    wait $! || status=$?
    expect_status 1
    expect_no_leaks
}

@test "when create is killed in a createRuntime hook, INIT and the hook die, and delete --force cleans up" {
    make_hook createRuntime
    set_args /bin/probe pause
    "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" \
        </dev/null >/dev/null 2>&1 3>&- &
    eventually hook_is_there
    run quick delete "$CONTAINER"
    expect_error creating
    kill -KILL $!
    wait $! || true
    eventually hook_is_gone
    delete_at_once
}

@test "when create is killed in a createContainer hook, INIT and the hook die, and delete --force cleans up" {
    make_hook createContainer
    edit_config 'del(.linux.namespaces[] | select(.type == "pid"))'
    set_args /bin/probe pause
    "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" \
        </dev/null >/dev/null 2>&1 3>&- &
    eventually hook_is_there
    kill -KILL $!
    wait $! || true
    eventually hook_is_gone
    delete_at_once
}

# runtime.md, "Lifecycle", 8 and 12: the container is stopped and destroyed, then poststop.
@test "a startContainer hook that fails destroys the container, and poststop runs" {
    printf '#!/bin/sh\ncat >%s\n' "$BATS_TEST_TMPDIR/poststop" >"$BATS_TEST_TMPDIR/hook"
    chmod +x "$BATS_TEST_TMPDIR/hook"
    # shellcheck disable=SC2016
    edit_config '.hooks = { startContainer: [{ path: "/bin/false" }],
        poststop: [{ path: $path, env: ["PATH=/bin:/usr/bin"] }] }' --arg path "$BATS_TEST_TMPDIR/hook"
    set_args /bin/probe pause
    create_container
    expect_ok
    run quick start "$CONTAINER"
    expect_status 1
    expect_error startContainer /bin/false
    [ ! -e "$ZIND_ROOT/$CONTAINER" ] || fail "the container is still there"
    expect_no_leaks
    # The spec wants no pid of a container that has ended: it may be another process's by now.
    expect_equal "$(jq -r '.status, .pid // "none"' "$BATS_TEST_TMPDIR/poststop")" $'stopped\nnone'
}

@test "a hook that leaves a daemon with its output open does not hold create" {
    printf '#!/bin/sh\nsleep 30%s &\n' "${ZIND_SLOW:+0}" >"$BATS_TEST_TMPDIR/hook"
    chmod +x "$BATS_TEST_TMPDIR/hook"
    # shellcheck disable=SC2016
    edit_config '.hooks.createRuntime = [{ path: $path, env: ["PATH=/bin:/usr/bin"] }]' \
        --arg path "$BATS_TEST_TMPDIR/hook"
    set_args /bin/probe true
    run timeout -k 1 "20${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    expect_ok
}

# begin COMMAND...: in the background, its errors in $ERRORS, with signals as a shell in the foreground leaves them.
begin()
{
    ERRORS=$BATS_TEST_TMPDIR/errors
    env --default-signal=TERM,INT,HUP "$ZIND_OCI" --root "$ZIND_ROOT" "$@" </dev/null >/dev/null 2>"$ERRORS" 3>&- &
    BEGUN=$!
}

# end_with SIGNAL: what was begun ends at once, says why, and leaves nothing.
end_with()
{
    kill -"$1" "$BEGUN"
    eventually ends "$BEGUN"
    status=0
    wait "$BEGUN" || status=$?
    output=$(cat "$ERRORS")
    expect_status 1
    expect_error "told to end by signal"
    expect_no_leaks
}

ends()
{
    ! grep -qs '^State:.[^ZX]' "/proc/$1/status"
}

# Who ends a command by TERM, INT or HUP finds nothing left, whatever the command waited for.
@test "a create or run that waits for a hook is ended by a signal, and takes all back" {
    local kind verb signal

    set_args /bin/probe pause
    for kind in prestart createRuntime createContainer startContainer poststart; do
        make_hook "$kind"
        if [ "$kind" = startContainer ]; then
            printf '#!/bin/sh\necho $$ >/tmp/hook.pid\nexec /bin/sleep 1000\n' >"$BUNDLE/rootfs/bin/hang"
            chmod 755 "$BUNDLE/rootfs/bin/hang"
            edit_config '.hooks.startContainer = [{ path: "/bin/hang" }]'
        fi
        for verb in create "run" "run -d"; do
            [ "$verb" != create ] || [[ $kind != startContainer && $kind != poststart ]] || continue
            for signal in TERM INT HUP; do
                rm -f "$BATS_TEST_TMPDIR/hook.pid" "$BUNDLE/rootfs/tmp/hook.pid"
                # shellcheck disable=SC2086
                begin $verb --bundle "$BUNDLE" "$CONTAINER"
                eventually hook_has_begun
                end_with "$signal"
            done
        done
        edit_config 'del(.hooks)'
    done
}

hook_has_begun()
{
    [ -s "$BATS_TEST_TMPDIR/hook.pid" ] || [ -s "$BUNDLE/rootfs/tmp/hook.pid" ]
}

# The INIT of a container that is made in a pid namespace with others can be stopped from there.
begin_with_stopped_init()
{
    local hook=$BATS_TEST_TMPDIR/stopping

    # As another container would, once INIT is there: its pid is in the state.
    printf '#!/bin/sh\npid=$(sed -E '"'s/.*\"pid\": ?([0-9]+).*/\\\\1/'"')\nkill -STOP "$pid"\necho "$pid" >%s\n' \
        "$BATS_TEST_TMPDIR/stopped" >"$hook"
    chmod 755 "$hook"
    edit_config '.hooks.createRuntime = [{ path: $hook, env: ["PATH=/bin:/usr/bin"] }]' --arg hook "$hook"
    set_args /bin/probe pause
    rm -f "$BATS_TEST_TMPDIR/stopped"
    begin create --bundle "$BUNDLE" "$CONTAINER"
    eventually test -s "$BATS_TEST_TMPDIR/stopped"
}

@test "delete --force ends a create whose INIT was stopped, and all that it made" {
    begin_with_stopped_init
    delete_at_once
    status=0
    wait "$BEGUN" || status=$?
    expect_status 1
    expect_equal "$(grep -c "told to end" "$ERRORS")" 1
}

@test "a create whose INIT was stopped is ended by a signal" {
    begin_with_stopped_init
    end_with TERM
}

# It may be stopped itself: then it cannot take anything back.
@test "delete --force ends a creator that is stopped" {
    make_hook createRuntime
    set_args /bin/probe pause
    begin create --bundle "$BUNDLE" "$CONTAINER"
    eventually hook_is_there
    kill -STOP "$BEGUN"
    delete_at_once
    eventually hook_is_gone
}
