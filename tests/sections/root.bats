#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# root, masked and read-only paths, default devices and linux.devices.
load ../lib/bundle
load ../lib/host-mounts

teardown()
{
    rm -f "/dev/${TOKEN-none}"
    teardown_bundle
}

# config.md, "Root": readonly.
# spec: root.path root.readonly
@test "a read-only root is read-only, the mounts on it are not" {
    edit_config '.root.readonly = true'
    run_container write /etc/new
    expect_line EROFS
    CONTAINER=$(new_id)
    run_container write /dev/shm/new
    expect_line ok
    [ ! -e "$BUNDLE/rootfs/etc/new" ]
}

# config-linux.md, "Rootfs Mount Propagation".
# spec: linux.rootfsPropagation
@test "the propagation of the root is the one asked for" {
    edit_config '.linux.rootfsPropagation = "shared"'
    run_container mounts
    expect_match '^mount / [^ ]+ [^ ]+ shared:'
    edit_config '.linux.rootfsPropagation = "private"'
    CONTAINER=$(new_id)
    run_container mounts
    expect_match '^mount / [^ ]+ [^ ]+ private '
}

# config-linux.md, "Masked Paths": it cannot be read; one that is not there is no error.
# spec: linux.maskedPaths
@test "masked files read as empty, masked folders are empty and read-only" {
    mkdir "$BUNDLE/rootfs/secret"
    echo secret | tee "$BUNDLE/rootfs/secret/file" >"$BUNDLE/rootfs/etc/secret"
    edit_config '.linux.maskedPaths += ["/etc/secret", "/secret", "/not/there"]'
    set_args /bin/sh -c 'cat /etc/secret; ls -A /secret; /bin/probe write /secret/new'
    run_container
    expect_equal "$output" EROFS
}

# config-linux.md, "Readonly Paths": with what is below; one that is not there is no error.
# spec: linux.readonlyPaths
@test "read-only paths cannot be written" {
    mkdir "$BUNDLE/rootfs/fixed"
    edit_config '.linux.readonlyPaths += ["/fixed", "/not/there"]'
    run_container write /fixed/new
    expect_line EROFS
}

# config-linux.md, "Default Devices".
@test "the default devices are there, and work for everyone" {
    edit_config '.process.user = {"uid": 1000, "gid": 1000}'
    run_container stat /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty
    expect_ok
    expect_line "stat /dev/null char 0666 1:3 $(host_root)" "stat /dev/zero char 0666 1:5 $(host_root)" \
        "stat /dev/full char 0666 1:7 $(host_root)" "stat /dev/random char 0666 1:8 $(host_root)" \
        "stat /dev/urandom char 0666 1:9 $(host_root)" "stat /dev/tty char 0666 5:0 $(host_root)"
    CONTAINER=$(new_id)
    run_container write /dev/full
    expect_line ENOSPC
    CONTAINER=$(new_id)
    run_container stat /dev/fd /dev/stdin /dev/stdout /dev/stderr
    expect_match '/dev/fd link .* /proc/self/fd$' '/dev/stdin link .* /proc/self/fd/0$' \
        '/dev/stderr link .* /proc/self/fd/2$'
}

