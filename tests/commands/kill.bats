#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# kill: which signals arrive, where, and what is refused.
load ../lib/bundle

# runtime.md, "Kill": the signal is sent to the container's process.
@test "signals go by name, short name and number" {
    local signal

    start_idle
    for signal in SIGUSR1 USR1 10; do
        zind kill "$CONTAINER" "$signal"
    done
    zind kill "$CONTAINER" HUP
    wait_for_output "signal HUP"
    # Of two that wait the kernel hands out that with the lower number first.
    wait_for_output "signal USR1"
    expect_equal "$(container_status)" running
}

@test "without a signal it is TERM" {
    start_idle
    zind kill "$CONTAINER"
    wait_for_output "signal TERM"
    wait_for_status stopped
}

@test "an unknown signal is refused" {
    start_idle
    run zind kill "$CONTAINER" NOSUCH
    expect_error NOSUCH
    expect_equal "$(container_status)" running
}

# runtime.md, "Kill": neither created nor running MUST be an error, and MUST have no effect.
@test "a stopped container or an unknown id is refused in the words that callers match" {
    set_args /bin/probe true
    start_container
    wait_for_status stopped
    run zind kill "$CONTAINER" TERM
    expect_status 1
    [[ $output == *"container not running"* || $output == *"process already finished"* ||
        $output == *"no such process"* ]] || fail "not in the words that callers match"
    run zind kill "$(new_id)" KILL
    expect_error "does not exist"
}

@test "a created container can be killed" {
    create_container
    zind kill "$CONTAINER" KILL
    wait_for_status stopped
}

@test "KILL ends a program that ignores TERM" {
    set_args /bin/probe ignore-term
    start_container
    wait_for_output ready
    zind kill "$CONTAINER" TERM
    expect_equal "$(container_status)" running
    zind kill "$CONTAINER" KILL
    wait_for_status stopped
}

# config-linux.md, "Namespaces": without a new pid namespace the others survive the first process.
@test "delete --force ends every process of a container in the host's pid namespace" {
    edit_config 'del(.linux.namespaces[] | select(.type == "pid"))'
    set_args /bin/sh -c 'sleep 1000 & exec /bin/probe pause'
    start_container
    wait_for_output ready
    zind delete --force "$CONTAINER"
    expect_no_leaks
}

# runc's kill --all, which containerd calls for containers that share a pid namespace.
@test "kill --all sends a signal to every process, in sub-cgroups too" {
    local folder

    set_args /bin/sh -c '/bin/probe pause & exec /bin/probe pause'
    start_container
    eventually has_lines 2 ready
    folder=$(cgroup_folder freezer)
    mkdir "$folder/sub"
    container_pid >"$folder/sub/cgroup.procs"
    zind kill --all "$CONTAINER" USR1
    eventually has_lines 2 "signal USR1"
    expect_equal "$(container_status)" running
    zind kill --all "$CONTAINER" KILL
    wait_for_status stopped
}

has_lines()
{
    [ "$(container_output | grep -cx "$2")" -eq "$1" ]
}

@test "kill --all of a paused container waits, and leaves it paused" {
    host_is_cgroup2 || needs_controller freezer
    start_idle
    zind pause "$CONTAINER"
    zind kill --all "$CONTAINER" USR1
    expect_equal "$(container_status)" paused
    zind resume "$CONTAINER"
    wait_for_output "signal USR1"
}

# Many, so that it takes a while to signal them all.
@test "kill --all that is killed while it holds the container still leaves it running" {
    local try

    host_is_cgroup2 || needs_controller freezer
    set_args /bin/sh -c 'trap "" USR1; i=0; while [ $i -lt 250 ]; do sleep 1000 & i=$((i + 1)); done; exec /bin/probe pause'
    start_container
    wait_for_output ready
    for ((try = 0; try < 60; try++)); do
        ! catch_frozen kill --all "$CONTAINER" USR1 || break
    done
    [ "$try" -lt 60 ] || fail "it never held it still"
    expect_equal "$(container_status)" running
    expect_equal "$(freezer_says)" THAWED
}

@test "KILL ends a paused container, with and without --all" {
    local options

    host_is_cgroup2 || needs_controller freezer
    for options in "" --all; do
        start_idle
        zind pause "$CONTAINER"
        # shellcheck disable=SC2086
        zind kill $options "$CONTAINER" KILL
        wait_for_status stopped
        CONTAINER=$(new_id)
    done
}

# outlive_init: a stopped container in the host's pid namespace, and one process that lives on.
outlive_init()
{
    edit_config 'del(.linux.namespaces[] | select(.type == "pid"))'
    set_args /bin/sh -c 'sleep 1000 & exec /bin/probe pause'
    start_container
    wait_for_output ready
    zind kill "$CONTAINER" TERM
    wait_for_status stopped
    expect_equal "$(zind ps --format json "$CONTAINER" | jq length)" 1
}

@test "what outlived the first process ends by kill --all" {
    outlive_init
    run zind kill "$CONTAINER" TERM
    expect_error "container not running"
    zind kill --all "$CONTAINER" TERM
    eventually has_no_processes
    zind kill --all "$CONTAINER" KILL
}

@test "what outlived the first process ends by KILL, then there is nothing to kill" {
    outlive_init
    zind kill "$CONTAINER" KILL
    eventually has_no_processes
    run zind kill "$CONTAINER" KILL
    expect_error "container not running"
}

@test "what outlived the first process ends by delete" {
    outlive_init
    zind delete "$CONTAINER"
    expect_no_leaks
}

has_no_processes()
{
    [ "$(zind ps --format json "$CONTAINER")" = null ]
}

@test "kill --all without a cgroup signals the first process" {
    set_args /bin/probe pause
    zind --cgroup-manager disabled create --bundle "$BUNDLE" "$CONTAINER" </dev/null \
        >"$BATS_TEST_TMPDIR/output" 2>"$BATS_TEST_TMPDIR/errors"
    zind start "$CONTAINER"
    wait_for_output ready
    zind kill --all "$CONTAINER" TERM
    wait_for_output "signal TERM"
    wait_for_status stopped
}
