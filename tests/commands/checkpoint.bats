#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# checkpoint and restore: what engines ask before they use them, and what is refused before anything
# is done. That they work is shown in a guest: tests/vm/v2/checkpoint.bats.

# shellcheck disable=SC2016,SC2154

load ../lib/bundle

expect_no_images()
{
    [ ! -e "$BATS_TEST_TMPDIR/images" ] || fail "a folder was made"
}

checkpoint()
{
    run zind checkpoint --image-path "$BATS_TEST_TMPDIR/images" "$@" "$CONTAINER"
}

restore()
{
    mkdir -p "$BATS_TEST_TMPDIR/images"
    run zind restore --bundle "$BUNDLE" --image-path "$BATS_TEST_TMPDIR/images" "$@" "$CONTAINER"
}

@test "checkpoint --help succeeds, which podman takes for support" {
    run zind checkpoint --help
    expect_ok
}

@test "restore --lsm-mount-context without an argument says what podman looks for" {
    run zind restore --lsm-mount-context
    expect_error "requires an argument"
}

# The options of runc and crun, as their callers write them; of a container that is not there, so
# that nothing but the words can be wrong.
@test "options are taken as callers of runc and crun spell them" {
    local option path=$BATS_TEST_TMPDIR/images

    mkdir "$path"
    for option in --leave-running --pre-dump --lazy-pages --auto-dedup --link-remap --tcp-skip-in-flight \
        "--parent-path ../before" --parent-path=../before "--page-server 127.0.0.1:4711" "--status-fd 3"; do
        # shellcheck disable=SC2086
        run zind checkpoint $option --image-path "$path" "$CONTAINER"
        expect_error "does not exist"
    done
    for option in --tcp-established -tcp-established --tcp-established=true --ext-unix-sk --shell-job --file-locks \
        --file-locks=false --link-remap --manage-cgroups-mode=ignore "--manage-cgroups-mode soft" \
        "--network-lock skip" "--empty-ns network" "--work-path $path" "--image-path $path"; do
        # shellcheck disable=SC2086
        run zind checkpoint $option "$CONTAINER"
        expect_error "does not exist"
        # shellcheck disable=SC2086
        run zind restore $option --bundle "$path" "$CONTAINER"
        expect_error config.json
    done
    for option in --detach -d --no-pivot --no-subreaper -no-subreaper --tcp-close --pid-file=/x "--console-socket /x" \
        "-b $path" "--lsm-profile apparmor:name" "--lsm-mount-context context" --lazy-pages --auto-dedup; do
        # shellcheck disable=SC2086
        run zind restore --bundle "$path" $option "$CONTAINER"
        expect_error config.json
    done
}

@test "checkpoint of what is not there fails" {
    checkpoint
    expect_error "does not exist"
    expect_no_images
}

@test "checkpoint of a created or stopped container is refused" {
    set_args /bin/probe true
    create_container
    checkpoint
    expect_error "container not running" created "start it first"
    zind start "$CONTAINER"
    wait_for_status stopped
    checkpoint
    expect_error "container not running" stopped
    expect_no_images
}

# refused_with TEXT JQ-EXPRESSION
refused_with()
{
    cp "$TESTS_LIB/config.json" "$BUNDLE/config.json"
    edit_config "$2"
    start_idle
    checkpoint
    expect_error "$1"
    expect_equal "$(container_status)" running
    expect_no_images
    zind delete --force "$CONTAINER"
}

@test "checkpoint refuses what could not be restored, and the container runs on" {
    refused_with "without a mount namespace" 'del(.linux.namespaces[] | select(.type == "mount")) |
        del(.mounts, .linux.maskedPaths, .linux.readonlyPaths, .linux.devices)'
    refused_with "mounts[7]: " \
        '.mounts[7] = {"destination": "/mnt/a]b", "type": "bind", "source": "/usr", "options": ["bind"]}'
}

