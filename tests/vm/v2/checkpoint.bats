#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# checkpoint and restore: what criu writes goes on where it was, in a container like the first
# (runtime.md knows neither; the options are those of runc and crun). What takes longer: more/.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154

load checkpoint

# A lock of a file: without --file-locks criu cannot tell who else wants it.
@test "a dump that fails leaves the container running; then it goes on where it was, and can all a container can" {
    local last

    start_shell "/bin/probe lock /tmp/lock & $COUNT"
    eventually first_has 3
    checkpoint --work-path "$BATS_TEST_TMPDIR/work"
    expect_error "criu dump failed: " lock "$BATS_TEST_TMPDIR/work/dump.log"
    [ ! -e "$IMAGES" ]
    expect_equal "$(container_status)" running
    expect_counting
    checkpoint --file-locks
    expect_ok
    grep -q 'pipe:\[' "$IMAGES/descriptors.json"
    last=$(tail -n 1 "$FIRST")
    run zind state "$CONTAINER"
    expect_error "does not exist"
    restore "$CONTAINER" --file-locks
    expect_ok
    eventually second_has 2
    expect_equal "$(head -n 1 "$SECOND")" $((last + 1))
    expect_equal "$(container_status)" running
    expect_equal "$(cat "$PID")" "$(zind state "$CONTAINER" | jq .pid)"
    [ -z "$(find "$ZIND_ROOT/$CONTAINER" -name masks -o -name criu.pid)" ]
    run zind exec "$CONTAINER" /bin/busybox timeout 5 /bin/probe lock /tmp/lock
    expect_line EAGAIN
    zind pause "$CONTAINER"
    expect_equal "$(container_status)" paused
    zind resume "$CONTAINER"
    zind kill "$CONTAINER" KILL
    eventually is_stopped
    run zind delete "$CONTAINER"
    expect_ok
}

@test "--leave-running, then in another bundle, by another id: processes, tmpfs, masks, mounts and limits are as they were" {
    local second cgroup

    second=$(new_id)
    mkdir -p "$BATS_TEST_TMPDIR/source/below"
    echo bound >"$BATS_TEST_TMPDIR/source/file"
    MOUNTED=$BATS_TEST_TMPDIR/source/below
    mount -t tmpfs below "$MOUNTED"
    echo below >"$MOUNTED/file"
    edit_config '.hostname = "kept" |
        .linux.resources += {"memory": {"limit": 67108864}, "pids": {"limit": 30}} | .mounts += [
        {"destination": "/mnt", "type": "bind", "source": $source, "options": ["rbind", "ro"]},
        {"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]}]' \
        --arg source "$BATS_TEST_TMPDIR/source"
    start_shell "echo kept >/run/file; echo shared >/dev/shm/file; sleep 100 & sleep 100 & $COUNT"
    checkpoint --leave-running
    expect_ok
    echo changed >"$MOUNTED/file"
    run zind restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$CONTAINER"
    expect_error "already exists"
    cp -a "$BUNDLE" "$BATS_TEST_TMPDIR/another"
    BUNDLE=$BATS_TEST_TMPDIR/another
    restore "$second"
    expect_ok
    cgroup=/sys/fs/cgroup$(cgroup_of "$(cat "$PID")")
    [[ $cgroup == *"$second"* ]]
    expect_equal "$(cat "$cgroup/memory.max")" 67108864
    expect_equal "$(cat "$cgroup/pids.max")" 30
    run zind exec "$second" /bin/sh -c 'cat /run/file /dev/shm/file /mnt/file /mnt/below/file \
        /proc/sys/kernel/hostname; cat /proc/timer_list; touch /mnt/x || echo read-only
        ps | grep -c " sleep 100$"; cat /proc/self/cgroup /proc/mounts'
    expect_line kept shared bound changed read-only 2 0::/
    expect_match ' /proc/sys proc ro'
    expect_no_match 'Timer List'
    expect_equal "$(container_status)" running
    expect_counting
}
