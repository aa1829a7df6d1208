#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# An ordinary user's containers: no privilege, no delegated cgroup, in a user namespace
# (config-linux.md, "User namespace mappings" and "Control groups").

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154

load ../lib/bundle
load ../lib/user

setup()
{
    setup_bundle
    setup_user
}

@test "a user's container that asks for no limit runs, in the caller's cgroup" {
    start_idle
    expect_equal "$(container_status)" running
    expect_equal "$(cat "/proc/$(container_pid)/cgroup")" "$(cat /proc/self/cgroup)"
    expect_equal "$(stat -c %u "/proc/$(container_pid)")" "$TEST_UID"
    exec_probe ids
    expect_ok
    zind kill "$CONTAINER" KILL
    wait_for_status stopped
    zind delete "$CONTAINER"
}

@test "a limit that no delegated cgroup could hold is refused by name, and nothing is left" {
    edit_config '.linux.resources.memory.limit = 100000000'
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_error linux.resources.memory.limit "the memory controller is not delegated to user $TEST_UID" hint:
    expect_no_leaks
}

@test "the first limit of unified names its controller" {
    edit_config '.linux.resources = {"unified": {"pids.max": "100"}}'
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_error linux.resources.unified pids
}

@test "device rules, which a user cannot set, do not keep a container from running" {
    edit_config '.linux.resources.devices = [{"allow": false, "access": "rwm"},
        {"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rw"}]'
    run_container true
    expect_ok
}

@test "a range from /etc/subuid is mapped by newuidmap and newgidmap" {
    grant_ids 65536
    map_ids '[{"containerID": 0, "hostID": $uid, "size": 1}, {"containerID": 1, "hostID": $sub, "size": 65536}]'
    edit_config '.process.user = {"uid": 1000, "gid": 1000, "additionalGids": [7, 8]}'
    start_idle
    expect_equal "$(stat -c %u:%g "/proc/$(container_pid)")" "$((SUB_ID + 999)):$((SUB_ID + 999))"
    grep -q "^Groups:.*$((SUB_ID + 6)) $((SUB_ID + 7))" "/proc/$(container_pid)/status"
}

# proc(5), "hidepid": INIT that became another user is in no /proc of its caller until it is the program.
@test "where /proc hides the processes of others a container is found all the same" {
    grant_ids 65536
    map_ids '[{"containerID": 0, "hostID": $uid, "size": 1}, {"containerID": 1, "hostID": $sub, "size": 65536}]'
    edit_config '.process.user = {"uid": 1000, "gid": 1000}'
    export PLACE='mount -t proc -o hidepid=invisible none /proc'
    set_args /bin/probe pause
    create_container
    expect_ok
    expect_equal "$(container_status)" created
    zind start "$CONTAINER"
    wait_for_output ready
    expect_equal "$(container_status)" running
    zind kill "$CONTAINER" KILL
    wait_for_status stopped
    zind delete "$CONTAINER"
    expect_no_leaks
}

@test "a hidden process that may be the container's first one is no reason to guess" {
    local record=$ZIND_ROOT/$CONTAINER/record.json

    export PLACE='mount -t proc -o hidepid=invisible none /proc'
    start_idle
    zind kill "$CONTAINER" KILL
    wait_for_status stopped
    sed -i 's/"init":{"pid":[0-9]*/"init":{"pid":1/' "$record"
    run zind state "$CONTAINER"
    expect_error "look for process 1: Permission denied" hidepid
    run zind delete --force "$CONTAINER"
    expect_ok
    expect_no_leaks
}

@test "a range that is not granted is named with the file" {
    grant_ids 1000
    map_ids '[{"containerID": 0, "hostID": $uid, "size": 1}, {"containerID": 1, "hostID": $sub, "size": 65536}]'
    run_container true
    expect_error 'linux.uidMappings[1]' /etc/subuid "$SUB_ID" "$((SUB_ID + 65535))" hint:
    expect_no_leaks
}

