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
    container_output | grep -qx "signal USR1"
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