# config-linux.md, "Devices": path, type, numbers, mode and owner.
# spec: linux.devices.*
@test "a device of config.json is made as asked" {
    edit_config '.linux.devices = [
        {"path": "/dev/sub/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 432, "uid": 5, "gid": 6}]'
    run_container stat /dev/sub/fuse
    expect_ok
    expect_line "stat /dev/sub/fuse char 0660 10:229 5 6"
}

# spec: linux.devices.*
@test "a fifo of config.json is made as asked" {
    edit_config '.linux.devices = [{"path": "/dev/sub/pipe", "type": "p", "fileMode": 384, "uid": 5, "gid": 6}]'
    run_container stat /dev/sub/pipe
    expect_ok
    expect_line "stat /dev/sub/pipe fifo 0600 0:0 5 6"
}

# config-linux.md, "Allowed Device list": what is not allowed cannot be opened.
# spec: linux.resources.devices.*
@test "a device that is not allowed cannot be opened, one that is can" {
    local node=/dev/$TOKEN

    host_is_cgroup2 || needs_controller devices
    # In a user namespace it is the host's device of that name.
    [ "${ZIND_MODE-}" != userns ] || mknod -m 666 "$node" c 1 11
    edit_config '.linux.devices = [{"path": $node, "type": "c", "major": 1, "minor": 11, "fileMode": 438}]' --arg node "$node"
    run_container open-w "$node"
    expect_line EPERM
    edit_config '.linux.resources.devices += [{"allow": true, "type": "c", "major": 1, "minor": 11, "access": "rw"}]'
    CONTAINER=$(new_id)
    run_container open-w "$node"
    expect_line ok
}

# config-linux.md, "Namespaces": a type that is absent is inherited from the runtime.
@test "without a mount namespace the mounts are the runtime's own, until delete" {
    mkdir "$BUNDLE/rootfs/fixed" "$BUNDLE/rootfs/secret"
    touch "$BUNDLE/rootfs/etc/secret" "$BUNDLE/rootfs/secret/file"
    edit_config '.root.readonly = true | .linux.readonlyPaths += ["/mnt"]
        | .linux.maskedPaths += ["/etc/secret", "/secret"] | .linux.rootfsPropagation = "slave"
        | .mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs"}]
        | .linux.devices = [{"path": "/dev/mine", "type": "c", "major": 1, "minor": 3}]'
    set_args /bin/sh -c 'probe ns; probe mounts; ls -A /secret; cat /etc/secret
        probe write /mnt/file; probe write /etc/file; probe stat /dev/mine'
    without_mount_namespace 'readlink /proc/self/ns/mnt | tr -dc 0-9 | sed "s/^/ns mnt /"; echo
        zind run --bundle "$BUNDLE" "$CONTAINER"'
    expect_ok
    expect_equal "$(grep -c '^ns mnt ' <<<"$output")" 2
    expect_equal "$(grep '^ns mnt ' <<<"$output" | sort -u | wc -l)" 1
    expect_match '^mount / ' '^mount /proc proc ' '^mount /mnt tmpfs ' '^stat /dev/mine char .* 1:3 '
    expect_equal "$(grep -c EROFS <<<"$output")" 2
    expect_no_match '^file$'
}

@test "without a mount namespace others see the mounts until delete" {
    set_args /bin/probe pause
    without_mount_namespace 'zind create --bundle "$BUNDLE" "$CONTAINER" </dev/null >/dev/null 2>&1
        ls "$BUNDLE/rootfs/proc/1/comm"
        zind start "$CONTAINER"
        zind exec "$CONTAINER" /bin/probe stat /proc/self
        zind delete --force "$CONTAINER"
        zind delete --force "$CONTAINER"; echo "again $?"'
    expect_match 'rootfs/proc/1/comm$' '^stat /proc/self link '
    expect_line "again 0"
}

# What others mount over the rootfs, before or after, is theirs.
@test "without a mount namespace delete takes only mounts of its own away" {
    mkdir "$BUNDLE/rootfs/below"
    without_mount_namespace 'mount --bind "$BUNDLE/rootfs" "$BUNDLE/rootfs"
        mount -t tmpfs mine "$BUNDLE/rootfs/below"
        before=$(cat /proc/self/mountinfo "/proc/$peer_PID/mountinfo")
        zind create --bundle "$BUNDLE" "$CONTAINER" </dev/null >/dev/null 2>&1
        umount -l "$BUNDLE/rootfs"; umount -l "$BUNDLE/rootfs"; umount -l "$BUNDLE/rootfs"
        mount --bind "$BUNDLE/rootfs" "$BUNDLE/rootfs"
        before=$(cat /proc/self/mountinfo "/proc/$peer_PID/mountinfo")
        zind delete --force "$CONTAINER"; echo "deleted $?"'
    expect_line "deleted 0"
    CONTAINER=$(new_id)
    without_mount_namespace 'mount -t tmpfs mine "$BUNDLE/rootfs/below"
        before=$(cat /proc/self/mountinfo "/proc/$peer_PID/mountinfo")
        zind create --bundle "$BUNDLE" "$CONTAINER" </dev/null >/dev/null 2>&1
        ls "$BUNDLE/rootfs/proc/1/comm"
        zind delete --force "$CONTAINER"'
    expect_match 'rootfs/proc/1/comm$'
}

@test "without a mount namespace a mount at / is refused" {
    edit_config 'del(.linux.namespaces[] | select(.type == "mount"))
        | .mounts += [{"destination": "//.", "type": "tmpfs", "source": "tmpfs"}]'
    run_container true
    expect_error "needs a mount namespace" "mounts[7].destination"
}