# criu would write all but that one, and nobody would hear of it.
@test "checkpoint refuses while a process that exec brought in is there" {
    start_idle
    zind exec --detach "$CONTAINER" /bin/sleep 1000 </dev/null >/dev/null 2>&1
    checkpoint
    expect_error "does not descend from its first process" "let it end first"
    expect_equal "$(container_status)" running
    expect_no_images
}

@test "restore refuses a container in a user namespace" {
    edit_config '.linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
        .linux.gidMappings = .linux.uidMappings'
    restore
    expect_error linux.namespaces "user namespace cannot be checkpointed"
}

@test "restore refuses a container with a terminal" {
    edit_config '.process.terminal = true'
    restore
    expect_error process.terminal "cannot be checkpointed"
}

@test "values that criu does not know are refused before it is asked" {
    start_idle
    checkpoint --manage-cgroups-mode maybe
    expect_error "--manage-cgroups-mode maybe" "soft, full, strict or ignore"
    checkpoint --parent-path /before
    expect_error "--parent-path /before"
    checkpoint --page-server nowhere
    expect_error "--page-server nowhere" ADDRESS:PORT
    expect_no_images
    expect_equal "$(container_status)" running
}

@test "checkpoint --status-fd needs a descriptor that is open" {
    needs_command criu
    start_idle
    checkpoint --status-fd 4711
    expect_error "--status-fd 4711"
    expect_equal "$(container_status)" running
}

# with_criu COMMAND...: with a program in criu's place that notes its words and what its descriptors are, and then runs
# the commands $CRIU_ENDS, or fails.
with_criu()
{
    printf '%s\n' '#!/bin/bash' '[ "$1" != --version ] || { echo "Version: 3.17.1"; exit 0; }' \
        "printf '%s\n' \"\$@\" >'$BATS_TEST_TMPDIR/words'" \
        "for fd in /proc/\$\$/fd/*; do echo \"\${fd##*/} \$(readlink \"\$fd\")\"; done >'$BATS_TEST_TMPDIR/fds'" \
        "${CRIU_ENDS-exit 1}" >"$BATS_TEST_TMPDIR/criu"
    chmod 755 "$BATS_TEST_TMPDIR/criu"
    run unshare --mount bash -c 'mount --bind "$1" "$2" && shift 2 && "$@"' _ \
        "$BATS_TEST_TMPDIR/criu" "$(command -v criu)" "$@"
}

@test "criu gets no descriptor of the caller but that of --status-fd, which may be any" {
    local fd

    needs_command criu unshare
    start_idle
    for fd in 1 2 7; do
        with_criu "$ZIND_OCI" --root "$ZIND_ROOT" checkpoint --image-path "$BATS_TEST_TMPDIR/images" --status-fd $fd "$CONTAINER" \
            7>"$BATS_TEST_TMPDIR/status" 8>"$BATS_TEST_TMPDIR/leak"
        expect_error "criu dump failed"
        expect_equal "$(grep -c "$BATS_TEST_TMPDIR/leak" "$BATS_TEST_TMPDIR/fds")" 0
        fd=$(grep -A 1 -x -e --status-fd "$BATS_TEST_TMPDIR/words" | tail -n 1)
        [ "$fd" -gt 2 ]
        grep -q "^$fd " "$BATS_TEST_TMPDIR/fds"
    done
    grep -qx "$fd $BATS_TEST_TMPDIR/status" "$BATS_TEST_TMPDIR/fds"
    # Not one of ours in its place.
    for fd in 3 4 5 6; do
        with_criu "$ZIND_OCI" --root "$ZIND_ROOT" checkpoint --image-path "$BATS_TEST_TMPDIR/images" --status-fd $fd "$CONTAINER" \
            3>&- 4>&- 5>&- 6>&-
        expect_error "--status-fd $fd: Bad file descriptor"
    done
}

