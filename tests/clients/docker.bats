#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Docker runs containers through containerd's shim: what its users type, seen from inside the container.
# shellcheck disable=SC2034
load lib
load docker

# run_docker WORD...: `docker run --rm` of the image; sets $status and $output. bats' `run` warns of status 127.
run_docker()
{
    status=0
    output=$(docker run --rm --network none "$@" 2>&1) || status=$?
}

# bats test_tags=run,guest
@test "the runtime is known by its name, and can tell its version" {
    run docker info --format '{{.DefaultRuntime}} {{index .Runtimes "zind"}}'
    expect_match "^zind .*$ZIND_OCI"
}

# bats test_tags=run,guest
@test "run prints what the program prints, and returns its exit status" {
    run_docker bb echo hello
    expect_ok
    expect_equal "$output" hello
    run_docker bb /bin/probe exit 7
    expect_status 7
}

# runtime.md, "Lifecycle".
# bats test_tags=run,guest
@test "run -d, exec, logs, stop, restart and rm" {
    start_pausing --stop-signal TERM
    run docker exec "$NAME" /bin/probe hostname
    expect_match '^hostname [0-9a-f]{12}$'
    run docker exec --user 1000 --workdir /tmp --env COLOUR=red "$NAME" /bin/probe each ids cwd env
    expect_line "uid 1000" "cwd /tmp" "COLOUR=red"
    run docker exec "$NAME" /bin/probe exit 5
    expect_status 5
    docker restart --time 5 "$NAME"
    expect_equal "$(docker_state Running)" true
    docker stop --time 5 "$NAME"
    expect_equal "$(docker_state ExitCode)" 0
    run docker logs "$NAME"
    expect_line "ready" "signal TERM"
    docker rm "$NAME"
}

# bats test_tags=run,guest
@test "a missing program gives 127, one that cannot be executed 126" {
    run_docker bb /no/such/program
    expect_equal "$status" 127
    run_docker bb no-such-program
    expect_equal "$status" 127
    run_docker bb /etc/plain-file
    expect_equal "$status" 126
}

# config.md, "Process": terminal.
# bats test_tags=terminal,guest
@test "run -it and exec -it have a controlling terminal" {
    enter_words
    run python3 "$CLIENTS/with-terminal.py" "${ENTER[@]}" docker --config "$PLACE/docker-config" \
        --host unix:///run/docker.sock run --rm -it --network none bb /bin/probe tty 3>&-
    output=${output//$'\r'/}
    expect_match '^tty 0 yes /dev/(pts/0|console)$'
    expect_line "controlling yes"
    start_pausing
    run python3 "$CLIENTS/with-terminal.py" "${ENTER[@]}" docker --config "$PLACE/docker-config" \
        --host unix:///run/docker.sock exec -it "$NAME" /bin/probe tty 3>&-
    output=${output//$'\r'/}
    expect_match '^tty 0 yes '
}

# config-linux.md, "Memory", "PIDs", "CPU".
# bats test_tags=limits,guest
@test "limits are in the cgroup's files, and update changes them" {
    needs_controller memory
    needs_controller pids
    start_pausing --memory 32m --pids-limit 20
    expect_cgroup_of_driver
    expect_equal "$(cgroup_value memory memory.limit_in_bytes memory.max)" 33554432
    expect_equal "$(cgroup_value pids pids.max pids.max)" 20
    docker update --memory 64m --memory-swap 128m --pids-limit 30 "$NAME"
    expect_equal "$(cgroup_value memory memory.limit_in_bytes memory.max)" 67108864
    expect_equal "$(cgroup_value pids pids.max pids.max)" 30
}

# bats test_tags=run,guest
@test "pause, unpause, top and stats" {
    start_pausing
    docker pause "$NAME"
    expect_equal "$(docker_state Status)" paused
    docker unpause "$NAME"
    expect_equal "$(docker_state Status)" running
    run docker top "$NAME"
    expect_match 'probe pause'
    run docker stats --no-stream --format '{{.PIDs}}' "$NAME"
    expect_ok
    expect_equal "$output" 1
}

# bats test_tags=mounts,guest
@test "volumes, tmpfs, a read-only rootfs, a user, capabilities" {
    mkdir -p "$PLACE/volume"
    echo inside >"$PLACE/volume/file"
    run_docker --read-only --tmpfs /scratch --user 1000:1000 --volume "$PLACE/volume:/mnt:ro" bb \
        /bin/sh -c 'cat /mnt/file; id -u; touch /tmp/x 2>/dev/null || echo read-only; touch /scratch/x && echo scratch'
    expect_ok
    expect_equal "$output" $'inside\n1000\nread-only\nscratch'
    run_docker --cap-drop ALL --cap-add NET_BIND_SERVICE bb grep CapBnd /proc/self/status
    expect_equal "$output" $'CapBnd:\t0000000000000400'
}

# bats test_tags=security,guest
@test "the default seccomp profile is loaded, and can be left out" {
    run_docker bb grep Seccomp: /proc/self/status
    expect_equal "$output" $'Seccomp:\t2'
    run_docker --security-opt seccomp=unconfined bb grep Seccomp: /proc/self/status
    expect_equal "$output" $'Seccomp:\t0'
}

# bats test_tags=health
@test "a health check runs by exec" {
    docker run -d --name "$NAME" --network none --health-cmd '/bin/true' --health-interval 1s bb /bin/probe pause
    for _ in $(seq 600); do
        [ "$(docker_state Health.Status)" != healthy ] || break
        sleep 0.1
    done
    expect_equal "$(docker_state Health.Status)" healthy
}

# bats test_tags=left,guest
@test "nothing is left: no container, mount or cgroup" {
    start_pausing
    docker rm --force "$NAME"
    expect_equal "$(in_place find /run/docker/runtime-runc /run/docker/containerd -maxdepth 3 -name "$CONTAINER" 2>/dev/null)" ""
    expect_equal "$(find /sys/fs/cgroup -type d -name "*$CONTAINER*")" ""
    run in_place cat /proc/self/mountinfo
    expect_no_match "$CONTAINER"
}
