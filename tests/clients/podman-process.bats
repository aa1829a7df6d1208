#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman: namespaces and security of the process that users ask for, OCI hooks, descriptors, systemd inside.
# shellcheck disable=SC2034
load lib
load podman

setup_file()
{
    podman_setup jq
}

namespace_of_place()
{
    in_place readlink "/proc/self/ns/$1"
}

# config-linux.md, "Namespaces".
# bats test_tags=namespaces,guest
@test "--pid=host, --ipc=host, --uts=host and --network=host are the host's" {
    run podman run --rm --pid host --ipc host --uts host --network host bb /bin/sh -c \
        'for kind in pid ipc uts net mnt; do /bin/busybox readlink /proc/self/ns/$kind; done'
    expect_ok
    for kind in pid ipc uts net; do
        expect_line "$(namespace_of_place $kind)"
    done
    ! grep -qxF "$(namespace_of_place mnt)" <<<"$output"
}

# config-linux.md, "Namespaces": path.
# bats test_tags=namespaces
@test "--pid=container, --ipc=container and --network=container join another's" {
    start_pausing --ipc shareable
    run podman run --rm --pid "container:$NAME" --ipc "container:$NAME" --network "container:$NAME" bb /bin/sh -c \
        'for kind in pid ipc net; do /bin/busybox readlink /proc/self/ns/$kind; done; ps'
    expect_ok
    for kind in pid ipc net; do
        expect_line "$(namespace_in "$NAME" $kind)"
    done
    expect_match 'probe pause'
    expect_equal "$(podman inspect --format '{{.State.Status}}' "$NAME")" running
}

# config-linux.md, "User namespace mappings".
# bats test_tags=namespaces
@test "--userns=auto maps ids of its own" {
    in_place sh -c 'echo containers:300000:1000000 >/run/subids
        for file in /etc/subuid /etc/subgid; do [ -e $file ] || touch $file; mount --bind /run/subids $file; done'
    run_podman --userns auto:size=2048 bb cat /proc/self/uid_map
    in_place umount /etc/subuid /etc/subgid
    expect_ok
    expect_match '^ +0 +300000 +2048$'
}

# bats test_tags=namespaces,guest
@test "--userns=host stays in the host's user namespace; --cgroupns=host in its cgroup namespace" {
    run_podman --userns host --cgroupns host bb /bin/sh -c \
        '/bin/busybox readlink /proc/self/ns/user; /bin/busybox readlink /proc/self/ns/cgroup'
    expect_line "$(namespace_of_place user)" "$(namespace_of_place cgroup)"
    run_podman --cgroupns private bb /bin/busybox readlink /proc/self/ns/cgroup
    expect_ok
    [ "$output" != "$(namespace_of_place cgroup)" ]
}

# config-linux.md, "Cgroups": without a path the runtime may choose; podman's users choose none.
# bats test_tags=limits,guest
@test "--cgroups=disabled makes no cgroup" {
    start_pausing --cgroups disabled
    expect_equal "$(find /sys/fs/cgroup -type d -name "*$(podman inspect --format '{{.Id}}' "$NAME")*")" ""
    run podman exec "$NAME" echo inside
    expect_equal "$output" inside
    podman stop --time 3 "$NAME"
}

# config-linux.md, "Seccomp": a profile of the user's.
# bats test_tags=security
@test "--security-opt seccomp=FILE loads that profile" {
    jq -n '{defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
        syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 38}]}' >"$PLACE/profile.json"
    run_podman --security-opt "seccomp=$PLACE/profile.json" bb /bin/sh -c '/bin/probe mkdir /tmp/x; touch /tmp/y && echo made'
    expect_line ENOSYS made
}

# config-linux.md, "Masked Paths", "Readonly Paths".
# bats test_tags=security
@test "--security-opt mask, unmask and label=disable" {
    run_podman --security-opt mask=/etc/group --security-opt label=disable bb /bin/sh -c \
        'cat /etc/group; echo masked; cat /proc/timer_list | /bin/busybox wc -c'
    expect_equal "$output" $'masked\n0'
    run_podman --security-opt unmask=ALL bb grep -c -E ' /proc/(sys|kcore|keys|timer_list) ' /proc/mounts
    expect_equal "$output" 0
    run_podman --security-opt unmask=/proc/sys bb /bin/probe mounts
    expect_no_match '^mount /proc/sys '
    expect_match '^mount /proc/bus '
}

# config.md, "Linux Process": apparmorProfile; this host has none to enter.
# bats test_tags=security
@test "--security-opt apparmor=unconfined is no error" {
    run_podman --security-opt apparmor=unconfined bb echo hello
    expect_ok
    expect_equal "$output" hello
}

# config.md, "Linux Process": capabilities, ambient for a user that is not root.
# bats test_tags=security,guest
@test "--privileged has the devices and all capabilities that can be had" {
    run_podman --privileged bb /bin/sh -c 'grep CapEff /proc/self/status; test -c /dev/kmsg && echo kmsg; grep Seccomp: /proc/self/status'
    expect_line "$(grep CapBnd /proc/self/status | sed s/CapBnd/CapEff/)" kmsg $'Seccomp:\t0'
    run_podman --user 1000 --cap-add NET_BIND_SERVICE bb grep CapAmb /proc/self/status
    expect_equal "$output" $'CapAmb:\t0000000000000400'
}

