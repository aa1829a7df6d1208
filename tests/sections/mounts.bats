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
# spec: mounts.destination mounts.source
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
# spec: mounts.source
@test "a relative bind source is taken from the bundle" {
    mkdir "$BUNDLE/beside"
    echo here >"$BUNDLE/beside/file"
    add_mount '{"destination": "/mnt", "source": "beside", "type": "bind", "options": ["bind"]}'
    run_container read /mnt/file
    expect_equal "$output" here
}

# config.md, "Linux mount options": each flag is seen in mountinfo.
# spec: mounts.type mounts.options
@test "flags of a mount are those asked for, the last of a pair wins" {
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs",
        "options": ["nosuid", "nodev", "noexec", "exec", "noatime", "size=4k", "mode=0700"]}'
    run_container mounts
    expect_ok
    expect_match '^mount /mnt tmpfs rw,nosuid,nodev,noatime private tmpfs rw,size=4k,mode=700'
}

# podman run --systemd=always ends its options with an empty one; engines pass on what users wrote with commas.
# spec: mounts.options
@test "an empty option says nothing, and one string may hold several" {
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["size=4k,mode=0700,,nr_inodes=9", "nosuid", ""]}'
    add_mount '{"destination": "/opt", "type": "bind", "source": "rootfs/tmp", "options": ["bind", "", "ro"]}'
    run_container mounts
    expect_ok
    expect_match '^mount /mnt tmpfs rw,nosuid,relatime private tmpfs rw,size=4k,nr_inodes=9,mode=700' '^mount /opt [^ ]+ ro,'
}

@test "of several options in one string the wrong one is an error" {
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["size=4k,nonsense=1"]}'
    run_container mounts
    expect_error 'mounts[' 'size=4k,nonsense=1'
}

# moby adds its hint where it reads "not a directory".
@test "a directory on a file, or a file on a directory, is told in words" {
    local kind

    for kind in '{"destination": "/etc/passwd", "source": "rootfs/tmp", "options": ["bind"]}' \
        '{"destination": "/etc/passwd", "source": "tmpfs", "type": "tmpfs"}' \
        '{"destination": "/tmp", "source": "config.json", "options": ["bind"]}'; do
        add_mount "$kind"
        run_container mounts
        expect_error 'mounts[' 'ot a directory' 'a file on a file'
        edit_config 'del(.mounts[-1])'
    done
}

# config.md, "Linux mount options": an r… option is of the mount, too, so it is one of the pair.
# spec: mounts.options
@test "the last of a pair wins, also of ro and rrw, in a new mount and a bind mount" {
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs",
        "options": ["noatime", "rstrictatime", "ro", "rrw", "rnosuid", "suid", "rnoexec"]}'
    run_container mounts
    expect_ok
    expect_match '^mount /mnt tmpfs rw,noexec private'
    edit_config '.mounts[-1] |= {destination, source: "rootfs/tmp", options: ["bind", "ro", "rrw", "rnoexec", "exec", "rnodev"]}'
    CONTAINER=$(new_id)
    run_container mounts
    expect_ok
    expect_match '^mount /mnt [^ ]+ rw,([a-z]+,)*nodev[, ]'
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

