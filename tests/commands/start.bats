#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# start and run: the program runs, once, and its status is told.
load ../lib/bundle

# runtime.md, "Start".
@test "start runs the program" {
    set_args /bin/probe args hello
    start_container
    wait_for_output "arg 0 hello"
    wait_for_status stopped
}

# runtime.md, "Start": a container that is not created MUST be an error and MUST have no effect.
@test "start is refused twice, when stopped, and for an unknown id" {
    start_idle
    run zind start "$CONTAINER"
    expect_status 1
    expect_equal "$(container_status)" running
    zind kill "$CONTAINER" TERM
    wait_for_status stopped
    run zind start "$CONTAINER"
    expect_status 1
    run zind start "$(new_id)"
    expect_error "does not exist"
}

# runtime.md, "Lifecycle", steps 10 to 13: what run made is gone when it returns.
# The end of its pid namespace takes INIT longer than saying so.
@test "start that fails leaves a stopped container, which can be deleted at once" {
    local i

    cp "$BUNDLE/rootfs/bin/probe" "$BUNDLE/rootfs/bin/short-lived"
    set_args /bin/short-lived true
    create_container
    for i in 1 2 3 4 5 6 7 8; do
        zind exec --detach "$CONTAINER" /bin/sleep 1000 </dev/null >/dev/null 2>&1
    done
    rm "$BUNDLE/rootfs/bin/short-lived"
    run zind start "$CONTAINER"
    expect_error short-lived
    run zind delete "$CONTAINER"
    expect_ok
}

@test "run gives the program's status and leaves nothing" {
    local code

    for code in 0 1 42; do
        CONTAINER=$(new_id)
        run_container exit "$code"
        expect_status "$code"
    done
    set_args /bin/sh -c 'kill -KILL $$; exit 0'
    CONTAINER=$(new_id)
    run_container
    expect_no_leaks
    run zind state "$CONTAINER"
    expect_status 1
}

@test "run --detach returns while the program runs" {
    set_args /bin/probe pause
    zind run --detach --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$CONTAINER" \
        </dev/null >"$BATS_TEST_TMPDIR/output" 2>"$BATS_TEST_TMPDIR/errors"
    wait_for_output ready
    expect_equal "$(container_status)" running
}

# The caller's signals are the container's: what a service manager sends reaches the program.
@test "run hands a signal on to the program" {
    set_args /bin/probe pause
    # The runtime itself, not the function: $! must be its pid.
    "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" </dev/null \
        >"$BATS_TEST_TMPDIR/output" 2>"$BATS_TEST_TMPDIR/errors" 3>&- &
    wait_for_output ready
    kill -TERM $!
    wait_for_output "signal TERM"
    wait $!
}