# criu, as root, would write through a link that somebody put there, or restore what they like.
@test "folders that others could write to are not given to criu" {
    local folder=$BATS_TEST_TMPDIR/others

    needs_command criu
    start_idle
    mkdir -m 700 "$folder" "$BATS_TEST_TMPDIR/images"
    chown 65534 "$folder"
    checkpoint --image-path "$folder"
    expect_error "the folder $folder is not to be trusted: user 65534" "must belong to the caller"
    checkpoint --work-path "$folder"
    expect_error "not to be trusted"
    expect_equal "$(find "$folder" "$BATS_TEST_TMPDIR/images" -mindepth 1)" ""
    expect_equal "$(container_status)" running
    zind delete --force "$CONTAINER"
    restore --image-path "$folder"
    expect_error "not to be trusted"
    chown 0 "$folder"
    chmod 1777 "$folder"
    restore --work-path "$folder"
    expect_error "not to be trusted: user 0, mode 1777" "writable to nobody else"
    expect_equal "$(ls -A "$folder")" ""
    [ ! -e "$ZIND_ROOT/$CONTAINER" ]
}

# Here of one in the host's namespaces: what is asked for must hold (docs/security.md, rule 7).
@test "restore: processes that are not in the namespaces of config.json are refused and ended" {
    local CRIU_ENDS='while [ "$1" != --pidfile ]; do shift; done
        sleep 1000 </dev/null >/dev/null 2>&1 &
        echo -n $! >"$2"
        sleep 0.5
        cp "$2" "${0%/*}/kept"
        exit 0' path pid

    needs_command criu unshare
    # criu is mounted over another path: the file beside it is named for good.
    CRIU_ENDS=${CRIU_ENDS/'${0%/*}'/"$BATS_TEST_TMPDIR"}
    mkdir "$BATS_TEST_TMPDIR/images"
    for path in "" /proc/self/ns/net; do
        edit_config 'del(.hostname) | .linux.namespaces = [{"type": "mount"}, ({"type": "network", "path": $path} |
            if $path == "" then del(.path) else . end), {"type": "ipc"}]' --arg path "$path"
        with_criu "$ZIND_OCI" --root "$ZIND_ROOT" restore --detach --bundle "$BUNDLE" \
            --image-path "$BATS_TEST_TMPDIR/images" --pid-file "$BATS_TEST_TMPDIR/pid" "$CONTAINER"
        if [ -z "$path" ]; then
            expect_error "linux.namespaces[1]: the restored processes are in ours" "another network namespace"
        else
            expect_error "linux.namespaces[2]: the restored processes are in ours" "another ipc namespace"
        fi
        pid=$(cat "$BATS_TEST_TMPDIR/kept")
        ! grep -qs '^State:.[^ZX]' "/proc/$pid/status" || fail "process $pid is left"
        [ ! -e "$BATS_TEST_TMPDIR/pid" ] && [ ! -e "$ZIND_ROOT/$CONTAINER" ]
        expect_no_leaks
    done
    edit_config '.linux.namespaces += [{"type": "cgroup"}]'
    CRIU_ENDS=${CRIU_ENDS/sleep 1000/unshare --ipc sleep 1000}
    with_criu "$ZIND_OCI" --root "$ZIND_ROOT" restore --detach --bundle "$BUNDLE" \
        --image-path "$BATS_TEST_TMPDIR/images" --pid-file "$BATS_TEST_TMPDIR/pid" "$CONTAINER"
    expect_ok
    expect_match "warning: .* no cgroup namespace of their own"
    expect_equal "$(cat "$BATS_TEST_TMPDIR/pid")" "$(cat "$BATS_TEST_TMPDIR/kept")"
    expect_equal "$(container_status)" running
}

