#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman container checkpoint and restore, in a guest: a kernel that criu knows.

# shellcheck disable=SC2016,SC2034,SC2154

load ../../../clients/lib

setup_file()
{
    needs_root
    needs_command podman conmon criu
    place_start
    podman_configure
    import_image bb
}

teardown_file()
{
    place_stop
}

setup()
{
    NAME=c$BATS_TEST_NUMBER
}

teardown()
{
    podman rm --force --all --time 0 >/dev/null
}

start_counting()
{
    podman run -d --name "$NAME" --network none "$@" bb \
        /bin/sh -c 'n=0; while :; do n=$((n + 1)); echo $n; sleep 0.2; done'
    eventually has_lines 1
}

lines()
{
    podman logs "$NAME" | wc -l
}

has_lines()
{
    [ "$(lines)" -ge "$1" ]
}

state()
{
    podman inspect --format "{{.State.$1}}" "$NAME"
}

# Each number once, in order: nothing was begun anew.
expect_in_order()
{
    expect_equal "$(podman logs "$NAME")" "$(seq "$(lines)")"
}

@test "podman container checkpoint and restore: it goes on counting" {
    local before

    start_counting
    podman container checkpoint "$NAME"
    expect_equal "$(state Checkpointed)" true
    expect_equal "$(state Running)" false
    before=$(lines)
    podman container restore "$NAME"
    expect_equal "$(state Status)" running
    eventually has_lines $((before + 2))
    expect_equal "$(podman logs "$NAME" | head -n "$((before + 2))")" "$(seq "$((before + 2))")"
    run podman exec "$NAME" echo on
    expect_equal "$output" on
    podman stop --time 0 "$NAME"
}

@test "podman container checkpoint --leave-running, --export, and restore --import by another name" {
    start_counting --tmpfs /scratch
    podman exec "$NAME" /bin/sh -c 'echo kept >/scratch/file'
    podman container checkpoint --leave-running --export "$PLACE/$NAME.tar" "$NAME"
    expect_equal "$(state Status)" running
    podman rm --force --time 0 "$NAME"
    podman container restore --import "$PLACE/$NAME.tar" --name "$NAME-again"
    run podman exec "$NAME-again" cat /scratch/file
    expect_equal "$output" kept
    eventually podman_counts
}

podman_counts()
{
    [ -n "$(podman logs "$NAME-again")" ]
}
