#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Properties of config.json that are the same in several places, or that no other file here is about.
load ../lib/bundle

HOOK_KINDS="prestart createRuntime createContainer startContainer poststart poststop"

# Each kind writes its arguments, its environment and where it is to a file of its own. startContainer
# finds its path in the container, the others on the host: /bin/sh is in both.
add_hooks()
{
    local kind

    for kind in $HOOK_KINDS; do
        edit_config '.hooks[$kind] = [{path: "/bin/sh",
            args: ["sh", "-c", "echo \($kind) $0 $1 $OF ${HOME-unset} >>" + $log, "zero", "one"],
            env: ["OF=env-of-" + $kind]}]' --arg kind "$kind" --arg log "$BATS_TEST_TMPDIR/shared/log"
    done
}

# config.md, "POSIX-platform Hooks": path, args as execv has them, env as environ: nothing of the runtime's.
# spec: hooks.*.path hooks.*.args hooks.*.env
@test "hooks of all six kinds get their arguments and their environment" {
    local kind expected=""

    mkdir -p "$BATS_TEST_TMPDIR/shared" "$BUNDLE/rootfs$BATS_TEST_TMPDIR/shared"
    # Root of the host and of the container may be two.
    install -m 666 /dev/null "$BATS_TEST_TMPDIR/shared/log"
    add_hooks
    edit_config '.mounts += [{destination: $shared, source: $shared, options: ["bind"]}]' \
        --arg shared "$BATS_TEST_TMPDIR/shared"
    run_container true
    expect_ok
    for kind in $HOOK_KINDS; do
        expected+="$kind zero one env-of-$kind unset"$'\n'
    done
    expect_equal "$(sort "$BATS_TEST_TMPDIR/shared/log")" "$(sort <<<"${expected%$'\n'}")"
}

# config.md, "POSIX-platform Hooks", timeout: in seconds.
# spec: hooks.*.timeout
@test "hooks of all six kinds are ended after their timeout" {
    local kind before

    for kind in $HOOK_KINDS; do
        CONTAINER=$(new_id)
        edit_config '.hooks = {($kind): [{path: "/bin/sh", args: ["sh", "-c", "sleep 1000"], timeout: 1}]}' \
            --arg kind "$kind"
        before=$SECONDS
        run_container true
        [ $((SECONDS - before)) -lt 100 ] || fail "$kind: it took $((SECONDS - before)) seconds"
        # Only poststop comes too late to make a difference (runtime.md, "Lifecycle").
        if [ "$kind" = poststop ]; then
            expect_ok
        else
            [ "$status" -ne 0 ] || fail "$kind: nobody noticed"
        fi
        expect_match "$kind"
    done
}

# config.md, "POSIX-platform Mounts": uidMappings and gidMappings of one mount.
# spec: mounts.uidMappings.* mounts.gidMappings.*
@test "a mount has its own id mappings" {
    mkdir "$BATS_TEST_TMPDIR/source"
    touch "$BATS_TEST_TMPDIR/source/file"
    chown 5:6 "$BATS_TEST_TMPDIR/source/file"
    edit_config '.mounts += [{destination: "/mnt", source: $source, options: ["bind", "idmap"],
        uidMappings: [{containerID: 5, hostID: $uid, size: 1}], gidMappings: [{containerID: 6, hostID: $gid, size: 1}]}]' \
        --argjson uid "$(host_id 1005)" --argjson gid "$(host_id 2006)" --arg source "$BATS_TEST_TMPDIR/source"
    run_container stat /mnt/file
    # tmpfs takes id mappings since Linux 6.3.
    [[ $output != *"may not support idmapped mounts"* || $(stat -fc %T "$BATS_TEST_TMPDIR") != tmpfs ]] ||
        skip "this kernel's tmpfs has no idmapped mounts"
    expect_ok
    expect_match '^stat /mnt/file .* 1005 2006$'
}

# config-linux.md, "Offset for Time Namespace".
# spec: linux.timeOffsets.*
@test "the clocks of a time namespace are moved" {
    [ -e /proc/self/ns/time ] || skip "this kernel has no time namespaces"
    edit_config '.linux.namespaces += [{type: "time"}] |
        .linux.timeOffsets = {boottime: {secs: 1000000, nanosecs: 500000000}, monotonic: {secs: 2000000}}'
    run_container read /proc/self/timens_offsets
    expect_ok
    expect_match '^monotonic +2000000 +0$' '^boottime +1000000 +500000000$'
}

# config-linux.md, "Network Devices": a name that no device can have.
# spec: linux.netDevices.name
@test "a network device with an impossible name is refused by name" {
    edit_config '.linux.netDevices = {eth0: {name: "a/b"}}'
    run zind validate --bundle "$BUNDLE"
    expect_status 1
    expect_match 'error: /linux/netDevices'
}

# config.md, "Annotations"; runtime.md, "State": they are part of the state.
# spec: annotations ociVersion
@test "annotations and the version are in the state" {
    edit_config '.annotations = {"com.example.a": "1", "empty": ""}'
    set_args /bin/probe pause
    create_container
    expect_ok
    run zind state "$CONTAINER"
    expect_ok
    jq -e '.annotations == {"com.example.a": "1", "empty": ""} and (.ociVersion | test("^1\\."))' <<<"$output"
}

# config.md, "Linux Process": scheduler; the program has what is asked for.
# spec: process.scheduler.policy process.scheduler.priority process.scheduler.flags
@test "a real-time policy comes with its priority and flags" {
    # On cgroup v1 a group without real-time runtime takes no real-time process.
    edit_config '.process.scheduler = {policy: "SCHED_FIFO", priority: 3, flags: ["SCHED_FLAG_RESET_ON_FORK"]}'
    run_container sched
    [[ $output != *"Operation not permitted"* ]] || skip "this host gives cgroups no real-time runtime"
    expect_ok
    expect_match 'SCHED_FIFO' '^priority 3$' '^flags .*1'
}

# config-linux.md, "Memory policy": the kernel shows it of each mapping.
# spec: linux.memoryPolicy.mode linux.memoryPolicy.nodes
@test "the memory policy is the one asked for" {
    [ -e /proc/self/numa_maps ] || skip "this kernel has no NUMA"
    edit_config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"}'
    run_container read /proc/self/numa_maps
    expect_ok
    expect_match ' bind:0 '
}
