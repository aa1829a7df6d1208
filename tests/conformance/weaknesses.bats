#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# 24 places where an OCI runtime was seen to leave the spec, a test or two each, that any runtime can
# be put to: only options that all know, and no wording. tests/conformance/peers runs them on several.
# shellcheck disable=SC2154,SC2034
load ../lib/bundle

BATS_TEST_TIMEOUT=60${ZIND_SLOW:+0}

add_mount()
{
    edit_config '.mounts += [$mount]' --argjson mount "$1"
}

expect_refused()
{
    [ "$status" -ne 0 ] || fail "taken"
    # Who dies of a signal did not refuse.
    [ "$status" -lt 128 ] || fail "killed"
}

# A failing start leaves a created container behind with some: teardown deletes it.
without_pid_namespace()
{
    edit_config '.linux.namespaces |= map(select(.type != "pid"))'
}

# config.md, "POSIX process", rlimits: a type that is there twice MUST be an error.
# spec: process.rlimits.type
@test "1 the same type of rlimit twice is refused" {
    edit_config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 200, hard: 200}, {type: "RLIMIT_NOFILE", soft: 100, hard: 100}]'
    run_container true
    expect_refused
}

# config-linux.md, "Seccomp", errnoRet: MUST be an error with an action that returns none.
# spec: linux.seccomp.syscalls.errnoRet
@test "2 errnoRet of an action that returns none is refused" {
    edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
        {names: ["getppid"], action: "SCMP_ACT_ALLOW", errnoRet: 5}]}'
    run_container true
    expect_refused
}

# config.md, "Linux Process", capabilities: what the kernel cannot give MUST be logged, and SHOULD NOT be a failure.
# spec: process.capabilities.*
@test "3 a capability that nobody knows is no failure" {
    edit_config '.process.capabilities.bounding += ["CAP_OF_THE_FUTURE"] | .process.capabilities.permitted += ["CAP_OF_THE_FUTURE"]'
    run_container true
    expect_ok
}

# config.md: mounts and linux are OPTIONAL.
@test "4 a config without mounts, and one without linux, is run" {
    edit_config 'del(.mounts) | del(.linux.maskedPaths) | del(.linux.readonlyPaths)'
    run_container true
    expect_ok
    edit_config 'del(.linux) | del(.hostname)'
    CONTAINER=$(new_id)
    run_container true
    expect_ok
}

# config-linux.md, "Devices", path: a file that is there and does not match MUST be an error.
# spec: linux.devices.path linux.devices.major linux.devices.minor
@test "5a a device node that is there and is another one is refused" {
    mknod -m 666 "$BUNDLE/rootfs/mnt/node" c 1 5
    edit_config '.linux.devices = [{path: "/mnt/node", type: "c", major: 1, minor: 3, fileMode: 438, uid: 0, gid: 0}]'
    run_container true
    expect_refused
}

# spec: linux.devices.path
@test "5b a device outside /dev is made" {
    edit_config '.linux.devices = [{path: "/opt/null", type: "c", major: 1, minor: 3, fileMode: 438, uid: 0, gid: 0}]'
    run_container stat /opt/null
    expect_ok
    expect_match '^stat /opt/null char 0?666 1:3 '
}

# config.md, "POSIX-platform User", umask: left alone when it is not given.
# spec: process.user.umask
@test "6 a umask that is not asked for stays the caller's" {
    edit_config 'del(.process.user.umask)'
    set_args /bin/probe ids
    umask 0027
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    umask 0022
    expect_ok
    expect_line "umask 0027"
}

# config.md, "Linux mount options": the runtime MUST support them.
# spec: mounts.options
@test "7 iversion, lazytime, silent and loud are flags, not data for the file system" {
    local option

    for option in iversion noiversion lazytime nolazytime silent loud; do
        add_mount "{\"destination\": \"/mnt/$option\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"$option\"]}"
    done
    run_container true
    expect_ok
}

# config.md, "Linux mount options": shared, slave, private.
# spec: mounts.options
@test "8a a mount has the propagation that is asked for" {
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["shared"]}'
    run_container mounts
    expect_ok
    expect_match '^mount /mnt [^ ]+ [^ ]+ shared:'
}

# config-linux.md, "Rootfs Mount Propagation", with the r-forms that engines send.
# spec: linux.rootfsPropagation
@test "8b rootfsPropagation takes rslave, rprivate and rshared" {
    local propagation

    for propagation in rslave rprivate rshared; do
        edit_config '.linux.rootfsPropagation = $propagation' --arg propagation "$propagation"
        CONTAINER=$(new_id)
        run_container true
        expect_ok
    done
}

# config.md, "Linux mount options": rnosymfollow.
# spec: mounts.options
@test "9 rnosymfollow is a flag, not data for the file system" {
    mkdir "$BATS_TEST_TMPDIR/source"
    ln -s /etc/passwd "$BATS_TEST_TMPDIR/source/link"
    add_mount "{\"destination\": \"/mnt\", \"source\": \"$BATS_TEST_TMPDIR/source\", \"options\": [\"rbind\", \"rnosymfollow\"]}"
    run_container read /mnt/link
    expect_match ELOOP
}

