#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman: what happens to a container in its life: limits, health, restarts, checkpoints, descriptions.
# shellcheck disable=SC2034
load lib
load podman

PODS=yes
MANY=${ZIND_MANY:-500}

# until_state FIELD VALUE
until_state()
{
    for _ in $(seq 600); do
        [ "$(podman_state "$1")" != "$2" ] || return 0
        sleep 0.1
    done
    fail "$1 is $(podman_state "$1"), not $2"
}

# config-linux.md, "CPU", "Memory".
# bats test_tags=limits,guest
@test "--cpuset-cpus, --cpu-shares, --memory-swap, --memory-reservation" {
    needs_controller cpuset
    needs_controller memory
    start_pausing --cpuset-cpus 0 --cpu-shares 512 --memory 32m --memory-swap 64m --memory-reservation 16m
    expect_equal "$(cgroup_value cpuset cpuset.cpus cpuset.cpus)" 0
    run podman exec "$NAME" grep Cpus_allowed_list /proc/self/status
    expect_match '[[:space:]]0$'
    expect_equal "$(cgroup_value memory memory.soft_limit_in_bytes memory.low)" 16777216
    if host_is_cgroup2; then
        expect_equal "$(cgroup_value memory - memory.swap.max)" 33554432
        # By the formula of 2025, and before.
        [[ $(cgroup_value cpu - cpu.weight) =~ ^(59|20)$ ]]
    else
        expect_equal "$(cgroup_value cpu cpu.shares -)" 512
        # A kernel that does not count swap has no such file.
        [ ! -e "$(cgroup_folder memory)/memory.memsw.limit_in_bytes" ] ||
            expect_equal "$(cgroup_value memory memory.memsw.limit_in_bytes -)" 67108864
    fi
}

# config-linux.md, "Block IO".
# bats test_tags=limits,guest
@test "--blkio-weight is in the cgroup's file" {
    host_is_cgroup2 || [ -e /sys/fs/cgroup/blkio/blkio.weight ] ||
        skip "podman leaves the weight out: this kernel has no blkio.weight"
    [ $CGROUP_DRIVER != systemd ] || skip "systemd writes numbers of its own"
    start_pausing --blkio-weight 200
    [[ $(cgroup_value blkio blkio.weight io.bfq.weight) =~ ^(default )?200$ ]]
}

# config-linux.md, "Memory". That podman says OOMKilled depends on conmon, which does not see it on cgroup v1.
# bats test_tags=limits,guest
@test "a container that is out of memory is killed" {
    needs_controller memory
    podman run --name "$NAME" --network none --memory 16m bb /bin/probe alloc 64 || true
    expect_equal "$(podman_state ExitCode)" 137
}

