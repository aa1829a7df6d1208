#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mounts: options, order, propagation and what a destination may not do.
load ../lib/bundle

# add_mount JSON: one more row of mounts.
add_mount()
{
    edit_config ".mounts += [$1]"
}

# config.md, "Mounts": bind; a missing destination is made, as a file for a file.
@test "a bind mount shows a folder or a file of the host" {
    mkdir "$BATS_TEST_TMPDIR/source"
    echo content >"$BATS_TEST_TMPDIR/source/file"
    add_mount "{\"destination\": \"/mnt/deep/er\", \"source\": \"$BATS_TEST_TMPDIR/source\", \"options\": [\"bind\"]}"
    add_mount "{\"destination\": \"/etc/new-file\", \"source\": \"$BATS_TEST_TMPDIR/source/file\", \"options\": [\"rbind\", \"ro\"]}"
    set_args /bin/sh -c 'cat /mnt/deep/er/file /etc/new-file; /bin/probe open-w /etc/new-file'
    run_container
    expect_equal "$output" "content
content
EROFS"
}

# config.md, "Mounts": a relative source is relative to the bundle.
@test "a relative bind source is taken from the bundle" {
    mkdir "$BUNDLE/beside"
    echo here >"$BUNDLE/beside/file"
    add_mount '{"destination": "/mnt", "source": "beside", "type": "bind", "options": ["bind"]}'
    run_container read /mnt/file
    expect_equal "$output" here
}

# config.md, "Linux mount options": each flag is seen in mountinfo.
@test "flags of a mount are those asked for, the last of a pair wins" {
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs",
        "options": ["nosuid", "nodev", "noexec", "exec", "noatime", "size=4k", "mode=0700"]}'
    run_container mounts
    expect_ok
    expect_match '^mount /mnt tmpfs rw,nosuid,nodev,noatime private tmpfs rw,size=4k,mode=700'
}

# config.md, "Linux mount options": iversion, lazytime, silent, loud are flags, not data.
@test "the rarer flags of the spec are not handed to the file system as data" {
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs",
        "options": ["lazytime", "nolazytime", "silent", "loud", "sync", "async", "dirsync", "defaults"]}'
    run_container mounts
    expect_ok
    expect_match '^mount /mnt tmpfs '
}

# config.md, "Mounts": in the listed order.
@test "a later mount hides an earlier one" {
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "first"}'
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "second", "options": ["ro"]}'
    run_container write /mnt/file
    expect_line EROFS
}

# config.md, "Linux mount options": rro makes everything below read-only as well.
@test "rro reaches the mounts below, ro does not" {
    mkdir -p "$BATS_TEST_TMPDIR/tree/below"
    mount -t tmpfs tmpfs "$BATS_TEST_TMPDIR/tree/below"
    add_mount "{\"destination\": \"/mnt\", \"source\": \"$BATS_TEST_TMPDIR/tree\", \"options\": [\"rbind\", \"rro\"]}"
    run_container write /mnt/below/file
    CONTAINER=$(new_id)
    expect_line EROFS
    edit_config '.mounts[-1].options = ["rbind", "ro"]'
    run_container write /mnt/below/file
    umount "$BATS_TEST_TMPDIR/tree/below"
    expect_line ok
}

# config.md, "Linux mount options": propagation of a single mount.
@test "a mount may be shared or a slave" {
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["shared"]}'
    run_container mounts
    expect_match '^mount /mnt tmpfs [^ ]+ shared:'
}

# config.md, "Mounts": tmpcopyup, a runtime's option: the files below are copied up.
@test "tmpcopyup keeps what was below" {
    echo kept >"$BUNDLE/rootfs/mnt/file"
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]}'
    run_container read /mnt/file
    expect_equal "$output" kept
}

# A link in the image must not lead a mount out of the root file system.
@test "a destination behind a link stays in the root file system" {
    mkdir "$BATS_TEST_TMPDIR/outside" "$BUNDLE/rootfs/real"
    ln -s ../../../../real "$BUNDLE/rootfs/link"
    add_mount '{"destination": "/link", "type": "tmpfs", "source": "tmpfs"}'
    run_container mounts
    expect_ok
    expect_match '^mount /real tmpfs '
    # Inside, nothing is where this one points to: an error is as good as making it there.
    ln -s "$BATS_TEST_TMPDIR/outside" "$BUNDLE/rootfs/trap"
    add_mount '{"destination": "/trap/below", "type": "tmpfs", "source": "tmpfs"}'
    CONTAINER=$(new_id)
    run_container true
    [ -z "$(ls -A "$BATS_TEST_TMPDIR/outside")" ] || fail "something was made outside"
}

# config.md, "Mounts": a type the kernel does not know MUST be an error that names it.
@test "a mount that fails is named with its place in config.json" {
    add_mount '{"destination": "/mnt", "type": "no-such-fs", "source": "none"}'
    run_container true
    expect_error /mnt
}

