#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman beyond the single container: pods, kube play, health checks, secrets, user namespaces, an init.
# shellcheck disable=SC2034
load lib
load podman

PODS=yes

setup_file()
{
    podman_setup catatonit python3
}

# config-linux.md, "Namespaces": path.
# bats test_tags=pods
@test "the containers of a pod share its namespaces, and no others" {
    podman pod create --name pod --network none --share net,ipc
    podman run -d --pod pod --name one bb /bin/probe pause
    podman run -d --pod pod --name two bb /bin/probe pause
    for kind in net ipc; do
        expect_equal "$(namespace_in one $kind)" "$(namespace_in two $kind)"
    done
    for kind in mnt pid; do
        [ "$(namespace_in one $kind)" != "$(namespace_in two $kind)" ]
    done
    podman pod stop --time 3 pod
    expect_equal "$(podman pod inspect --format '{{.State}}' pod)" Exited
}

# TEXT: a process with that in its command line.
one_sees()
{
    podman exec one ps | grep "$1" >/dev/null
}

# The first process of the pod's pid namespace is not the container's: its end must not be waited for. No job in the
# background, whose stdin is /dev/null: podman 4.3 without systemd forbids all devices to a pod on cgroup v2.
# bats test_tags=pods,guest
@test "the containers of a pod share a pid namespace; one can stop without the other" {
    podman pod create --name pod --network none --share pid,net
    podman run -d --pod pod --name one bb /bin/probe pause
    podman run -d --pod pod --name two bb /bin/sh -c 'sleep 1000 | /bin/probe pause'
    expect_equal "$(namespace_in one pid)" "$(namespace_in two pid)"
    eventually one_sees 'sleep 1000'
    podman stop --time 3 two
    run podman exec one ps
    expect_no_match 'sleep 1000'
    expect_equal "$(podman inspect --format '{{.State.Status}}' one)" running
}

# bats test_tags=pods
@test "kube play makes what the file describes, and takes it down" {
    cat >"$PLACE/pod.yaml" <<'YAML'
apiVersion: v1
kind: Pod
metadata:
  name: played
spec:
  hostNetwork: true
  containers:
  - name: one
    image: localhost/bb
    command: ["/bin/probe", "pause"]
    env:
    - {name: COLOUR, value: red}
    securityContext: {readOnlyRootFilesystem: true, runAsUser: 1000}
    resources: {limits: {memory: 32Mi}}
YAML
    podman kube play "$PLACE/pod.yaml"
    run podman exec played-one /bin/probe each ids env
    expect_line "uid 1000" "COLOUR=red"
    podman kube down "$PLACE/pod.yaml"
    expect_equal "$(podman ps --all --quiet)" ""
}

# bats test_tags=health,guest
@test "a health check tells healthy from unhealthy" {
    podman run -d --name "$NAME" --network none --health-cmd 'test -f /healthy' --health-interval disable --health-retries 1 \
        bb /bin/probe pause
    run podman healthcheck run "$NAME"
    expect_status 1
    podman exec "$NAME" touch /healthy
    podman healthcheck run "$NAME"
}

# bats test_tags=mounts
@test "secrets, --env and --hostname arrive" {
    printf 'hidden' | podman secret create s1 -
    run podman run --rm --network none --secret s1 --env COLOUR=red --hostname web bb \
        /bin/sh -c 'cat /run/secrets/s1; echo; echo $COLOUR; hostname'
    expect_equal "$output" $'hidden\nred\nweb'
    podman secret rm s1
}

# bats test_tags=run,guest
@test "--init reaps, and passes signals on" {
    podman run -d --name "$NAME" --init --network none --stop-signal TERM bb /bin/probe pause
    in_time logged podman 1 ready
    run podman exec "$NAME" cat /proc/1/comm
    expect_match 'podman-init|catatonit'
    podman stop --time 5 "$NAME"
    run podman logs "$NAME"
    expect_line "signal TERM"
}

# config-linux.md, "User namespace mappings".
# bats test_tags=namespaces,guest
@test "--uidmap and --gidmap give a user namespace of its own" {
    start_pausing --uidmap 0:100000:65536 --gidmap 0:100000:65536
    run podman exec "$NAME" cat /proc/self/uid_map
    expect_match '^ +0 +100000 +65536$'
    expect_equal "$(stat -c %u "/proc/$(podman inspect --format '{{.State.Pid}}' "$NAME")" 2>/dev/null ||
        in_place stat -c %u "/proc/$(podman inspect --format '{{.State.Pid}}' "$NAME")")" 100000
}

# bats test_tags=terminal
@test "attach and exec -it hold a conversation" {
    enter_words
    podman_words
    podman run -d -i --name "$NAME" --network none bb cat
    output=$(printf 'echoed\n' | timeout 60 "${PODMAN[@]}" attach --sig-proxy=false "$NAME" 3>&- || true)
    expect_equal "$output" echoed
    NAME=$NAME-2
    start_pausing
    run python3 "$CLIENTS/with-terminal.py" "${PODMAN[@]}" exec -it "$NAME" /bin/probe tty 3>&-
    output=${output//$'\r'/}
    expect_match '^tty 0 yes /dev/pts/'
}

# bats test_tags=limits,guest
@test "stats counts, top lists, update changes limits" {
    needs_controller memory
    start_pausing --memory 32m
    run podman top "$NAME" pid args
    expect_match 'probe pause'
    podman update --memory 64m --memory-swap 128m "$NAME"
    expect_equal "$(cgroup_value memory memory.limit_in_bytes memory.max)" 67108864
    run podman stats --no-stream --format '{{.PIDs}}' "$NAME"
    expect_ok
}

# config.md, "Mounts": options; config-linux.md, "Devices".
# bats test_tags=mounts
@test "volumes with options, devices, sysctl, ulimit, shm" {
    mkdir -p "$PLACE/volume"
    run podman run --rm --network none --volume "$PLACE/volume:/v:ro,noexec,Z" --tmpfs /t:size=1m,mode=1777 \
        --device /dev/null:/dev/nothing --sysctl kernel.msgmax=4096 --ulimit nofile=100:100 --ulimit nproc=100:100 --shm-size 2m bb /bin/sh -c '
            grep " /v " /proc/mounts; ls -l /dev/nothing; cat /proc/sys/kernel/msgmax; ulimit -n; grep " /dev/shm " /proc/mounts'
    expect_ok
    expect_match ' /v .*ro,.*noexec|/v .*ro.*noexec' '^crw.* 1, +3 .*/dev/nothing$' '^4096$' '^100$' 'size=2000k|size=2048k'
}

# Fifty at once where ZIND_MANY asks for it, by hand; else ten at a time.
# bats test_tags=many
@test "fifty containers, many at a time, leave nothing" {
    local n p failures=0 pids=() at_once=10

    [ "${ZIND_MANY:-0}" -lt 50 ] || at_once=50
    for n in $(seq 50); do
        podman run --rm --network none --name "many-$n" bb /bin/true &
        pids+=($!)
        [ $((n % at_once)) -ne 0 ] || { for p in "${pids[@]}"; do wait "$p" || failures=$((failures + 1)); done; pids=(); }
    done
    expect_equal "$failures" 0
    expect_equal "$(podman ps --all --quiet)" ""
    expect_equal "$(states_left /run/zind-oci /run/runc /run/crun)" ""
}
