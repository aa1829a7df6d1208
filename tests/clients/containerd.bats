#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd runs containers through its runc v2 shim: what ctr asks for, seen from inside the container.
load lib
load containerd

wait_for_task()
{
    for _ in $(seq 600); do
        [ "$(task_status)" != "$1" ] || return 0
        sleep 0.1
    done
    fail "the task of $NAME is $(task_status), not $1"
}

# bats test_tags=run,guest
@test "run prints what the program prints, and returns its exit status" {
    run ctr_run --rm "$IMAGE" "$NAME" echo hello
    expect_ok
    expect_equal "$output" hello
    run ctr_run --rm "$IMAGE" "$NAME" /bin/probe exit 7
    expect_status 7
}

# runtime.md, "Start", "Kill", "Delete".
# bats test_tags=run,guest
@test "run -d, exec, kill and delete" {
    ctr_run -d "$IMAGE" "$NAME" /bin/probe pause
    expect_equal "$(task_status)" RUNNING
    run_exec e1 "$NAME" /bin/probe each ids cwd
    expect_line "uid 0" "cwd /"
    run_exec e2 --user 1000 --cwd /tmp "$NAME" /bin/probe each ids cwd
    expect_line "uid 1000" "cwd /tmp"
    run_exec e3 "$NAME" /bin/probe exit 5
    expect_status 5
    ctr tasks kill --signal KILL "$NAME"
    wait_for_task STOPPED
    ctr tasks delete "$NAME" || true # returns the task's exit status
    expect_equal "$(task_status)" ""
}

# bats test_tags=run,guest
@test "a program that is not there is told in words that engines know" {
    run ctr_run --rm "$IMAGE" "$NAME" /no/such/program
    expect_error "no such file or directory"
    run ctr_run --rm "$IMAGE" "$NAME" no-such-program
    expect_error 'executable file not found in $PATH'
    run ctr_run --rm "$IMAGE" "$NAME" /etc/plain-file
    expect_error "permission denied"
}

# bats test_tags=run,guest
@test "pause, resume, ps and metrics" {
    ctr_run -d "$IMAGE" "$NAME" /bin/probe pause
    ctr tasks pause "$NAME"
    expect_equal "$(task_status)" PAUSED
    ctr tasks resume "$NAME"
    expect_equal "$(task_status)" RUNNING
    run ctr tasks ps "$NAME"
    expect_ok
    expect_equal "$(wc -l <<<"$output")" 2
    run ctr tasks metrics "$NAME"
    expect_ok
    expect_match 'pids.current +1'
}

# config-linux.md, "Memory", "CPU".
# bats test_tags=limits,guest
@test "limits are in the cgroup's files" {
    needs_controller memory
    needs_controller cpu
    ctr_run -d --memory-limit 33554432 --cpus 0.5 "$IMAGE" "$NAME" /bin/probe pause
    CONTAINER=$NAME
    expect_cgroup_of_driver
    expect_equal "$(cgroup_value memory memory.limit_in_bytes memory.max)" 33554432
    [[ $(cgroup_value cpu cpu.cfs_quota_us cpu.max) =~ ^50000( 100000)?$ ]]
}

# config.md, "Process": terminal.
# bats test_tags=terminal,guest
@test "run -t gives the program a controlling terminal" {
    enter_words
    ctr_words "$IMAGE" "$NAME"
    run python3 "$CLIENTS/with-terminal.py" "${ENTER[@]}" "${CTR[@]}" "${CTR_RUN[@]}" --rm -t \
        "$IMAGE" "$NAME" /bin/probe tty 3>&-
    output=${output//$'\r'/}
    expect_ok
    expect_match '^tty 0 yes /dev/(pts/0|console)$'
    expect_line "controlling yes"
}

# bats test_tags=terminal
@test "exec -t gives the program a terminal" {
    ctr_run -d "$IMAGE" "$NAME" /bin/probe pause
    enter_words
    run python3 "$CLIENTS/with-terminal.py" "${ENTER[@]}" "${CTR[@]}" tasks exec -t \
        --exec-id e1 "$NAME" /bin/sh -c '/bin/probe tty; sleep 1' 3>&- # ctr loses what a program prints that ends before ctr set the size
    output=${output//$'\r'/}
    expect_ok
    expect_match '^tty 0 yes '
}

# bats test_tags=mounts,guest
@test "the host's network, a read-only rootfs, a mount, the seccomp profile" {
    mkdir -p "$PLACE/volume"
    echo inside >"$PLACE/volume/file"
    run ctr_run --rm --net-host --read-only --seccomp \
        --mount "type=bind,src=$PLACE/volume,dst=/mnt,options=rbind:ro" "$IMAGE" "$NAME" \
        /bin/sh -c 'cat /mnt/file; touch /x 2>/dev/null || echo read-only; touch /mnt/x 2>/dev/null || echo ro'
    expect_ok
    expect_equal "$output" $'inside\nread-only\nro'
}

# bats test_tags=run,guest
@test "a container outlives a restart of containerd" {
    ctr_run -d "$IMAGE" "$NAME" /bin/probe pause
    containerd_stop
    containerd_start
    expect_equal "$(task_status)" RUNNING
    run_exec e1 "$NAME" echo still here
    expect_ok
    expect_equal "$output" "still here"
    ctr tasks kill --signal KILL "$NAME"
    wait_for_task STOPPED
}

# bats test_tags=many,guest
@test "ten containers at once" {
    local n pids=() failures=0

    for n in $(seq 10); do
        ctr_run --rm "$IMAGE" "$NAME-$n" /bin/probe exit 0 &
        pids+=($!)
    done
    for n in "${pids[@]}"; do
        wait "$n" || failures=$((failures + 1))
    done
    expect_equal "$failures" 0
}

# bats test_tags=left,guest
@test "nothing is left: no state, cgroup or mount" {
    expect_equal "$(states_left /run/containerd/runc/default)" ""
    expect_equal "$(in_place cat /proc/self/mountinfo | grep -c io.containerd.runtime.v2.task || true)" 0
    expect_equal "$(find /sys/fs/cgroup -name "*c[0-9]*-${PLACE##*.}*" -type d)" ""
}