# In a user namespace as the host's 100000.
map_root()
{
    edit_config '.linux.namespaces += [{"type": "user"}]
        | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
        | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
}

# config.md, "Mounts": idmap uses the container's user namespace when no mappings are given.
@test "an idmapped bind shows the host's root as the container's" {
    map_root
    mkdir "$BATS_TEST_TMPDIR/source"
    touch "$BATS_TEST_TMPDIR/source/file"
    add_mount "{\"destination\": \"/mnt/plain\", \"source\": \"$BATS_TEST_TMPDIR/source\", \"options\": [\"bind\"]}"
    add_mount "{\"destination\": \"/mnt/mapped\", \"source\": \"$BATS_TEST_TMPDIR/source\", \"options\": [\"bind\", \"idmap\"]}"
    run_container stat /mnt/plain/file /mnt/mapped/file
    # tmpfs takes id mappings since Linux 6.3.
    [[ $output != *"may not support idmapped mounts"* || $(stat -fc %T "$BATS_TEST_TMPDIR") != tmpfs ]] ||
        skip "this kernel's tmpfs has no idmapped mounts"
    expect_match '^stat /mnt/plain/file .* 65534 65534$' '^stat /mnt/mapped/file .* 0 0$'
}

# A source that the container's root may not reach by its path on the host.
@test "a bind source in a closed folder works in a user namespace" {
    map_root
    mkdir -m 0700 "$BATS_TEST_TMPDIR/closed"
    mkdir "$BATS_TEST_TMPDIR/closed/open"
    echo seen >"$BATS_TEST_TMPDIR/closed/open/file"
    add_mount "{\"destination\": \"/mnt\", \"source\": \"$BATS_TEST_TMPDIR/closed/open\", \"options\": [\"rbind\", \"ro\"]}"
    run_container read /mnt/file
    expect_equal "$output" seen
}

# CVE-2019-19921 and its kin: what looks like /proc must be one.
@test "anything but a procfs at /proc is refused" {
    add_mount '{"destination": "/proc", "type": "tmpfs", "source": "tmpfs"}'
    run_container true
    expect_error "only a procfs" "mounts[7]"
}

@test "an option that the file system does not know is named" {
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["sixe=1k"]}'
    run_container true
    expect_error "mounts[7]" "sixe=1k"
}

# config.md, "Mounts": options of a file system are of its first mount; engines pass them on to binds.
@test "options of a file system on a bind mount are warned of, and ignored" {
    add_mount "{\"destination\": \"/mnt\", \"source\": \"$BUNDLE/rootfs/tmp\", \"options\": [\"bind\", \"mode=755\", \"size=1k\"]}"
    run_container stat /mnt
    expect_ok
    expect_match '^stat /mnt dir 1777 ' 'mounts\[7\]\.options\[2\].*size=1k.*no effect'
}

# config.md, "Mounts": options are of any length that mount(2) takes; fsconfig(2) stops at 255 bytes.
@test "an overlay may have more layers than fit into one value of fsconfig" {
    local layers="" folder

    for folder in $(seq -f "$BATS_TEST_TMPDIR/a-layer-with-quite-a-long-name-%g" 6); do
        mkdir "$folder"
        echo "${folder##*-}" >"$folder/file-${folder##*-}"
        layers=$layers:$folder
    done
    [ ${#layers} -gt 300 ]
    mkdir "$BUNDLE/rootfs/overlay"
    add_mount "{\"destination\": \"/overlay\", \"type\": \"overlay\", \"source\": \"overlay\", \"options\": [\"lowerdir=${layers#:}\", \"nosuid\", \"noatime\", \"ro\"]}"
    set_args /bin/sh -c 'cat /overlay/file-1 /overlay/file-6; probe mounts'
    run_container
    expect_ok
    expect_line 1 6
    expect_match '^mount /overlay overlay ro,nosuid,noatime'
}

# config.md, "Linux mount options": remount.
@test "a remount changes what is mounted already" {
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs"}'
    add_mount '{"destination": "/mnt", "options": ["remount", "bind", "ro", "noexec"]}'
    run_container mounts
    expect_match '^mount /mnt tmpfs ro,noexec'
}

# config-linux.md, "Mount Label": SELinux's; where the kernel has no SELinux it can only be ignored.
@test "a mount label without SELinux is warned of once" {
    [ ! -d /sys/fs/selinux ] || skip "the host has SELinux"
    edit_config '.linux.mountLabel = "system_u:object_r:svirt_sandbox_file_t:s0:c1,c2"'
    run_container true
    expect_ok
    expect_match 'linux.mountLabel has no effect'
    expect_equal "$(grep -c mountLabel <<<"$output")" 1
}
