#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.devices and default devices: what is there already, where mknod is denied, and hostile images.
load ../lib/bundle

# config-linux.md, "Devices": a node that does not match what is asked for MUST be an error.
# spec: linux.devices.major linux.devices.minor
@test "a device that is there already and is another one is refused" {
    edit_config '.linux.devices = [{"path": "/dev/zero", "type": "c", "major": 1, "minor": 3}]'
    run_container true
    expect_error "linux.devices[0]" "/dev/zero"
}

@test "a device that is there already and is the same is fine" {
    edit_config '.linux.devices = [{"path": "/dev/zero", "type": "c", "major": 1, "minor": 5}]'
    run_container true
    expect_ok
}

# config-linux.md, "Devices": the path is a full path, not one below /dev.
# spec: linux.devices.path linux.devices.fileMode
@test "a device may be anywhere" {
    edit_config '.linux.devices = [{"path": "/opt/new/fifo", "type": "p", "fileMode": 384}]'
    run_container stat /opt/new/fifo
    expect_match '^stat /opt/new/fifo fifo 0?600 '
}

# config-linux.md, "Devices": fileMode, uid and gid, also of a device that every container has.
# spec: linux.devices.fileMode linux.devices.uid linux.devices.gid
@test "a default device that is listed has the mode and owner asked for" {
    edit_config '.linux.devices = [{"path": "/dev/null", "type": "c", "major": 1, "minor": 3, "fileMode": 432, "uid": 7, "gid": 8},
        {"path": "/dev/tty", "type": "u", "major": 5, "minor": 0, "fileMode": 384}]'
    set_args /bin/ls -ln /dev/null /dev/tty /dev/zero
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_match '^crw-rw---- +1 7 +8 +1, +3 ' '^crw------- +1 0 +0 +5, +0 ' '^crw-rw-rw- +1 0 +0 +1, +5 '
}

# config-linux.md, "Devices": fileMode. Go's os.FileMode has the file's type in bits of its own.
@test "of a fileMode the permissions alone count" {
    edit_config '.linux.devices = [{"path": "/dev/go", "type": "c", "major": 1, "minor": 5, "fileMode": 69206454}]'
    run_container stat /dev/go
    expect_match '^stat /dev/go char 0?666 '
}

# CVE-2026-41579 and its kin: /dev of the image is a link out of it.
@test "a /dev of the image that is a link is refused" {
    rmdir "$BUNDLE/rootfs/dev"
    ln -s "$BATS_TEST_TMPDIR" "$BUNDLE/rootfs/dev"
    run_container true
    expect_error "/dev"
    [ ! -e "$BATS_TEST_TMPDIR/null" ]
}

# config-linux.md, "Default Devices", in a user namespace, where mknod is denied.
@test "in a user namespace the default devices are the host's" {
    edit_config '.linux.namespaces += [{"type": "user"}]
        | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
        | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    chmod 755 "$BUNDLE" "$BATS_TEST_TMPDIR"
    run_container stat /dev/null /dev/tty
    expect_ok
    expect_match '^stat /dev/null char [0-9]+ 1:3' '^stat /dev/tty char [0-9]+ 5:0'
}

# config-linux.md, "Default Devices": /dev/ptmx is a link to the container's own. Privileged containers list all of the host's /dev.
@test "the host's ptmx among the devices is the container's own" {
    edit_config '.linux.devices = [{"type": "c", "path": "/dev/ptmx", "major": 5, "minor": 2, "fileMode": 438, "uid": 0, "gid": 5}]'
    set_args /bin/sh -c 'readlink /dev/ptmx'
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_equal "$output" pts/ptmx
}

@test "another device at /dev/ptmx is refused" {
    edit_config '.linux.devices = [{"type": "c", "path": "/dev/ptmx", "major": 1, "minor": 3}]'
    run zind create --bundle "$BUNDLE" "$CONTAINER"
    expect_error "linux.devices[0]"
}