# As with runc and crun: without mode= a tmpfs has the mode of the folder that it covers, with tmpcopyup its
# owner, too; without a folder it has its own. The folder that is made for it is one like others.
@test "a tmpfs has the mode of the folder that it covers" {
    local again fresh=1777

    mkdir "$BUNDLE/rootfs"/{plain,copied,given,owned}
    chmod 750 "$BUNDLE/rootfs"/{plain,copied,given,owned}
    chown "$(host_id 5):$(host_id 6)" "$BUNDLE/rootfs"/{plain,copied,given,owned}
    add_mount '{"destination": "/plain", "type": "tmpfs", "source": "tmpfs"}'
    add_mount '{"destination": "/copied", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]}'
    add_mount '{"destination": "/given", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "mode=0711"]}'
    add_mount '{"destination": "/owned", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "uid=7"]}'
    chmod g+s "$BUNDLE/rootfs"
    add_mount '{"destination": "/new", "type": "tmpfs", "source": "tmpfs"}'
    add_mount '{"destination": "/fresh", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]}'
    for again in first second; do
        CONTAINER=$(new_id)
        run_container stat /plain /copied /given /owned /new /fresh
        expect_ok
        expect_match '^stat /plain dir 0750 .* 0 0$' '^stat /copied dir 0750 .* 5 6$' '^stat /given dir 0711 .* 0 0$' \
            '^stat /owned dir 0750 .* 7 0$' "^stat /new dir $fresh .* 0 0\$" "^stat /fresh dir $fresh .* 0 0\$"
        expect_equal "$(stat -c %a "$BUNDLE/rootfs/new" "$BUNDLE/rootfs/fresh" | uniq)" 2755
        fresh=2755
    done
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
# spec: mounts.options
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

# spec: mounts.options
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

# config-linux.md, "Default Devices": they are there, also in a /dev that is read-only in the end.
@test "a remount makes /dev read-only, with the devices in it" {
    local options

    set_args /bin/sh -c 'echo gone >/dev/null && ls /dev/zero && ! touch /dev/new'
    for options in '"remount", "ro"' '"remount", "bind", "ro"'; do
        edit_config ".mounts |= map(select(.options != null and any(.options[]; . == \"remount\") | not))
            | .mounts += [{\"destination\": \"/dev\", \"options\": [$options]}]"
        CONTAINER=$(new_id)
        run zind run --bundle "$BUNDLE" "$CONTAINER"
        expect_ok
        expect_match '/dev/new: Read-only file system'
    done
}

# config.md, "Mounts": in the listed order; "Linux mount options": rw, shared.
@test "the last remount counts, and may change the propagation" {
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["ro"]}'
    add_mount '{"destination": "/mnt", "options": ["remount", "rw", "shared"]}'
    run_container mounts
    expect_match '^mount /mnt tmpfs rw,[^ ]* shared'
    add_mount '{"destination": "/mnt", "options": ["remount", "ro"]}'
    CONTAINER=$(new_id)
    run_container mounts
    expect_match '^mount /mnt tmpfs ro,[^ ]* shared'
}

# config-linux.md, "Mount Label": SELinux's; where the kernel has no SELinux it can only be ignored.
# spec: linux.mountLabel
@test "a mount label without SELinux is warned of once" {
    [ ! -d /sys/fs/selinux ] || skip "the host has SELinux"
    edit_config '.linux.mountLabel = "system_u:object_r:svirt_sandbox_file_t:s0:c1,c2"'
    run_container true
    expect_ok
    expect_match 'linux.mountLabel has no effect'
    expect_equal "$(grep -c mountLabel <<<"$output")" 1
}

# config.md, "Linux mount options": those that MUST be supported, on a bind mount or a new file system.
@test "every option of the spec is taken, each alone" {
    local option n=0

    mkdir "$BATS_TEST_TMPDIR/source"
    for option in async atime bind defaults dev diratime dirsync exec iversion lazytime loud noatime \
        nodev nodiratime noexec noiversion nolazytime norelatime nostrictatime nosuid private rbind \
        relatime ro rprivate rshared rslave runbindable rw shared silent slave strictatime suid sync \
        unbindable mand nomand nosymfollow symfollow tmpcopyup; do
        case $option in
        bind | rbind) add_mount "{\"destination\": \"/mnt/$((n++))\", \"source\": \"$BATS_TEST_TMPDIR/source\", \"options\": [\"$option\"]}" ;;
        *) add_mount "{\"destination\": \"/mnt/$((n++))\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"$option\"]}" ;;
        esac
    done
    run_container true
    expect_ok
    expect_equal "$output" ""
}

# config.md, "Linux mount options": the recursive ones SHOULD reach all mounts below, by mount_setattr.
@test "every recursive option reaches the mounts below" {
    local option flag

    mkdir -p "$BATS_TEST_TMPDIR/source"
    for option in rro:ro rnosuid:nosuid rnodev:nodev rnoexec:noexec rnodiratime:nodiratime rnoatime:noatime \
        rrelatime:relatime rnosymfollow:nosymfollow rrw:rw rsuid: rdev: rexec: rdiratime: rsymfollow: \
        ratime:relatime rnorelatime:relatime rnostrictatime:relatime rstrictatime:; do
        flag=${option#*:}
        cp "$TESTS_LIB/config.json" "$BUNDLE/config.json"
        CONTAINER=$(new_id)
        add_mount "{\"destination\": \"/mnt\", \"source\": \"$BATS_TEST_TMPDIR/source\", \"options\": [\"rbind\", \"${option%:*}\"]}"
        set_args /bin/probe mounts
        # shellcheck disable=SC2016
        run unshare --mount --propagation private bash -c 'mount -t tmpfs tmpfs "$1"; mkdir "$1/below"
            mount -t tmpfs tmpfs "$1/below"; mount -o "remount,bind,$6" "$1/below"
            mount -o "remount,bind,$6" "$1"; "$2" --root "$3" run --bundle "$4" "$5"' _ \
            "$BATS_TEST_TMPDIR/source" "$ZIND_OCI" "$ZIND_ROOT" "$BUNDLE" "$CONTAINER" "$(opposite_of "$option")" 3>&-
        expect_ok
        if [ -n "$flag" ]; then
            expect_match "^mount /mnt tmpfs ([^ ]*,)?$flag[, ]" "^mount /mnt/below tmpfs ([^ ]*,)?$flag[, ]"
        else
            expect_no_match "^mount /mnt(/below)? tmpfs ([^ ]*,)?$(opposite_of "$option")[, ]"
        fi
    done
}

# What the mounts of the host have when that option is to change them.
opposite_of()
{
    case $1 in
    rro:*) echo rw ;;
    rrw:*) echo ro ;;
    rsuid:*) echo nosuid ;;
    rdev:*) echo nodev ;;
    rexec:*) echo noexec ;;
    rdiratime:*) echo nodiratime ;;
    rsymfollow:*) echo nosymfollow ;;
    ratime:*) echo noatime ;;
    rstrictatime:*) echo relatime ;;
    rnostrictatime:*) echo strictatime ;;
    *) echo rw ;;
    esac
}