# config.md, "Process": rlimits, oomScoreAdj; "Linux": personality; umask.
# bats test_tags=security
@test "--ulimit, --oom-score-adj, --umask and --personality" {
    run_podman --ulimit nofile=100:200 --ulimit core=0:0 --ulimit nproc=1024:1024 --oom-score-adj 500 --umask 0077 --personality LINUX32 bb \
        /bin/probe each rlimits oom ids personality
    expect_ok
    expect_line "RLIMIT_NOFILE 100 200" "RLIMIT_CORE 0 0" "oom_score_adj 500" "umask 0077"
    expect_match '^personality 0x0*8$'
}

# config.md, "Hooks": each kind that podman's hooks folder can ask for, with the state on its standard input.
# bats test_tags=hooks,guest
@test "--hooks-dir: hooks of each stage run once, in order, and know the container" {
    local stage

    mkdir -p "$PLACE/hooks"
    printf '#!/bin/sh\necho "$1 $(jq -r ".status + \\" \\" + .annotations.colour")" >>%s/hooked\n' "$PLACE" >"$PLACE/hook"
    chmod 755 "$PLACE/hook"
    for stage in prestart createRuntime createContainer poststart poststop; do
        jq -n --arg path "$PLACE/hook" --arg stage $stage '{version: "1.0.0", when: {annotations: {"^colour$": "red"}},
            hook: {path: $path, args: ["hook", $stage], env: ["PATH=/usr/bin:/bin"]}, stages: [$stage]}' >"$PLACE/hooks/$stage.json"
    done
    rm -f "$PLACE/hooked"
    podman_words
    # The hook after the start is not waited for by who deletes what has ended.
    "${PODMAN[@]}" --hooks-dir "$PLACE/hooks" run --rm --network none --annotation colour=red --volume "$PLACE:/place" bb \
        sh -c 'n=0; until grep -q poststart /place/hooked || [ $((n += 1)) -gt 600 ]; do sleep 0.1; done' 3>&-
    output=$(cat "$PLACE/hooked")
    expect_equal "$(cut -d ' ' -f 1 "$PLACE/hooked" | tr '\n' ' ')" "prestart createRuntime createContainer poststart poststop "
    expect_match '^createRuntime creat(ing|ed) red$'
    expect_line "poststart running red" "poststop stopped red"
    "${PODMAN[@]}" --hooks-dir "$PLACE/hooks" run --rm --network none bb true 3>&-
    expect_equal "$(wc -l <"$PLACE/hooked")" 5
}

# bats test_tags=hooks
@test "--hooks-dir: a hook that fails keeps the container from starting" {
    mkdir -p "$PLACE/failing"
    jq -n '{version: "1.0.0", when: {always: true}, hook: {path: "/bin/false"}, stages: ["createRuntime"]}' >"$PLACE/failing/false.json"
    podman_words
    run "${PODMAN[@]}" --hooks-dir "$PLACE/failing" run --rm --network none bb echo started 3>&-
    [ "$status" -ne 0 ]
    expect_no_match '^started$'
    expect_match 'hook'
    expect_equal "$(podman ps --all --quiet)" ""
}

# The descriptors after 2 are the caller's, and end up in the program.
# bats test_tags=terminal
@test "run and exec with --preserve-fds" {
    podman_words
    echo through >"$PLACE/descriptor"
    run "${PODMAN[@]}" run --rm --network none --preserve-fds 1 bb cat /proc/self/fd/3 3<"$PLACE/descriptor"
    expect_equal "$output" through
    start_pausing
    run "${PODMAN[@]}" exec --preserve-fds 1 "$NAME" /bin/sh -c 'cat <&3' 3<"$PLACE/descriptor"
    expect_equal "$output" through
    run podman exec "$NAME" /bin/probe fds
    expect_no_match '^fd ([4-9]|[1-9][0-9]) '
}

# What systemd wants of a container: tmpfs mounts, a cgroup to write to, $container.
# bats test_tags=mounts,guest
@test "--systemd=always prepares the mounts that systemd wants" {
    run_podman --systemd always bb /bin/sh -c 'echo $container; /bin/probe mounts'
    expect_ok
    expect_match '^(podman|oci)$' '^mount /run tmpfs ' '^mount /tmp tmpfs ' '^mount /run/lock tmpfs '
    if [ -d /sys/fs/cgroup/systemd ]; then
        expect_match '^mount /sys/fs/cgroup/systemd cgroup rw'
    else
        expect_match '^mount /sys/fs/cgroup cgroup2 rw'
    fi
}

# config-linux.md, "Devices".
# bats test_tags=mounts,guest
@test "--device with a mode, --device-cgroup-rule" {
    host_is_cgroup2 || needs_controller devices
    [ -c /dev/fuse ] || skip "needs /dev/fuse, a device that containers are not given by themselves"
    run_podman --device /dev/fuse:/dev/other:r bb /bin/sh -c ': </dev/other && echo opened; : >/dev/other'
    expect_line opened
    expect_match 'Operation not permitted'
    run_podman --cap-add MKNOD --device-cgroup-rule 'c 10:229 rw' bb /bin/sh -c \
        '/bin/busybox mknod /root/fuse c 10 229 && : </root/fuse && echo opened'
    expect_line opened
    run_podman --cap-add MKNOD bb /bin/sh -c '/bin/busybox mknod /root/fuse c 10 229; : </root/fuse'
    expect_match 'Operation not permitted'
}

# bats test_tags=run
@test "entry point, environment, host names, a pid file and labels" {
    run_podman --entrypoint '["/bin/sh", "-c"]' --env-host --add-host web:10.1.2.3 --hostname box bb \
        'cat /etc/hosts; hostname; echo $TERM'
    expect_match '10\.1\.2\.3[[:space:]]+web' '^box$'
    start_pausing --pidfile "$PLACE/pid" --label colour=red
    [ "$(in_place cat "/proc/$(cat "$PLACE/pid")/comm")" = probe ]
}