# config-linux.md, "Control groups": v1 limits that v2 has no way to express MUST be an error.
# spec: linux.resources.memory.swappiness linux.resources.memory.disableOOMKiller
# spec: linux.resources.cpu.realtimeRuntime linux.resources.network.classID
@test "10 on cgroup v2 what only v1 has is refused, not dropped" {
    local limit

    host_is_cgroup2 || skip "needs a host with cgroup v2 alone"
    for limit in '.memory.swappiness = 50' '.memory.disableOOMKiller = true' '.cpu.realtimeRuntime = 950000' \
        '.network.classID = 1048577'; do
        CONTAINER=$(new_id)
        cp "$TESTS_LIB/config.json" "$BUNDLE/config.json"
        edit_config ".linux.resources$limit"
        run_container true
        expect_refused
    done
}

# config-linux.md, "RDMA": a limit that cannot be set is an error; this host has no such device.
# spec: linux.resources.rdma.hcaHandles linux.resources.rdma.hcaObjects
@test "11 a limit of rdma is not dropped" {
    edit_config '.linux.resources.rdma = {no_such_device: {hcaHandles: 3, hcaObjects: 1000}}'
    run_container true
    expect_refused
}

# runtime.md, "Lifecycle", step 13: a poststop hook that fails is logged; the next ones and the rest go on.
# spec: hooks.poststop.path
@test "12 a poststop hook that fails does not keep delete from its work" {
    edit_config '.hooks.poststop = [{path: "/bin/false"}, {path: "/bin/sh", args: ["sh", "-c", $script]}]' \
        --arg script "touch $BATS_TEST_TMPDIR/second"
    start_idle
    run zind delete --force "$CONTAINER"
    expect_ok
    [ -e "$BATS_TEST_TMPDIR/second" ] || fail "the second hook was not run"
    expect_no_leaks
}

# runtime.md, "State": ociVersion is a SemVer, status one of four, pid REQUIRED when created or running.
@test "13 the state that hooks read is right" {
    local kind

    mkdir -p "$BATS_TEST_TMPDIR/shared" "$BUNDLE/rootfs$BATS_TEST_TMPDIR/shared"
    for kind in createRuntime createContainer startContainer; do
        edit_config '.hooks[$kind] = [{path: "/bin/sh", args: ["sh", "-c", "cat >\($file)"]}]' \
            --arg kind "$kind" --arg file "$BATS_TEST_TMPDIR/shared/$kind"
    done
    edit_config '.mounts += [{destination: $shared, type: "none", source: $shared, options: ["bind"]}]' \
        --arg shared "$BATS_TEST_TMPDIR/shared"
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    for kind in createRuntime createContainer startContainer; do
        jq -e --arg id "$CONTAINER" '.id == $id and .pid > 0 and (.ociVersion | test("^[0-9]+\\.[0-9]+\\.[0-9]+")) and
            (.status | IN("creating", "created", "running"))' "$BATS_TEST_TMPDIR/shared/$kind" ||
            fail "$kind: $(cat "$BATS_TEST_TMPDIR/shared/$kind")"
    done
}

# runtime.md, "Create": what is edited afterwards has no effect.
@test "14 config.json may be edited after create, and nothing happens" {
    start_idle
    edit_config '.process.env += ["NEW=1"] | .process.user.uid = 1000 | .process.cwd = "/tmp"'
    run zind exec "$CONTAINER" /bin/probe each env cwd ids
    expect_ok
    expect_line "cwd /" "uid 0"
    expect_no_match '^NEW='
}

# config-linux.md, "PIDs": "limit" is the maximum number of tasks.
# spec: linux.resources.pids.limit
@test "15 a pids limit of 0 is a limit of 0" {
    needs_controller pids
    edit_config '.linux.resources.pids.limit = 0'
    set_args /bin/probe pause
    create_container
    expect_ok
    expect_equal "$(cgroup_value pids pids.max pids.max)" 0
}

# runtime.md, "delete": of a stopped container, whatever became of the runtime's own files.
@test "16 delete works on a container whose state was damaged" {
    set_args /bin/true
    start_container
    wait_for_status stopped
    find "$ZIND_ROOT/$CONTAINER" -type f -exec truncate -s 0 {} +
    run zind delete --force "$CONTAINER"
    expect_ok
    [ ! -e "$ZIND_ROOT/$CONTAINER" ] || fail "still there: $(find "$ZIND_ROOT")"
    expect_no_leaks
}

# Each of the two is broken once: who reads the folder and stops half way might show the other by chance.
@test "17 list shows the others when one container is broken" {
    local first=$CONTAINER

    set_args /bin/probe pause
    create_container
    expect_ok
    CONTAINER=$(new_id)
    create_container
    expect_ok
    expect_listed_beside_broken "$first" "$CONTAINER"
    expect_listed_beside_broken "$CONTAINER" "$first"
}

