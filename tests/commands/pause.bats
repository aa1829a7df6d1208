#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# pause and resume: the freezer of the container's cgroup.
load ../lib/bundle

setup()
{
    setup_bundle
    host_is_cgroup2 || needs_controller freezer
}

# runtime.md, "State": paused is a status of ours; the spec allows more than its own.
@test "a paused container does nothing until it is resumed" {
    start_idle
    zind pause "$CONTAINER"
    expect_equal "$(container_status)" paused
    zind kill "$CONTAINER" USR1
    sleep 0.3
    [ -z "$(container_output | grep -x "signal USR1")" ] || fail "it was not paused"
    zind resume "$CONTAINER"
    wait_for_output "signal USR1"
    expect_equal "$(container_status)" running
}

@test "KILL ends a paused container, and delete --force deletes it" {
    start_idle
    zind pause "$CONTAINER"
    zind delete --force "$CONTAINER"
    expect_no_leaks
}

@test "pause and resume are refused where they mean nothing" {
    run zind pause "$CONTAINER"
    expect_error "does not exist"
    start_idle
    run zind resume "$CONTAINER"
    expect_status 1
    expect_equal "$(container_status)" running
}

# In the words of runc: "container not running", "container not paused".
@test "pausing twice, resuming twice and a stopped container are refused" {
    start_idle
    zind pause "$CONTAINER"
    run zind pause "$CONTAINER"
    expect_error "container not running" "is paused"
    expect_equal "$(container_status)" paused
    zind resume "$CONTAINER"
    run zind resume "$CONTAINER"
    expect_error "container not paused" "is running"
    zind kill "$CONTAINER" KILL
    wait_for_status stopped
    run zind pause "$CONTAINER"
    expect_error "container not running" "is stopped"
    run zind resume "$CONTAINER"
    expect_error "container not paused" "is stopped"
}

# kill --all holds the processes still for a moment, update does on v1. The signal is one that programs ignore: who joins
# in between may get it.
@test "a container that is held still for a moment is not paused, for state and exec" {
    local file

    needs_command strace
    start_idle
    for file in "$(cgroup_folder freezer)"/{freezer.state,cgroup.freeze}; do
        [ ! -e "$file" ] || break
    done
    # A long moment: from the first write to the second.
    strace -qq -o /dev/null -P "$file" -e trace=write -e inject=write:delay_exit=1000000:when=1 \
        "$ZIND_OCI" --root "$ZIND_ROOT" kill --all "$CONTAINER" WINCH 3>&- &
    eventually is_held_or_over "$file" $!
    expect_equal "$(container_status)" running
    wait $!
    strace -qq -o /dev/null -P "$file" -e trace=write -e inject=write:delay_exit=1000000:when=1 \
        "$ZIND_OCI" --root "$ZIND_ROOT" kill --all "$CONTAINER" WINCH 3>&- &
    eventually is_held_or_over "$file" $!
    exec_probe true
    expect_ok
    wait $!
}

# is_held_or_over FILE PID: on a machine that is too slow to see it held that command may have ended.
is_held_or_over()
{
    grep -Eq '^(1|FROZEN)$' "$1" || ! kill -0 "$2" 2>/dev/null
}

@test "a created container can be paused, and starts after it was resumed" {
    set_args /bin/probe pause
    create_container
    zind pause "$CONTAINER"
    expect_equal "$(container_status)" paused
    run zind start "$CONTAINER"
    expect_error "is paused, not created"
    zind resume "$CONTAINER"
    expect_equal "$(container_status)" created
    zind start "$CONTAINER"
    wait_for_output ready
}

# Both: a signal does nothing to the first process of a pid namespace that has not asked for it.
are_ready()
{
    [ "$(container_output | grep -cx ready)" -eq 2 ]
}

@test "processes in sub-cgroups are paused too, and ps lists them" {
    local folder

    set_args /bin/sh -c '/bin/probe pause & exec /bin/probe pause'
    start_container
    eventually are_ready
    folder=$(cgroup_folder freezer)
    mkdir "$folder/sub"
    container_pid >"$folder/sub/cgroup.procs"
    zind pause "$CONTAINER"
    expect_equal "$(zind ps --format json "$CONTAINER" | jq length)" 2
    zind kill "$CONTAINER" USR1
    sleep 0.3
    [ -z "$(container_output | grep -x "signal USR1")" ] || fail "it was not paused"
    zind resume "$CONTAINER"
    wait_for_output "signal USR1"
}