# bats test_tags=terminal
@test "attach -it has the terminal, and can be left by its keys" {
    podman run -dit --name "$NAME" --network none bb /bin/sh
    podman_words
    run timeout 60 python3 "$CLIENTS/with-terminal.py" --type $'echo $((20 + 3)); exit 4\n' "${PODMAN[@]}" attach "$NAME" 3>&-
    output=${output//$'\r'/}
    expect_line 23
    until_state Status exited
    expect_equal "$(podman_state ExitCode)" 4
    NAME=$NAME-2
    podman run -dit --name "$NAME" --network none bb /bin/sh
    run timeout 60 python3 "$CLIENTS/with-terminal.py" --type $'\x10\x11' "${PODMAN[@]}" attach "$NAME" 3>&-
    expect_ok
    expect_equal "$(podman_state Status)" running
}

# bats test_tags=run
@test "logs in parts: --tail, --follow, --timestamps, standard error apart" {
    podman run --name "$NAME" --network none bb /bin/sh -c 'echo one; echo two; echo wrong >&2' || true
    expect_equal "$(podman logs --tail 1 "$NAME" 2>/dev/null)$(podman logs "$NAME" 2>&1 >/dev/null)" wrong
    expect_equal "$(podman logs "$NAME" 2>/dev/null)" $'one\ntwo'
    run podman logs --timestamps --follow "$NAME"
    expect_match '^[0-9]{4}-.* two$'
}

# bats test_tags=health,guest
@test "--restart=on-failure starts again as often as told, unless-stopped until stop" {
    podman run -d --name "$NAME" --network none --restart on-failure:2 bb /bin/sh -c 'echo started; exit 3'
    until_state Status exited
    in_time logged podman 3 started
    expect_equal "$(podman logs "$NAME" | grep -c started)" 3
    NAME=$NAME-2
    start_pausing --restart unless-stopped
    # podman may not find the exit status of this exec, which the restart overtakes.
    podman exec "$NAME" kill -TERM 1 || true
    in_time logged podman 2 ready
    expect_equal "$(podman logs "$NAME" | grep -c ready)" 2
    podman stop --time 3 "$NAME"
    expect_equal "$(podman_state Status)" exited
}

# bats test_tags=run
@test "restart, rename, init and start of a created container" {
    podman create --name "$NAME" --network none bb /bin/probe pause
    podman init "$NAME"
    expect_equal "$(podman_state Status)" initialized
    podman start "$NAME"
    expect_equal "$(podman_state Status)" running
    podman restart --time 3 "$NAME"
    podman rename "$NAME" other
    run podman exec other echo renamed
    expect_equal "$output" renamed
}

# bats test_tags=health
@test "--health-on-failure=kill and stop act" {
    start_pausing --health-cmd /bin/false --health-interval disable --health-retries 1 --health-on-failure kill
    podman healthcheck run "$NAME" || true
    until_state Status exited
    expect_equal "$(podman_state ExitCode)" 137
    NAME=$NAME-2
    start_pausing --health-cmd /bin/true --health-interval disable
    podman healthcheck run "$NAME"
    expect_equal "$(podman inspect --format '{{.State.Health.Status}}' "$NAME")" healthy
}

# runtime.md, "Operations": what a thousand of them leave, a container of a year has.
# bats test_tags=health
@test "many health checks leave no process, cgroup, mount or file" {
    local before after n

    start_pausing --health-cmd '/bin/probe exit 0' --health-interval disable
    podman healthcheck run "$NAME"
    before=$(leftovers)
    podman_words
    for n in $(seq $((MANY * 2))); do
        "${PODMAN[@]}" healthcheck run "$NAME" 3>&- || fail "health check $n"
    done
    for n in $(seq 600); do
        after=$(leftovers)
        [ "$after" != "$before" ] || break
        sleep 0.1
    done
    expect_equal "$after" "$before"
}

# Processes by name, cgroups and mounts of the container, files of the runtime's state.
leftovers()
{
    place_processes
    find /sys/fs/cgroup -type d -path "*$CONTAINER*" | wc -l
    in_place cat /proc/self/mountinfo | wc -l
    in_place sh -c 'find /run/zind-oci /run/crun /run/runc 2>/dev/null' | grep -vc ,seccomp
}

# runtime.md knows no checkpoint: without CRIU the error has to be one that users understand.
# bats test_tags=run
@test "checkpoint says what is missing, and the container goes on" {
    start_pausing
    run podman container checkpoint "$NAME"
    if [ "$status" -eq 0 ]; then
        podman container restore "$NAME"
    else
        expect_match 'heckpoint|CRIU|criu'
    fi
    expect_equal "$(podman_state Status)" running
    run podman exec "$NAME" echo on
    expect_equal "$output" on
}

# bats test_tags=pods
@test "generate kube describes a container that kube play runs" {
    podman create --name "$NAME" --network none --env COLOUR=red --memory 32m bb /bin/probe pause
    podman generate kube "$NAME" >"$PLACE/generated.yaml"
    podman rm "$NAME"
    sed -i 's/^spec:/spec:\n  hostNetwork: true/' "$PLACE/generated.yaml"
    podman kube play "$PLACE/generated.yaml"
    run podman exec "$NAME-pod-$NAME" /bin/probe env
    expect_line COLOUR=red
    podman kube down "$PLACE/generated.yaml"
}

# bats test_tags=pods
@test "kube play: an init container, a config map, an emptyDir, a command probe" {
    cat >"$PLACE/pod.yaml" <<'YAML'
apiVersion: v1
kind: ConfigMap
metadata: {name: words}
data: {greeting: hello}
---
apiVersion: v1
kind: Pod
metadata:
  name: played
  # Of those of type "once" podman 4.3 waits 20 seconds for what it has already.
  annotations: {io.podman.annotations.init.container.type: always}
spec:
  hostNetwork: true
  volumes:
  - {name: scratch, emptyDir: {}}
  initContainers:
  - name: first
    image: localhost/bb
    command: ["/bin/sh", "-c", "echo prepared >/scratch/file"]
    volumeMounts: [{name: scratch, mountPath: /scratch}]
  containers:
  - name: one
    image: localhost/bb
    command: ["/bin/probe", "pause"]
    envFrom: [{configMapRef: {name: words}}]
    livenessProbe: {exec: {command: ["/bin/true"]}, periodSeconds: 60}
    volumeMounts: [{name: scratch, mountPath: /scratch}]
    securityContext: {capabilities: {drop: [ALL]}, allowPrivilegeEscalation: false}
YAML
    podman kube play "$PLACE/pod.yaml"
    run podman exec played-one /bin/sh -c 'cat /scratch/file; echo $greeting; grep -E "CapEff|NoNewPrivs" /proc/1/status'
    expect_line prepared hello $'CapEff:\t0000000000000000' $'NoNewPrivs:\t1'
    podman kube down "$PLACE/pod.yaml"
}

# bats test_tags=left,guest
@test "nothing is left: no state, cgroup or process" {
    local pid

    start_pausing --memory 32m
    pid=$(podman_state Pid)
    podman rm --force --all --time 0
    in_time no_process_of "$pid"
    in_time no_cgroup_of_container
    expect_equal "$(states_left /run/zind-oci /run/runc /run/crun)" ""
}