# GOOD BROKEN, which is mended again, so that only list is judged.
expect_listed_beside_broken()
{
    local kept=$BATS_TEST_TMPDIR/kept

    rm -rf "$kept"
    cp -a "$ZIND_ROOT/$2" "$kept"
    find "$ZIND_ROOT/$2" -type f -exec truncate -s 0 {} +
    run --separate-stderr zind list
    find "$kept" -type f -printf '%P\0' | xargs -0 -I FILE cp "$kept/FILE" "$ZIND_ROOT/$2/FILE"
    expect_ok
    expect_match "^$1 "
}

# The shell's convention, which engines rely on: 128 and the signal's number.
@test "18 a program that is killed gives 128 and the signal" {
    # Its own first process no signal kills.
    without_pid_namespace
    set_args /bin/sh -c 'kill -KILL $$'
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_status 137
}

# features.md and features-linux.md.
@test "19 features tells all that the runtime knows" {
    run --separate-stderr zind features
    expect_ok
    jq -e '(.linux.namespaces | index("time")) and (.linux.cgroup | has("rdma")) and
        (.linux.seccomp | has("actions") and has("operators") and has("archs") and has("knownFlags") and
            has("supportedFlags")) and (.linux | has("memoryPolicy") and has("netDevices"))' <<<"$output"
}

# config.md, "Linux Process", selinuxLabel; "Valid values": what cannot be had MUST be an error.
# spec: process.selinuxLabel
@test "20a an SELinux label that cannot be set is refused" {
    edit_config '.process.selinuxLabel = "no_u:such_r:label_t:s0"'
    run_container true
    expect_refused
}

# config.md, "POSIX-platform Mounts": uidMappings and gidMappings.
# spec: mounts.uidMappings.* mounts.gidMappings.*
@test "20b the id mappings of a mount are used" {
    mkdir "$BATS_TEST_TMPDIR/source"
    touch "$BATS_TEST_TMPDIR/source/file"
    add_mount "{\"destination\": \"/mnt\", \"type\": \"none\", \"source\": \"$BATS_TEST_TMPDIR/source\", \"options\": [\"bind\"],
        \"uidMappings\": [{\"containerID\": 0, \"hostID\": 1000, \"size\": 10}],
        \"gidMappings\": [{\"containerID\": 0, \"hostID\": 1000, \"size\": 10}]}"
    run_container stat /mnt/file
    # tmpfs takes id mappings since Linux 6.3.
    [[ $output != *"idmap"* || $(stat -fc %T "$BATS_TEST_TMPDIR") != tmpfs ]] ||
        skip "this kernel's tmpfs has no idmapped mounts"
    expect_ok
    expect_match '^stat /mnt/file .* 1000 1000$'
}

# config.md, "Process": required by start, not by create.
@test "21 create takes a config without process, start refuses it" {
    edit_config 'del(.process)'
    create_container
    expect_ok
    run zind start "$CONTAINER"
    expect_refused
    zind delete --force "$CONTAINER"
    expect_no_leaks
}

# config.md, "Hostname": the runtime's own namespace may be meant, but nobody wants the host renamed.
# spec: hostname
@test "22 a hostname without a UTS namespace is refused, and the host keeps its name" {
    local before

    before=$(cat /proc/sys/kernel/hostname)
    edit_config '.linux.namespaces |= map(select(.type != "uts"))'
    # In a UTS namespace of its own: a runtime that sets it renames nobody.
    run unshare --uts "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    expect_refused
    expect_equal "$(cat /proc/sys/kernel/hostname)" "$before"
}

# runtime.md, "Errors" and "delete": whatever create has made at the moment it is killed.
@test "23 a create that is killed half-way can be deleted without a trace" {
    local delay creator

    set_args /bin/probe pause
    for delay in 0.001 0.002 0.003 0.004 0.005 0.007 0.010 0.015 0.020 0.030; do
        CONTAINER=$(new_id)
        "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" </dev/null >/dev/null 2>&1 3>&- &
        creator=$!
        sleep "$delay"
        kill -KILL "$creator" 2>/dev/null || true
        wait "$creator" 2>/dev/null || true
        run zind delete --force "$CONTAINER"
        expect_no_leaks || fail "killed after $delay s"
    done
}

# What containerd and cri-o read of list: an array or null, times as RFC 3339.
@test "24 list as JSON has the members and the times that its readers know" {
    run --separate-stderr zind list --format json
    expect_ok
    jq -e '. == null or . == []' <<<"$output"
    set_args /bin/probe pause
    create_container
    expect_ok
    run --separate-stderr zind list --format json
    expect_ok
    jq -e --arg id "$CONTAINER" 'length == 1 and (.[0] | .id == $id and .pid > 0 and .status == "created" and
        (.bundle | startswith("/")) and (.owner | length > 0) and
        (.created | test("^[0-9-]{10}T[0-9:]{8}(\\.[0-9]+)?(Z|[+-][0-9:]{5})$")))' <<<"$output"
}
