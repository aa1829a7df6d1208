#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Docker: more of what its users type, and what the daemon does by itself.
# shellcheck disable=SC2034
load lib
load docker

# run_docker WORD...: `docker run --rm` of the image; sets $status and $output. bats' `run` warns of status 127.
run_docker()
{
    status=0
    output=$(docker run --rm "$@" 2>&1) || status=$?
}

# bats test_tags=run
@test "--init reaps, and passes signals on" {
    in_place sh -c 'command -v docker-init' >/dev/null || skip "needs docker-init"
    start_pausing --init --stop-signal TERM
    in_time logged docker 1 ready
    run docker exec "$NAME" cat /proc/1/comm
    expect_match 'docker-init|tini'
    docker stop --time 5 "$NAME"
    run docker logs "$NAME"
    expect_line "signal TERM"
}

# bats test_tags=health
@test "--restart starts again, and stop ends it" {
    docker run -d --name "$NAME" --network none --restart on-failure:2 bb /bin/sh -c 'echo started; exit 3'
    in_time logged docker 3 started
    NAME=$NAME-2
    start_pausing --restart always
    in_time logged docker 1 ready
    # Killed itself when the program ends before it does.
    docker exec "$NAME" kill -TERM 1 || true
    in_time logged docker 2 ready
    docker stop --time 3 "$NAME"
    expect_equal "$(docker_state Running)" false
}

# bats test_tags=security,guest
@test "--privileged, --cap-add and --security-opt no-new-privileges" {
    run_docker --network none --privileged bb /bin/sh -c '/bin/probe caps; test -c /dev/kmsg && echo kmsg'
    expect_ok
    expect_line kmsg
    expect_match '^effective .*CAP_SYS_ADMIN' '^effective .*CAP_SYS_MODULE'
    run_docker --network none --security-opt no-new-privileges --cap-add SYS_TIME bb /bin/probe each caps seccomp
    expect_match '^effective .*CAP_SYS_TIME'
    expect_line "nnp 1"
}

# config-linux.md, "Namespaces".
# bats test_tags=namespaces
@test "--pid, --ipc, --uts and --network of the host and of a container" {
    local kind

    start_pausing --ipc shareable
    run_docker --pid "container:$NAME" --ipc "container:$NAME" --network "container:$NAME" bb \
        /bin/sh -c 'for kind in pid ipc net; do /bin/busybox readlink /proc/self/ns/$kind; done'
    expect_ok
    for kind in pid ipc net; do
        expect_line "$(docker exec "$NAME" /bin/busybox readlink /proc/self/ns/$kind)"
    done
    run_docker --pid host --ipc host --uts host --network host bb \
        /bin/sh -c 'for kind in pid ipc uts net; do /bin/busybox readlink /proc/self/ns/$kind; done'
    for kind in pid ipc uts net; do
        expect_line "$(in_place readlink /proc/self/ns/$kind)"
    done
}

# config.md, "Process"; config-linux.md, "Devices", "Sysctl".
# bats test_tags=security
@test "--ulimit, --oom-score-adj, --device, --sysctl, --shm-size, --hostname, --group-add" {
    run_docker --network none --ulimit nofile=100:200 --oom-score-adj 500 --device /dev/null:/dev/nothing --sysctl kernel.msgmax=4096 \
        --shm-size 2m --hostname web --group-add 44 bb \
        /bin/sh -c '/bin/probe each rlimits oom hostname ids; /bin/probe stat /dev/nothing; /bin/probe sysctl kernel.msgmax; /bin/probe mounts'
    expect_ok
    expect_line "RLIMIT_NOFILE 100 200" "oom_score_adj 500" "hostname web" "sysctl kernel.msgmax 4096"
    expect_match '^groups .*\b44\b' '^stat /dev/nothing char 0[0-7]+ 1:3' '^mount /dev/shm tmpfs .*size=2048k'
}

# config-linux.md, "CPU", "Block IO".
# bats test_tags=limits,guest
@test "--cpus, --cpuset-cpus and --cpu-shares, and update of them" {
    needs_controller cpu
    needs_controller cpuset
    start_pausing --cpus 0.5 --cpuset-cpus 0 --cpu-shares 512
    [[ $(cgroup_value cpu cpu.cfs_quota_us cpu.max) =~ ^50000( 100000)?$ ]]
    expect_equal "$(cgroup_value cpuset cpuset.cpus cpuset.cpus)" 0
    docker update --cpu-shares 1024 --cpuset-cpus 0-1 "$NAME"
    [[ $(cgroup_value cpu cpu.shares cpu.weight) =~ ^(1024|100|39)$ ]] # weight: by the formula of 2025, and before
    expect_equal "$(cgroup_value cpuset cpuset.cpus cpuset.cpus)" 0-1
}

