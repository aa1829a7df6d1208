#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Who shares the session of the caller's terminal can type into it (TIOCSTI): INIT begins a session of its own, and where
# that fails, no program runs.
load ../lib/bundle

# without_session WORD...: the runtime, in which setsid(2) fails.
without_session()
{
    needs_command strace
    run timeout -k 1 "60${ZIND_SLOW:+0}" strace -f -qq -o /dev/null -e trace=setsid -e inject=setsid:error=EPERM \
        "$ZIND_OCI" --root "$ZIND_ROOT" "$@" 3>&-
}

@test "create and run without a session of INIT's own are an error" {
    without_session run --bundle "$BUNDLE" "$CONTAINER"
    expect_status 1
    expect_error "begin a session for INIT: Operation not permitted"
}

@test "exec without a session of INIT's own is an error" {
    start_idle
    without_session exec "$CONTAINER" /bin/true
    expect_status 255
    expect_error "begin a session for INIT"
}
