#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A caller who has little: of descriptors, of room for files, no /proc. What fails says so and leaves nothing.

# shellcheck disable=SC2154

load ../lib/bundle

# An error leaves the host as if nothing was tried (runtime.md, "Errors"), and cleaning up takes descriptors too.
@test "out of descriptors at any place: an error that says so, and nothing is left" {
    local limit

    needs_command prlimit
    edit_config 'del(.process.rlimits)'
    for ((limit = 4; limit < 60; limit++)); do
        run prlimit --nofile=$limit:$limit "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" \
            </dev/null 3>&-
        [ "$status" -ne 0 ] || break
        expect_status 1
        expect_error "Too many open files"
        expect_no_match "clean up|deleted"
        [ ! -e "$ZIND_ROOT/$CONTAINER" ] || fail "state is left with $limit descriptors"
        expect_no_leaks
    done
    expect_ok
}

# SIGXFSZ would end us without a word.
@test "a limit on the size of files is an error like any other, and nothing is left" {
    local bytes

    needs_command prlimit
    for bytes in 0 1000; do
        run prlimit --fsize=$bytes:$bytes "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" \
            </dev/null 3>&-
        expect_status 1
        expect_error "File too large"
        [ ! -e "$ZIND_ROOT/$CONTAINER" ]
    done
    set_args /bin/sh -c 'kill -XFSZ $$; echo alive'
    edit_config '.linux.namespaces |= map(select(.type != "pid"))'
    run prlimit --fsize=100000:100000 "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" \
        </dev/null 3>&-
    expect_status 153
}

@test "without /proc, run asks for it" {
    run unshare --mount sh -c "umount -l /proc && exec \"\$@\"" _ \
        "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    expect_status 1
    expect_error /proc/self/exe "is /proc mounted here?"
    [ ! -e "$ZIND_ROOT/$CONTAINER" ]
}

# The one waits for what the other could not say: neither has a deadline.
@test "no memory for a word from one side to the other is an error, and nothing hangs or is left" {
    local word

    needs_command strace
    for word in 1 2 3; do
        run timeout -k 1 "20${ZIND_SLOW:+0}" strace -f -qq -o /dev/null -e trace=sendto \
            -e inject=sendto:error=ENOBUFS:when=$word \
            "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" </dev/null 3>&-
        expect_status 1
        expect_error "No buffer space available"
        [ ! -e "$ZIND_ROOT/$CONTAINER" ]
        expect_no_leaks
    done
}

# Who is stopped and goes on (signal(7): a socket with a timeout), or is traced, is interrupted without having a handler.
@test "a start that is interrupted while it waits for its turn goes on" {
    needs_command strace
    set_args /bin/probe true
    create_container
    expect_ok
    run strace -qq -o /dev/null -e trace=connect -e inject=connect:error=EINTR:when=3 \
        "$ZIND_OCI" --root "$ZIND_ROOT" start "$CONTAINER" 3>&-
    expect_ok
}
