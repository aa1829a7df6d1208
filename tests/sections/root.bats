#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# root, masked and read-only paths, default devices and linux.devices.
load ../lib/bundle

# config.md, "Root": readonly.
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
@test "masked files read as empty, masked folders are empty and read-only" {
    mkdir "$BUNDLE/rootfs/secret"
    echo secret | tee "$BUNDLE/rootfs/secret/file" >"$BUNDLE/rootfs/etc/secret"
    edit_config '.linux.maskedPaths += ["/etc/secret", "/secret", "/not/there"]'
    set_args /bin/sh -c 'cat /etc/secret; ls -A /secret; /bin/probe write /secret/new'
    run_container
    expect_equal "$output" EROFS
}

# config-linux.md, "Readonly Paths": with what is below; one that is not there is no error.
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
    expect_line "stat /dev/null char 0666 1:3 0 0" "stat /dev/zero char 0666 1:5 0 0" \
        "stat /dev/full char 0666 1:7 0 0" "stat /dev/random char 0666 1:8 0 0" \
        "stat /dev/urandom char 0666 1:9 0 0" "stat /dev/tty char 0666 5:0 0 0"
    CONTAINER=$(new_id)
    run_container write /dev/full
    expect_line ENOSPC
    CONTAINER=$(new_id)
    run_container stat /dev/fd /dev/stdin /dev/stdout /dev/stderr
    expect_match '/dev/fd link .* /proc/self/fd$' '/dev/stdin link .* /proc/self/fd/0$' \
        '/dev/stderr link .* /proc/self/fd/2$'
}

# config-linux.md, "Devices": path, type, numbers, mode and owner.
@test "a device of config.json is made as asked" {
    edit_config '.linux.devices = [
        {"path": "/dev/sub/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 432, "uid": 5, "gid": 6},
        {"path": "/dev/pipe", "type": "p", "fileMode": 384}]'
    run_container stat /dev/sub/fuse /dev/pipe
    expect_ok
    expect_line "stat /dev/sub/fuse char 0660 10:229 5 6" "stat /dev/pipe fifo 0600 0:0 0 0"
}

# config-linux.md, "Allowed Device list": what is not allowed cannot be opened.
@test "a device that is not allowed cannot be opened, one that is can" {
    host_is_cgroup2 || needs_controller devices
    edit_config '.linux.devices = [{"path": "/dev/kmsg2", "type": "c", "major": 1, "minor": 11, "fileMode": 438}]'
    run_container open-w /dev/kmsg2
    expect_line EPERM
    edit_config '.linux.resources.devices += [{"allow": true, "type": "c", "major": 1, "minor": 11, "access": "rw"}]'
    CONTAINER=$(new_id)
    run_container open-w /dev/kmsg2
    expect_line ok
}