@test "all lines of the user count, by name and by number" {
    grant_ids 10
    printf '%s:4000000:1000\n' "$TEST_UID" | tee -a "$USER_FILES/subuid" >>"$USER_FILES/subgid"
    map_ids '[{"containerID": 0, "hostID": $uid, "size": 1}, {"containerID": 1, "hostID": $sub, "size": 10},
        {"containerID": 11, "hostID": 4000000, "size": 1001}]'
    run_container true
    expect_error 'linux.uidMappings[2]' "4000000 to 4001000"
    edit_config '.linux.uidMappings[2].size = 1000 | .linux.gidMappings = .linux.uidMappings'
    run_container true
    expect_ok
}

@test "a range needs a line in /etc/subgid too" {
    grant_ids 65536
    : >"$USER_FILES/subgid"
    map_ids '[{"containerID": 0, "hostID": $uid, "size": 1}, {"containerID": 1, "hostID": $sub, "size": 65536}]'
    run_container true
    expect_error 'linux.gidMappings[1]' /etc/subgid
}

@test "a range without newuidmap is refused by the program's name" {
    grant_ids 65536
    map_ids '[{"containerID": 0, "hostID": $uid, "size": 1}, {"containerID": 1, "hostID": $sub, "size": 65536}]'
    mkdir "$BATS_TEST_TMPDIR/bin"
    ln -s "$(command -v setpriv)" "$(command -v bash)" "$(command -v mount)" "$(command -v unshare)" "$BATS_TEST_TMPDIR/bin"
    set_args /bin/probe true
    PATH=$BATS_TEST_TMPDIR/bin run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_error linux.uidMappings newuidmap "not installed"
}

@test "a newuidmap that does not end is killed after a while, and named" {
    map_ids '[{"containerID": 0, "hostID": $uid, "size": 1}, {"containerID": 1, "hostID": $sub, "size": 65536}]'
    mkdir "$BATS_TEST_TMPDIR/bin"
    printf '#!/bin/sh\necho asking >&2\nexec sleep 60\n' >"$BATS_TEST_TMPDIR/bin/newuidmap"
    chmod 755 "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/bin/newuidmap"
    set_args /bin/probe true
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_error linux.uidMappings "newuidmap was killed" "asking"
    [ -z "$(all_leaks)" ]
}

# What the caller reaches, its container may have: the root of that one is somebody else.
@test "rootfs and bind sources may lie in a folder that is closed to the container's root" {
    grant_ids 65536
    map_ids '[{"containerID": 0, "hostID": $sub, "size": 65536}]'
    chown -R "$SUB_ID:$SUB_ID" "$BUNDLE/rootfs"
    chmod 700 "$BUNDLE"
    mkdir -m 700 "$BUNDLE/closed"
    mkdir "$BUNDLE/closed/open"
    echo seen >"$BUNDLE/closed/open/file"
    chmod 755 "$BUNDLE/closed/open"
    chmod 644 "$BUNDLE/closed/open/file"
    chown -R "$TEST_UID:$TEST_UID" "$BUNDLE/closed"
    edit_config '.mounts += [{"destination": "/mnt", "source": "\($at)/closed/open", "options": ["rbind", "ro"]}]' \
        --arg at "$BUNDLE"
    chown "$TEST_UID" "$BUNDLE/config.json"
    run_container read /mnt/file
    expect_ok
    expect_equal "$output" seen
    # What is not the caller's either stays closed.
    mkdir -m 700 "$BATS_TEST_TMPDIR/others"
    edit_config '.mounts[-1].source = $at' --arg at "$BATS_TEST_TMPDIR/others"
    chown "$TEST_UID" "$BUNDLE/config.json"
    CONTAINER=$(new_id)
    run_container true
    expect_ok
    edit_config '.mounts[-1].source = "\($at)/none"' --arg at "$BATS_TEST_TMPDIR/others"
    chown "$TEST_UID" "$BUNDLE/config.json"
    CONTAINER=$(new_id)
    run_container true
    expect_error "mounts[7]" "Permission denied"
}