# config.md, "Mounts", destination: a relative one is taken below "/".
@test "a relative destination is taken below the root, and warned of" {
    add_mount '{"destination": "mnt/new", "type": "tmpfs", "source": "tmpfs"}'
    run_container mounts
    expect_ok
    expect_match 'mounts\[7\].destination' '^mount /mnt/new tmpfs'
}

# config.md, "Mounts", source: a bind mount's MUST be there.
@test "a bind source that is missing is refused" {
    add_mount "{\"destination\": \"/mnt\", \"source\": \"$BATS_TEST_TMPDIR/none\", \"options\": [\"bind\"]}"
    run_container true
    expect_error 'mounts[7]' "$BATS_TEST_TMPDIR/none" "No such file or directory"
}

# mount_namespaces(7): flags that a user namespace inherits are locked; asking for less must not fail.
@test "in a runtime's own user namespace locked flags stay, those asked for are added" {
    mkdir "$BATS_TEST_TMPDIR/source"
    edit_config 'del(.linux.resources) | del(.mounts[] | select(.type == "cgroup" or .type == "mqueue"))'
    edit_config '.mounts |= map(if .type == "devpts" then .options |= map(select(startswith("gid=") | not)) else . end)'
    add_mount "{\"destination\": \"/mnt\", \"source\": \"$BATS_TEST_TMPDIR/source\", \"options\": [\"bind\", \"ro\", \"dev\", \"suid\"]}"
    set_args /bin/probe mounts
    # shellcheck disable=SC2016
    run unshare --mount --propagation private bash -c 'mount -t tmpfs -o nosuid,nodev,noexec tmpfs "$1"
        unshare --user --map-root-user --mount --propagation private \
            "$2" --root "$3" --cgroup-manager disabled run --bundle "$4" "$5"' _ \
        "$BATS_TEST_TMPDIR/source" "$ZIND_OCI" "$ZIND_ROOT" "$BUNDLE" "$CONTAINER" 3>&-
    expect_ok
    expect_match '^mount /mnt tmpfs ([^ ]*,)?ro,nosuid,nodev,noexec'
}

# A mount namespace joined by path: its owner's, and the container's root is made there.
@test "mounts go into a mount namespace that is joined" {
    local holder

    unshare --mount --propagation private sleep 1000 3>&- &
    holder=$!
    eventually has_become "$holder" sleep
    edit_config ".linux.namespaces |= map(if .type == \"mount\" then .path = \"/proc/$holder/ns/mnt\" else . end)"
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["size=64k"]}'
    run_container mounts
    kill "$holder"
    expect_ok
    expect_match '^mount /mnt tmpfs'
}

# user_namespaces(7): what a user namespace may not mount anew, because it does not own what is shown.
@test "proc and sysfs of namespaces that a user namespace does not own are the host's own" {
    map_root
    edit_config '.linux.namespaces |= map(select(.type != "network" and .type != "pid")) | del(.linux.maskedPaths, .linux.readonlyPaths)'
    run_container mounts
    expect_ok
    expect_match '^mount /proc proc ' '^mount /sys sysfs ro,'
    # What is mounted below /sys on the host may not be writable through it (CVE-2023-25809).
    expect_no_match '^mount /sys/[^ ]+ [^ ]+ rw'
}

# crun's options, which podman gives for --mount …,no-dereference.
@test "a source that is a link can be copied as a link, mounted as one, or mounted on one" {
    echo content >"$BATS_TEST_TMPDIR/file"
    ln -s file "$BATS_TEST_TMPDIR/link"
    ln -s /etc/nothing "$BUNDLE/rootfs/tmp/link"
    add_mount "{\"destination\": \"/copied/link\", \"source\": \"$BATS_TEST_TMPDIR/link\", \"options\": [\"bind\", \"copy-symlink\"]}"
    add_mount "{\"destination\": \"/mounted\", \"source\": \"$BATS_TEST_TMPDIR/link\", \"options\": [\"bind\", \"src-nofollow\"]}"
    add_mount "{\"destination\": \"/tmp/link\", \"source\": \"$BATS_TEST_TMPDIR/file\", \"options\": [\"bind\", \"dest-nofollow\"]}"
    add_mount "{\"destination\": \"/followed\", \"source\": \"$BATS_TEST_TMPDIR/link\", \"options\": [\"bind\"]}"
    add_mount "{\"destination\": \"/plain\", \"source\": \"$BATS_TEST_TMPDIR/file\", \"options\": [\"bind\", \"copy-symlink\"]}"
    for again in first second; do
        CONTAINER=$(new_id)
        run_container stat /copied/link /mounted /tmp/link /followed /plain
        expect_ok
        expect_match '^stat /copied/link link .* file$' '^stat /mounted link .* file$' '^stat /tmp/link file ' \
            '^stat /followed file ' '^stat /plain file '
    done
    [ ! -e "$BUNDLE/rootfs/etc/nothing" ] || fail "the destination was followed"
}
