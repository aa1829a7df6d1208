#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Commands on one id at the same time. runtime.md: ids are unique, an error leaves nothing behind.
load ../lib/bundle

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

# What callers of state look for in its error; what list says on stderr some take for a failure.
@test "a container that is half removed does not exist, for state and list" {
    needs_command strace
    set_args /bin/probe true
    start_container
    wait_for_status stopped
    strace -qq -o /dev/null -e trace=unlinkat -e inject=unlinkat:delay_exit=300000 \
        "$ZIND_OCI" --root "$ZIND_ROOT" delete "$CONTAINER" 3>&- &
    eventually test ! -e "$ZIND_ROOT/$CONTAINER/record.json"
    run zind list
    expect_ok
    expect_no_match "left out"
    run zind state "$CONTAINER"
    expect_error "does not exist"
    wait $!
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
    start_idle
    # Keeps the lock while the folder is removed under the one that waits for it.
    exec 8<"$ZIND_ROOT/$CONTAINER"
    flock 8
    "$ZIND_OCI" --root "$ZIND_ROOT" delete --force "$CONTAINER" 3>&- 8<&- &
    eventually wants_lock $!
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
        output=$(timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" state "$CONTAINER") ||
            fail "state $i hangs or fails"
        expect_equal "$(jq -r .status <<<"$output")" created
    done
    run timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" kill "$CONTAINER" KILL
    expect_ok
    wait_for_status stopped
}

@test "start waits its turn behind those who asked an INIT that is slow for the status" {
    local i

    set_args /bin/probe pause
    create_container
    kill -STOP "$(container_pid)"
    for ((i = 0; i < 24; i++)); do
        expect_equal "$(container_status)" created
    done
    "$ZIND_OCI" --root "$ZIND_ROOT" start "$CONTAINER" 2>"$BATS_TEST_TMPDIR/start" 3>&- &
    eventually wants_lock $!
    kill -CONT "$(container_pid)"
    wait $! || fail "$(cat "$BATS_TEST_TMPDIR/start")"
    wait_for_output ready
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

# On cgroup v1 who comes in enters one hierarchy after the other, and is listed in the last when it is late.
@test "delete --force ends the exec, too, that is half in the cgroup when it kills" {
    local file

    needs_command strace
    edit_config 'del(.linux.namespaces[] | select(.type == "pid"))'
    start_idle
    file=$(cgroup_folder freezer)/tasks
    [ -e "$file" ] || skip "on cgroup v2 nobody is half in"
    strace -f -qq -o /dev/null -P "$file" -e trace=write -e inject=write:delay_enter=2000000 \
        "$ZIND_OCI" --root "$ZIND_ROOT" exec "$CONTAINER" /bin/sleep 100 </dev/null >/dev/null 2>&1 3>&- &
    eventually is_half_in
    run quick delete --force "$CONTAINER"
    expect_ok
    expect_no_leaks
    wait $! || true
}

is_half_in()
{
    [ "$(cat "$(cgroup_folder pids)/cgroup.procs" "$(cgroup_folder cpu)/cgroup.procs" | sort -u | wc -l)" -eq 2 ]
}

# Both hold the container's processes still for a moment, and one must not let go for the other.
@test "pause holds against kill --all at the same time, and is not refused for it" {
    local round

    host_is_cgroup2 || needs_controller freezer
    start_idle
    for ((round = 0; round < 30; round++)); do
        quick kill --all "$CONTAINER" USR1 &
        [ $((round % 2)) -eq 0 ] || sleep "0.00$((round % 10))"
        quick pause "$CONTAINER" || fail "pause failed in round $round"
        wait $! || fail "kill failed in round $round"
        expect_equal "$(container_status)" paused
        quick resume "$CONTAINER"
    done
}

# cgroupsPath may have parents that several containers share: the first makes them, the last to go
# may find them empty while the next one is made.
@test "containers come and go below one parent cgroup without harm to each other" {
    local i round pids=()

    set_args /bin/probe true
    for i in 1 2 3; do
        mkdir "$BATS_TEST_TMPDIR/$i"
        jq --arg path "/$CONTAINER-parent/$CONTAINER-of/$i" --arg root "$BUNDLE/rootfs" \
            '.linux.cgroupsPath = $path | .root.path = $root' "$BUNDLE/config.json" \
            >"$BATS_TEST_TMPDIR/$i/config.json"
        {
            for ((round = 0; round < 8; round++)); do
                quick run --bundle "$BATS_TEST_TMPDIR/$i" "$CONTAINER-$i" </dev/null || exit 1
            done
        } >"$BATS_TEST_TMPDIR/log.$i" 2>&1 &
        pids+=($!)
    done
    for i in 1 2 3; do
        wait "${pids[i - 1]}" || fail "$(cat "$BATS_TEST_TMPDIR/log.$i")"
    done
    # Who found a parent there leaves it: it may be the host's.
    leaked_cgroups | sort -r | xargs -r rmdir
}