# config-linux.md, "Memory".
# bats test_tags=limits,guest
@test "a container that is out of memory is OOMKilled" {
    needs_controller memory
    docker run --name "$NAME" --network none --memory 16m bb /bin/sh -c '/bin/probe alloc 64; sleep 3; exit 137' || true
    expect_equal "$(docker_state ExitCode)" 137
    expect_equal "$(docker_state OOMKilled)" true
}

# bats test_tags=mounts
@test "--mount of each type, --read-only, named volumes, --volumes-from" {
    mkdir -p "$PLACE/volume"
    echo inside >"$PLACE/volume/file"
    run_docker --network none --read-only --mount "type=bind,src=$PLACE/volume,dst=/b,readonly,bind-propagation=rslave" \
        --mount type=tmpfs,dst=/t,tmpfs-size=1048576,tmpfs-mode=0700 --mount type=volume,src=named,dst=/v bb \
        /bin/sh -c 'cat /b/file; echo kept >/v/file; /bin/probe stat /t; /bin/probe mounts; touch /b/x'
    expect_line inside
    expect_match '^stat /t dir 0700' '^mount /t tmpfs .*size=1024k' '^mount /b [^ ]+ ro' 'Read-only file system'
    docker create --name "$NAME" --volume named:/v bb true
    run_docker --network none --volumes-from "$NAME" bb cat /v/file
    expect_equal "$output" kept
    docker rm "$NAME"
    docker volume rm named
}

# bats test_tags=run
@test "cp, commit, diff, rename, wait and events of a running container" {
    start_pausing
    echo data >"$PLACE/data"
    docker cp "$PLACE/data" "$NAME:/root/data"
    run docker exec "$NAME" cat /root/data
    expect_equal "$output" data
    docker commit "$NAME" committed
    run_docker --network none committed cat /root/data
    expect_equal "$output" data
    run docker diff "$NAME"
    expect_match '^A /root/data$'
    docker rename "$NAME" "$NAME-new"
    docker kill --signal KILL "$NAME-new"
    expect_equal "$(docker wait "$NAME-new")" 137
    docker rmi --force committed
}

# bats test_tags=health
@test "a health check that fails is told, exec -d and --env-file work" {
    start_pausing --health-cmd '/bin/false' --health-interval 0.5s --health-retries 1
    for _ in $(seq 600); do
        [ "$(docker_state Health.Status)" != unhealthy ] || break
        sleep 0.1
    done
    expect_equal "$(docker_state Health.Status)" unhealthy
    docker exec -d "$NAME" /bin/sh -c 'echo made >/tmp/made'
    in_time docker exec "$NAME" grep -q made /tmp/made
    run docker exec "$NAME" cat /tmp/made
    expect_equal "$output" made
    run docker exec --privileged --user 0 "$NAME" /bin/probe caps
    expect_match '^effective .*CAP_SYS_ADMIN'
}

# bats test_tags=terminal
@test "run -i reads standard input, attach sees the output, stop of a program that ignores TERM" {
    output=$(docker run --rm -i --network none bb cat 2>&1 <<<through)
    expect_equal "$output" through
    docker run -d --name "$NAME" --network none bb /bin/probe ignore-term
    docker stop --time 1 "$NAME"
    expect_equal "$(docker_state ExitCode)" 137
}

# bats test_tags=limits,guest
@test "--cgroup-parent and --cgroupns" {
    local parent=/zind-docker-$NAME

    [ $CGROUP_DRIVER != systemd ] || parent=zinddocker$NAME.slice
    start_pausing --cgroup-parent "$parent" --cgroupns private
    [ -n "$(find /sys/fs/cgroup -type d -path "*/${parent#/}/*$CONTAINER*")" ]
    run docker exec "$NAME" /bin/probe cgroup
    expect_match ':/$'
    docker rm --force "$NAME"
    expect_equal "$(find /sys/fs/cgroup -type d -name "*$CONTAINER*")" ""
    remove_cgroup "$parent"
}

# bats test_tags=build
@test "build: RUN steps run through the runtime" {
    mkdir -p "$PLACE/context"
    printf 'FROM bb\nRUN echo built >/built && test ! -e /sys/fs/cgroup/nothing\nRUN cat /built\n' >"$PLACE/context/Dockerfile"
    status=0
    output=$(docker build --network none --no-cache --tag built "$PLACE/context" 2>&1) || status=$?
    expect_ok
    expect_line built
    run_docker --network none built cat /built
    expect_equal "$output" built
}

# bats test_tags=left,guest
@test "nothing is left: no container, mount or cgroup" {
    start_pausing
    docker rm --force "$NAME"
    expect_equal "$(states_left /run/docker/runtime-runc/moby)" ""
    expect_equal "$(find /sys/fs/cgroup -type d -name "*$CONTAINER*")" ""
    run in_place cat /proc/self/mountinfo
    expect_no_match "$CONTAINER"
}
