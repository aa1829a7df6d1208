#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd's checkpoints through its shim, in a guest: a kernel that criu knows.

# shellcheck disable=SC2016,SC2034,SC2154

load ../../../clients/lib
load ../../../clients/containerd

COUNT='n=0; while :; do n=$((n + 1)); echo $n >>/counted; sleep 0.2; done'

counted()
{
    ctr tasks exec --exec-id "e$RANDOM" "$NAME" /bin/sh -c 'head -n 1000 /counted'
}

@test "ctr tasks checkpoint: the task goes on, and its image is there" {
    ctr_run -d "$IMAGE" "$NAME" /bin/sh -c "$COUNT"
    run ctr tasks checkpoint --image-path "$PLACE/$NAME" "$NAME"
    expect_ok
    expect_equal "$(task_status)" RUNNING
    [ -s "$PLACE/$NAME/inventory.img" ]
}

@test "ctr containers checkpoint and restore: the program goes on where it was" {
    local last

    ctr_run -d "$IMAGE" "$NAME" /bin/sh -c "$COUNT"
    run ctr containers checkpoint --rw --image --task "$NAME" "docker.io/library/$NAME:checkpoint"
    expect_ok
    last=$(counted | tail -n 1)
    ctr tasks kill --signal KILL "$NAME"
    ctr tasks delete --force "$NAME" || true
    ctr containers delete "$NAME"
    run ctr containers restore --rw --live "$NAME" "docker.io/library/$NAME:checkpoint"
    expect_ok
    expect_equal "$(task_status)" RUNNING
    [ -n "$last" ]
    run counted
    expect_equal "$output" "$(seq "$(wc -l <<<"$output")")"
}
