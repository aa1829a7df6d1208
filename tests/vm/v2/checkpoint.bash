# SPDX-License-Identifier: Apache-2.0
# What the tests of checkpoint and restore have in common. Each takes criu half a minute in an emulated
# guest: a test looks at all that it can of one.
# shellcheck shell=bash disable=SC2016,SC2034,SC2154

# shellcheck source=tests/lib/bundle.bash
source "$(dirname "${BASH_SOURCE[0]}")/../../lib/bundle.bash"

setup()
{
    setup_bundle
    needs_command criu
    IMAGES=$BATS_TEST_TMPDIR/images
    PID=$BATS_TEST_TMPDIR/restored
    FIRST=$BATS_TEST_TMPDIR/first
    SECOND=$BATS_TEST_TMPDIR/second
    MOUNTED=
    BEFORE_RUN=()
}

# Before the search for what a container left: a mount of the test's own is none of that.
teardown()
{
    local has_failed=0

    [ -z "$MOUNTED" ] || umount "$MOUNTED" || has_failed=1
    teardown_bundle || has_failed=1
    return "$has_failed"
}

# A program that counts, a number a line.
COUNT='n=0; while :; do n=$((n + 1)); echo $n; sleep 0.2; done'

# Its output is a pipe, as with engines: criu insists on the size of a file.
start_shell()
{
    set_args /bin/sh -c "$1"
    status=0
    "${BEFORE_RUN[@]}" "$ZIND_OCI" --root "$ZIND_ROOT" run --detach --bundle "$BUNDLE" "$CONTAINER" \
        </dev/null > >(exec cat >"$FIRST" 3>&-) 2>&1 3>&- || status=$?
    [ "$status" -eq 0 ] || fail "$(cat "$FIRST")"
    eventually first_has 1
}

first_has()
{
    [ "$(wc -l <"$FIRST")" -ge "$1" ]
}

second_has()
{
    [ "$(wc -l <"$SECOND")" -ge "$1" ]
}

# The first container counts on.
expect_counting()
{
    local now

    now=$(wc -l <"$FIRST")
    eventually first_has $((now + 2))
}

# checkpoint [OPTION...]: sets $status and $output.
checkpoint()
{
    run zind checkpoint --image-path "$IMAGES" "$@" "$CONTAINER"
    [ "$status" -eq 0 ] || tail -n 30 "$IMAGES/dump.log" 2>/dev/null || true
}

# restore ID [OPTION...]: in the background, its output in the file $SECOND.
restore()
{
    local id=$1

    shift
    status=0
    zind --log "$BATS_TEST_TMPDIR/log" restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" \
        --pid-file "$PID" "$@" "$id" </dev/null > >(exec cat >"$SECOND" 3>&-) 2>&1 || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/log" 2>/dev/null) || true
    [ "$status" -eq 0 ] || tail -n 30 "$IMAGES/restore.log" || true
}

cgroup_of()
{
    sed 's/^0:://' "/proc/$1/cgroup"
}

is_stopped()
{
    [ "$(container_status)" = stopped ]
}

is_running()
{
    [ "$(container_status)" = running ]
}
