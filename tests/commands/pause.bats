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