@test "restore without a cgroup refuses a limit before criu is asked for processes" {
    needs_command criu unshare
    edit_config '.linux.resources = {"pids": {"limit": 30}} | .mounts |= map(select(.type != "cgroup"))'
    mkdir "$BATS_TEST_TMPDIR/images"
    with_criu "$ZIND_OCI" --root "$ZIND_ROOT" --cgroup-manager disabled restore --bundle "$BUNDLE" \
        --image-path "$BATS_TEST_TMPDIR/images" "$CONTAINER"
    expect_error "linux.resources.pids.limit: cannot be set: this container has no cgroup"
    [ ! -e "$BATS_TEST_TMPDIR/words" ] || fail "criu was asked"
}

# Were we killed before they are recorded, delete --force could not find the processes that criu has made.
@test "restore without a cgroup is refused before criu is asked" {
    needs_command criu unshare
    edit_config 'del(.linux.resources) | .mounts |= map(select(.type != "cgroup"))'
    mkdir "$BATS_TEST_TMPDIR/images"
    with_criu "$ZIND_OCI" --root "$ZIND_ROOT" --cgroup-manager disabled restore --bundle "$BUNDLE" \
        --image-path "$BATS_TEST_TMPDIR/images" "$CONTAINER"
    expect_error "restore needs a cgroup"
    [ ! -e "$BATS_TEST_TMPDIR/words" ] || fail "criu was asked"
    [ ! -e "$ZIND_ROOT/$CONTAINER" ]
}

# Nobody listens at that port; on kernels newer than criu it fails for another reason.
@test "a dump that fails: the container goes on, the log is named, half of an image is not kept" {
    local images=$BATS_TEST_TMPDIR/images work=$BATS_TEST_TMPDIR/work

    needs_command criu
    start_idle
    checkpoint --page-server 127.0.0.1:1
    expect_error "criu dump failed: " "$images/dump.log"
    expect_equal "$(container_status)" running
    expect_equal "$(ls -A "$images")" dump.log
    checkpoint --page-server 127.0.0.1:1 --image-path "$images/new" --work-path "$work"
    expect_error "$work/dump.log"
    [ ! -e "$images/new" ]
    touch "$images/mine"
    checkpoint --page-server 127.0.0.1:1
    [ -e "$images/mine" ]
    zind pause "$CONTAINER"
    checkpoint --page-server 127.0.0.1:1
    expect_error "criu dump failed"
    expect_equal "$(container_status)" paused
    zind exec --ignore-paused "$CONTAINER" /bin/true &
    zind resume "$CONTAINER"
    wait "$!"
}

# Without any image criu fails on every kernel.
@test "restore: a failure names the log of criu, and leaves nothing" {
    needs_command criu
    restore --pid-file "$BATS_TEST_TMPDIR/pid"
    expect_error "criu restore failed" "$BATS_TEST_TMPDIR/images/restore.log"
    [ ! -e "$BATS_TEST_TMPDIR/pid" ]
    [ ! -e "$ZIND_ROOT/$CONTAINER" ]
    expect_no_leaks
}

@test "restore: folders that mounts go on are made in a new rootfs" {
    needs_command criu
    rmdir "$BUNDLE/rootfs/proc" "$BUNDLE/rootfs/mnt"
    touch "$BATS_TEST_TMPDIR/file"
    edit_config '.mounts += [{"destination": "/etc/bound", "type": "bind", "source": $file, "options": ["bind"]}]' \
        --arg file "$BATS_TEST_TMPDIR/file"
    restore
    expect_error "criu restore failed"
    [ -d "$BUNDLE/rootfs/proc" ]
    [ -f "$BUNDLE/rootfs/etc/bound" ]
}

@test "an ordinary user is told that only root can" {
    needs_command setpriv
    chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
    mkdir -m 777 "$BATS_TEST_TMPDIR/user"
    run setpriv --reuid 65534 --regid 65534 --clear-groups "$ZIND_OCI" --root "$BATS_TEST_TMPDIR/user/root" \
        --cgroup-manager disabled restore --bundle "$BUNDLE" "$CONTAINER"
    expect_error "only root"
}