# config.md, "Mounts", idmap: with the mappings of the container, which what its INIT mounts has anyway.
@test "a new file system with idmap has the mappings of the container" {
    edit_config '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["idmap", "mode=755"]}]'
    run_container stat /mnt
    expect_ok
    expect_match '^stat /mnt dir 0755 .* 0 0$'
}

@test "the single id of the user needs no tool, and gives up setgroups" {
    start_idle
    expect_equal "$(cat "/proc/$(container_pid)/setgroups")" deny
}

@test "another single id from /etc/subgid leaves setgroups allowed" {
    grant_ids 65536
    edit_config '.linux.uidMappings = [{"containerID": 0, "hostID": $uid, "size": 1}] |
        .linux.gidMappings = [{"containerID": 0, "hostID": $sub, "size": 1}]' \
        --argjson uid "$TEST_UID" --argjson sub "$SUB_ID"
    start_idle
    expect_equal "$(cat "/proc/$(container_pid)/setgroups")" allow
}

@test "an id that is somebody else's is refused" {
    map_ids '[{"containerID": 0, "hostID": 0, "size": 1}]'
    run_container true
    expect_error linux.uidMappings
    expect_no_leaks
}

# config.md, "Linux Process": oomScoreAdj; "ioPriority". The kernel has others than root set neither of a process that
# is another user's, nor the first of one that cannot be traced, as INIT is in exec.
@test "the out-of-memory score and the I/O priority are set, whoever the container's root is and however slow we are" {
    needs_command strace
    grant_ids 65536
    edit_config '.process.oomScoreAdj = 700 | .process.ioPriority = {"class": "IOPRIO_CLASS_IDLE", "priority": 0}'
    map_ids '[{"containerID": 0, "hostID": $sub, "size": 65536}]'
    chown -R "$SUB_ID:$SUB_ID" "$BUNDLE/rootfs"
    chown "$TEST_UID" "$BUNDLE/config.json"
    set_args /bin/probe each oom sched
    run as_user strace -qq -o /dev/null -e trace=prlimit64 -e inject=prlimit64:delay_enter=200000 \
        "$BATS_TEST_TMPDIR/user/zind-oci" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    expect_ok
    expect_line "oom_score_adj 700"
    expect_line "ioprio IOPRIO_CLASS_IDLE 0"
    CONTAINER=$(new_id)
    start_idle
    exec_probe each oom sched
    expect_ok
    expect_line "oom_score_adj 700"
    expect_line "ioprio IOPRIO_CLASS_IDLE 0"
}

# --- as engines call for ordinary users: from a user namespace that they made ---

from_user_namespace()
{
    edit_config 'del(.linux.namespaces[] | select(.type == "user")) | del(.linux.uidMappings, .linux.gidMappings)'
    zind()
    {
        as_user unshare --user --map-root-user "$BATS_TEST_TMPDIR/user/zind-oci" --root "$ZIND_ROOT" "$@" 3>&-
    }
}

@test "root of a user namespace: runs without limits, and has nothing to complain of" {
    from_user_namespace
    edit_config '.mounts |= map(.options = ((.options // []) - ["gid=5"]))'
    run_container true
    expect_ok
    expect_equal "$output" ""
}

@test "root of a user namespace: limits are refused" {
    from_user_namespace
    edit_config '.linux.resources.cpu.shares = 100'
    run_container true
    expect_error linux.resources.cpu.shares "the cpu controller is not delegated"
}

@test "root of a user namespace maps ids that its own namespace has" {
    grant_ids 65536
    from_user_namespace
    edit_config '.linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 0, "size": 1}] | .linux.gidMappings = .linux.uidMappings'
    run_container ids
    expect_ok
    expect_line "uid 0"
    edit_config '.linux.uidMappings[0].size = 2'
    run_container ids
    expect_error linux.uidMappings
}
