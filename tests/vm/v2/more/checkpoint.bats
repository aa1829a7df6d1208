#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# checkpoint and restore with their options, and when they fail.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154

load ../checkpoint

# Who may not make nodes has the host's in /dev, each a mount.
@test "a network namespace given by path is joined again, and nodes of the host are there again" {
    BEFORE_RUN=(setpriv --bounding-set=-mknod)
    MOUNTED=$BATS_TEST_TMPDIR/netns
    touch "$MOUNTED"
    unshare --net="$MOUNTED" ip link set lo up
    edit_config '.linux.namespaces |= map(if .type == "network" then .path = $path else . end)' --arg path "$MOUNTED"
    start_shell "$COUNT"
    checkpoint
    expect_ok
    restore "$CONTAINER"
    expect_ok
    expect_equal "$(stat -Lc %i "/proc/$(cat "$PID")/ns/net")" "$(stat -Lc %i "$MOUNTED")"
    grep -q ' /dev/null ' "/proc/$(cat "$PID")/mountinfo"
    run zind exec "$CONTAINER" /bin/sh -c 'echo gone >/dev/null; cat /dev/null'
    expect_ok
    expect_equal "$output" ""
}

@test "checkpoint --leave-running of a paused container: it stays paused" {
    start_shell "$COUNT"
    zind pause "$CONTAINER"
    checkpoint --leave-running
    expect_ok
    expect_equal "$(container_status)" paused
    zind resume "$CONTAINER"
    expect_counting
}

@test "checkpoint --pre-dump: a later checkpoint has it as its parent" {
    start_shell "$COUNT"
    run zind checkpoint --image-path "$BATS_TEST_TMPDIR/before" --pre-dump "$CONTAINER"
    expect_ok
    expect_equal "$(container_status)" running
    checkpoint --parent-path ../before
    expect_ok
    [ -L "$IMAGES/parent" ]
    restore "$CONTAINER"
    expect_ok
    eventually second_has 2
}

@test "restore: damaged images leave nothing behind; killed, delete --force finds what is left" {
    local delay restorer

    start_shell "$COUNT"
    checkpoint
    expect_ok
    for delay in 1 5; do
        # Not by way of a function, whose shell would be who is killed.
        "$ZIND_OCI" --root "$ZIND_ROOT" restore --bundle "$BUNDLE" --image-path "$IMAGES" "$CONTAINER" \
            </dev/null > >(exec cat >/dev/null 3>&-) 2>&1 3>&- &
        restorer=$!
        sleep "$delay"
        kill -KILL "$restorer" || true
        wait "$restorer" || true
        run zind delete --force "$CONTAINER"
        expect_ok
    done
    truncate -s 10 "$IMAGES"/core-1.img
    run zind restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" --pid-file "$PID" "$CONTAINER"
    expect_error "criu restore failed" "$IMAGES/restore.log"
    [ ! -e "$PID" ]
    run zind state "$CONTAINER"
    expect_error "does not exist"
    expect_no_leaks
}

@test "restore in the foreground has the program's exit status; hooks come before it goes on" {
    local restorer

    cat >"$BATS_TEST_TMPDIR/hook" <<'EOF'
#!/bin/sh
pid=$(jq .pid)
echo "$1 $(grep State "/proc/$pid/status")" >>"$2"
EOF
    chmod +x "$BATS_TEST_TMPDIR/hook"
    edit_config '.hooks = {
        "createRuntime": [{"path": $hook, "args": ["hook", "createRuntime", $log], "env": ["PATH=/usr/bin:/bin"]}],
        "poststop": [{"path": $hook, "args": ["hook", "poststop", $log], "env": ["PATH=/usr/bin:/bin"]}]}' \
        --arg hook "$BATS_TEST_TMPDIR/hook" --arg log "$BATS_TEST_TMPDIR/hooks"
    start_shell 'trap "exit 7" TERM; while :; do echo again; sleep 0.2; done'
    checkpoint
    expect_ok
    grep -q ^poststop "$BATS_TEST_TMPDIR/hooks"
    rm "$BATS_TEST_TMPDIR/hooks"
    zind restore --bundle "$BUNDLE" --image-path "$IMAGES" --pid-file "$PID" "$CONTAINER" \
        </dev/null > >(exec cat >"$SECOND" 3>&-) 2>&1 3>&- &
    restorer=$!
    eventually second_has 2
    run cat "$BATS_TEST_TMPDIR/hooks"
    expect_match '^createRuntime State:.*T '
    zind kill "$CONTAINER" TERM
    status=0
    wait "$restorer" || status=$?
    expect_status 7
    run zind state "$CONTAINER"
    expect_error "does not exist"
}

# Both ends are in the container, so both come back.
@test "--tcp-established: a connection is taken along; without it the dump fails and says what is missing" {
    start_shell "/bin/busybox nc -l -p 5000 -e /bin/cat & sleep 3; { $COUNT; } | /bin/busybox nc 127.0.0.1 5000"
    checkpoint
    expect_error "tcp-established" "$IMAGES/dump.log"
    expect_counting
    checkpoint --tcp-established
    expect_ok
    restore "$CONTAINER" --tcp-established
    expect_ok
    eventually second_has 3
    [ "$(head -n 1 "$SECOND")" -gt "$(tail -n 1 "$FIRST")" ]
}

# criu is in the container's cgroup while it works.
@test "a limit of processes that is used up, and one of memory that is tight, come back as they were" {
    local cgroup

    edit_config '.linux.resources += {"pids": {"limit": 1}, "memory": {"limit": 8388608}}'
    start_shell 'n=0; while :; do n=$((n + 1)); [ $((n % 5000)) -ne 0 ] || echo $n; done'
    checkpoint
    expect_ok
    restore "$CONTAINER"
    expect_ok
    eventually second_has 2
    cgroup=/sys/fs/cgroup$(cgroup_of "$(cat "$PID")")
    expect_equal "$(cat "$cgroup/pids.max" "$cgroup/pids.current")" $'1\n1'
    expect_equal "$(cat "$cgroup/memory.max")" 8388608
}

# As of images whose /var/run is a link to /run, where Kubernetes mounts its service account.
@test "mounts and masks that lie behind links of the image come back" {
    mkdir -p "$BATS_TEST_TMPDIR/source" "$BUNDLE/rootfs/real/masked" "$BUNDLE/rootfs/var"
    echo bound >"$BATS_TEST_TMPDIR/source/file"
    echo secret >"$BUNDLE/rootfs/real/masked/file"
    ln -s /run "$BUNDLE/rootfs/var/run"
    ln -s ../real "$BUNDLE/rootfs/var/linked"
    edit_config '.linux.maskedPaths += ["/var/linked/masked"] | .mounts += [
        {"destination": "/var/run/secrets", "type": "bind", "source": $source, "options": ["rbind", "ro"]},
        {"destination": "/mnt/../var/linked/bound", "type": "bind", "source": $source, "options": ["bind"]}]' \
        --arg source "$BATS_TEST_TMPDIR/source"
    start_shell "$COUNT"
    checkpoint
    expect_ok
    echo changed >"$BATS_TEST_TMPDIR/source/file"
    restore "$CONTAINER"
    expect_ok
    run zind exec "$CONTAINER" /bin/sh -c 'cat /run/secrets/file /real/bound/file; ls /real/masked | wc -l'
    expect_line 0
    expect_equal "$(grep -c '^changed$' <<<"$output")" 2
}
