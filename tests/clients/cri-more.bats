#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# More of what a kubelet asks for: streams, shared pid namespaces, groups, sysctls, networks, probes, the end by OOM.
# shellcheck disable=SC2034
load lib
load cri

setup_file()
{
    cri_setup
    mkdir -p "$PLACE/cni"
    cat >"$PLACE/cni/10-pods.conflist" <<'JSON'
{"cniVersion": "0.4.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "zpods0", "isGateway": true,
    "ipam": {"type": "host-local", "dataDir": "/run/cni", "ranges": [[{"subnet": "10.77.0.0/24"}]]}}]}
JSON
}

teardown_file()
{
    place_stop
}

teardown()
{
    [ -z "${POD-}" ] || pod_stop
}

# stream METHOD REQUEST [TEXT]: Exec or Attach; sets $status and $output.
stream()
{
    local url

    url=$(cri "$1" "$2" | jq -r .url)
    enter_words
    status=0
    output=$("${ENTER[@]}" timeout 30 /usr/bin/python3 "$CLIENTS/cri-stream.py" "$url" "${@:3}" 3>&-) || status=$?
    output=${output//$'\r'/}
}

until_exited()
{
    for _ in $(seq 600); do
        [ "$(container_field state)" != 2 ] || return 0
        sleep 0.1
    done
    fail "the container does not exit"
}

# config.md, "Process": terminal.
# bats test_tags=terminal
@test "Exec through the streaming server: a terminal, an exit status, standard input" {
    pod_start
    add_container one '["/bin/probe", "pause"]'
    stream Exec "{\"container_id\": \"$ID\", \"cmd\": [\"/bin/probe\", \"tty\"], \"tty\": true, \"stdin\": true, \"stdout\": true}"
    expect_ok
    expect_match '^tty 0 yes '
    expect_line "controlling yes"
    stream Exec "{\"container_id\": \"$ID\", \"cmd\": [\"/bin/sh\", \"-c\", \"read word; echo got \$word; exit 7\"], \"stdin\": true, \"stdout\": true, \"stderr\": true}" $'hello\n'
    expect_status 7
    expect_line "got hello"
}

# bats test_tags=terminal
@test "Attach speaks with the container's own process" {
    pod_start
    add_container one '["/bin/sh", "-c", "read word; sleep 1; echo got $word; sleep 1; exit 0"]' '.stdin = true'
    stream Attach "{\"container_id\": \"$ID\", \"stdin\": true, \"stdout\": true, \"stderr\": true}" $'hello\n'
    expect_line "got hello"
    until_exited
    expect_equal "$(container_field exit_code)" 0
}

# config-linux.md, "Namespaces": path.
# bats test_tags=namespaces,guest
@test "containers of a pod that share its pid namespace see each other" {
    SANDBOX='.linux.security_context.namespace_options.pid = "POD"'
    pod_start
    add_container one '["/bin/sleep", "1234"]' '.linux.security_context.namespace_options.pid = "POD"'
    add_container two '["/bin/probe", "pause"]' '.linux.security_context.namespace_options.pid = "POD"'
    in_container ps
    expect_match 'sleep 1234' 'probe pause'
    cri StopContainer "{\"container_id\": \"$ID\", \"timeout\": 5}" >/dev/null
    expect_equal "$(container_field state)" 2
}

# bats test_tags=namespaces
@test "an ephemeral container joins the pid namespace of its target" {
    local target

    pod_start
    add_container one '["/bin/sleep", "4321"]'
    target=$ID
    add_container debug '["/bin/probe", "pause"]' \
        ".linux.security_context.namespace_options += {pid: \"TARGET\", target_id: \"$target\"}"
    in_container ps
    expect_match '^ *1 .*sleep 4321' 'probe pause'
}

# config.md, "User": additionalGids.
# bats test_tags=security
@test "run_as_user, run_as_group and supplemental groups" {
    pod_start
    add_container one '["/bin/probe", "pause"]' '.linux.security_context +=
        {run_as_user: {value: 1000}, run_as_group: {value: 2000}, supplemental_groups: [3000, 4000]}'
    in_container /bin/probe ids
    expect_line "uid 1000" "gid 2000"
    expect_match '^groups .*3000 4000'
}

# config-linux.md, "Sysctl".
# bats test_tags=network
@test "a pod with a network of its own: address, host name, sysctls, a privileged port without privileges" {
    [ -x /usr/lib/cni/bridge ] || skip "needs containernetworking-plugins"
    SANDBOX='.linux.security_context = {namespace_options: {network: "POD", pid: "CONTAINER"}} | .hostname = "web" |
        .linux.sysctls = {"net.ipv4.ip_unprivileged_port_start": "80", "kernel.shm_rmid_forced": "1"}'
    pod_start
    [[ $(cri PodSandboxStatus "{\"pod_sandbox_id\": \"$POD\"}" | jq -r .status.network.ip) == 10.77.0.* ]]
    add_container one '["/bin/probe", "pause"]' '.linux.security_context.namespace_options.network = "POD"'
    in_container /bin/probe each hostname
    expect_line "hostname web"
    in_container /bin/probe sysctl net.ipv4.ip_unprivileged_port_start kernel.shm_rmid_forced
    expect_line "sysctl net.ipv4.ip_unprivileged_port_start 80" "sysctl kernel.shm_rmid_forced 1"
    in_container /bin/busybox ip addr
    expect_match 'inet 10\.77\.0\.' 'inet 127\.0\.0\.1'
}

# config-linux.md, "Memory"; containerd is told by the events of the cgroup that we made.
# bats test_tags=limits,guest
@test "a container that is out of memory ends as OOMKilled" {
    needs_controller memory
    pod_start
    add_container one '["/bin/sh", "-c", "/bin/probe alloc 64; sleep 3; exit 137"]' '.linux.resources = {memory_limit_in_bytes: 16777216}'
    until_exited
    expect_equal "$(container_field reason)" OOMKilled
    expect_equal "$(container_field exit_code)" 137
}

# bats test_tags=health
@test "readiness probes in a loop, one that is too slow, and what they leave" {
    local before

    pod_start
    add_container one '["/bin/probe", "pause"]'
    in_container /bin/probe exit 0
    before=$(place_processes)
    for _ in $(seq 10); do
        in_container /bin/sh -c 'test -d /proc/1 && echo ready'
        expect_equal "$status $output" "0 ready"
    done
    run cri ExecSync "{\"container_id\": \"$ID\", \"timeout\": 1, \"cmd\": [\"/bin/sleep\", \"100\"]}"
    expect_match 'timeout'
    for _ in $(seq 600); do
        [ "$(place_processes)" != "$before" ] || break
        sleep 0.1
    done
    expect_equal "$(place_processes)" "$before"
    in_container ps
    expect_no_match 'sleep 100'
}

# Mounts: what a kubelet binds into each container.
# bats test_tags=mounts
@test "the termination message, a volume with propagation, a device, cpus" {
    pod_start
    : >"$PLACE/termination"
    mkdir -p "$PLACE/volume"
    add_container one '["/bin/sh", "-c", "echo the end >/dev/termination-log; /bin/probe pause"]' ".mounts = [
        {container_path: \"/dev/termination-log\", host_path: \"$PLACE/termination\"},
        {container_path: \"/volume\", host_path: \"$PLACE/volume\", propagation: 1}] |
        .devices = [{container_path: \"/dev/nothing\", host_path: \"/dev/null\", permissions: \"rwm\"}] |
        .linux.resources = {cpuset_cpus: \"0\", oom_score_adj: 900}"
    in_container /bin/sh -c '/bin/probe stat /dev/nothing; grep Cpus_allowed_list /proc/self/status; cat /proc/self/oom_score_adj; /bin/probe mounts'
    expect_match '^stat /dev/nothing char 0[0-7]+ 1:3' '^Cpus_allowed_list:[[:space:]]0$' '^900$' '^mount /volume [^ ]+ [^ ]+ .*(slave|master)'
    in_time grep -qx "the end" "$PLACE/termination"
}

# bats test_tags=run
@test "a pod outlives a restart of containerd: exec, statistics, stop" {
    pod_start
    add_container one '["/bin/probe", "pause"]'
    containerd_stop
    containerd_start
    expect_equal "$(container_field state)" 1
    in_container echo still here
    expect_equal "$output" "still here"
    cri ContainerStats "{\"container_id\": \"$ID\"}" >/dev/null
    cri StopContainer "{\"container_id\": \"$ID\", \"timeout\": 3}" >/dev/null
    expect_equal "$(container_field state)" 2
}
