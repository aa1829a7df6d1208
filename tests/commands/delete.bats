#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# delete: what create made is gone; what may not be deleted stays as it is.
load ../lib/bundle

# runtime.md, "Delete": a container that is not stopped MUST be an error and MUST have no effect.
@test "a running container is refused without --force" {
    start_idle
    run zind delete "$CONTAINER"
    expect_error "not stopped"
    expect_equal "$(container_status)" running
}

# runtime.md, "Delete": what create made is undone.
@test "a stopped container is deleted and its id free again" {
    set_args /bin/probe true
    start_container
    wait_for_status stopped
    run zind delete "$CONTAINER"
    expect_ok
    expect_equal "$output" ""
    expect_no_leaks
    start_container
    wait_for_status stopped
}

@test "--force deletes a running and a created container" {
    start_idle
    zind delete --force "$CONTAINER"
    expect_no_leaks
    CONTAINER=$(new_id)
    create_container
    zind delete -f "$CONTAINER"
    expect_no_leaks
}

@test "an unknown id is refused, but not with --force" {
    run zind delete "$CONTAINER"
    expect_error "does not exist"
    run zind delete --force "$CONTAINER"
    expect_ok
}
