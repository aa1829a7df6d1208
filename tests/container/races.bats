#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Commands on one id at the same time. runtime.md: ids are unique, an error leaves nothing behind.
load ../lib/bundle

quick()
{
    timeout -k 1 30 "$ZIND_OCI" --root "$ZIND_ROOT" "$@" 3>&-
}

@test "of eight creates of one id one succeeds and seven say why not" {
    local i pids=()

    set_args /bin/probe pause
    for i in 1 2 3 4 5 6 7 8; do
        quick create --bundle "$BUNDLE" "$CONTAINER" </dev/null >/dev/null \
            2>"$BATS_TEST_TMPDIR/error.$i" &
        pids+=($!)
    done
    i=0
    for pid in "${pids[@]}"; do
        ! wait "$pid" || i=$((i + 1))
    done
    expect_equal "$i" 1
    output=$(cat "$BATS_TEST_TMPDIR"/error.*)
    expect_equal "$(grep -c "already exists" <<<"$output")" 7
    expect_equal "$(container_status)" created
    quick delete --force "$CONTAINER"
    expect_no_leaks
}

@test "create against delete --force: neither hangs nor leaves anything" {
    local round

    set_args /bin/probe pause
    for ((round = 0; round < 30; round++)); do
        quick create --bundle "$BUNDLE" "$CONTAINER" </dev/null >/dev/null 2>&1 &
        sleep "0.0$((round % 10))"
        status=0
        quick delete --force "$CONTAINER" >/dev/null 2>&1 || status=$?
        [ "$status" -lt 124 ] || fail "delete hangs in round $round"
        status=0
        wait $! || status=$?
        [ "$status" -lt 124 ] || fail "create hangs in round $round"
        quick delete --force "$CONTAINER" || fail "the last delete failed"
        [ -z "$(leaked_state)" ] || fail "state left in round $round"
    done
    expect_no_leaks
}

@test "without a cgroup to find it by, INIT does not outlive delete --force either" {
    local round

    set_args /bin/probe pause
    for ((round = 0; round < 15; round++)); do
        quick --cgroup-manager disabled create --bundle "$BUNDLE" "$CONTAINER" \
            </dev/null >/dev/null 2>&1 &
        sleep "0.0$((round % 5))"
        quick --cgroup-manager disabled delete --force "$CONTAINER" >/dev/null 2>&1 || true
        wait $! || true
        quick delete --force "$CONTAINER"
    done
    expect_no_leaks
}

@test "eight deletes of one container at once: all are content, poststop runs once" {
    local i pids=()

    printf '#!/bin/sh\necho once >>%s\n' "$BATS_TEST_TMPDIR/poststop" >"$BATS_TEST_TMPDIR/hook"
    chmod +x "$BATS_TEST_TMPDIR/hook"
    # shellcheck disable=SC2016
    edit_config '.hooks.poststop = [{ path: $path }]' --arg path "$BATS_TEST_TMPDIR/hook"
    start_idle
    for i in 1 2 3 4 5 6 7 8; do
        quick delete --force "$CONTAINER" 2>>"$BATS_TEST_TMPDIR/delete-errors" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || fail "$(cat "$BATS_TEST_TMPDIR/delete-errors")"
    done
    expect_equal "$(cat "$BATS_TEST_TMPDIR/poststop")" once
    expect_no_leaks
}

@test "a delete that comes late does not touch the next container of that id" {
    printf '#!/bin/sh\nsleep 1\n' >"$BATS_TEST_TMPDIR/hook"
    chmod +x "$BATS_TEST_TMPDIR/hook"
    start_idle
    # Keeps the lock while the folder is removed under the one that waits for it.
    exec 8<"$ZIND_ROOT/$CONTAINER"
    flock 8
    quick delete --force "$CONTAINER" 8<&- &
    sleep 0.3
    rm -r "${ZIND_ROOT:?}/$CONTAINER"
    leaked_cgroups | sort -r | xargs rmdir
    start_idle
    exec 8<&-
    wait $!
    expect_equal "$(container_status)" running
}

@test "state and kill answer while an INIT that was stopped does not" {
    local i

    set_args /bin/probe pause
    create_container
    kill -STOP "$(container_pid)"
    # More than the queue of its socket holds.
    for ((i = 0; i < 24; i++)); do
        output=$(timeout -k 1 5 "$ZIND_OCI" --root "$ZIND_ROOT" state "$CONTAINER") ||
            fail "state $i hangs or fails"
        expect_equal "$(jq -r .status <<<"$output")" created
    done
    run timeout -k 1 20 "$ZIND_OCI" --root "$ZIND_ROOT" kill "$CONTAINER" KILL
    expect_ok
    wait_for_status stopped
}

@test "kill, state, pause and exec work while an exec is at work" {
    start_idle
    quick exec "$CONTAINER" /bin/sleep 100 >/dev/null 2>&1 </dev/null &
    eventually in_exec
    expect_equal "$(container_status)" running
    quick kill "$CONTAINER" USR1
    wait_for_output "signal USR1"
    exec_probe true
    expect_ok
    quick pause "$CONTAINER"
    expect_equal "$(container_status)" paused
    run quick exec "$CONTAINER" /bin/true
    expect_error paused
    quick resume "$CONTAINER"
    quick delete --force "$CONTAINER"
    status=0
    wait $! || status=$?
    expect_status 137
}

in_exec()
{
    quick ps "$CONTAINER" 2>/dev/null | grep -q 'sleep 100'
}
