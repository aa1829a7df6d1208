#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman: every kind of mount, a root file system that is a folder, cp, commit and export.
# shellcheck disable=SC2034
load lib
load podman

setup_file()
{
    podman_setup
    mkdir "$PLACE/volume"
    echo inside >"$PLACE/volume/file"
    chmod 644 "$PLACE/volume/file"
}

teardown()
{
    podman rm --force --all --time 0 >/dev/null
    podman volume prune --force >/dev/null
}

# config.md, "Mounts".
# bats test_tags=mounts
@test "--mount type=bind, tmpfs, volume and devpts" {
    run_podman --mount "type=bind,src=$PLACE/volume,dst=/b,ro" --mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=0700 \
        --mount type=volume,src=made,dst=/v --mount type=devpts,dst=/pts bb /bin/sh -c \
        'cat /b/file; touch /b/x; touch /v/x && echo volume; /bin/probe each mounts; /bin/probe stat /t'
    expect_line inside volume
    expect_match 'Read-only file system' '^mount /t tmpfs .*size=1024k' '^mount /pts devpts ' '^stat /t dir 0700'
    expect_equal "$(podman volume ls --quiet)" made
}

# bats test_tags=mounts
@test "--mount type=image shows an image, --volumes-from another's volumes" {
    run_podman --mount type=image,src=localhost/bb,dst=/image bb cat /image/etc/group
    expect_ok
    expect_line "root:x:0:"
    podman create --name "$NAME" --network none --volume shared:/shared bb true
    run_podman --volumes-from "$NAME" bb /bin/sh -c 'echo kept >/shared/file'
    expect_ok
    run_podman --volumes-from "$NAME:ro" bb /bin/sh -c 'cat /shared/file; echo x >/shared/file'
    expect_line kept
    expect_match 'Read-only file system'
}

# bats test_tags=mounts
@test "-v with U gives the volume to the container's user" {
    mkdir -p "$PLACE/owned"
    touch "$PLACE/owned/file"
    run_podman --user 1000:1000 --volume "$PLACE/owned:/o:U,Z" bb touch /o/new
    expect_ok
    expect_equal "$(stat -c %u "$PLACE/owned/file" "$PLACE/owned/new" | sort -u)" 1000
}

# config.md, "Mounts": idmap; the ids of the files stay the host's.
# Not in a guest: no file system there can be idmapped by its kernel (overlay, virtiofs, tmpfs before Linux 6.3).
# bats test_tags=mounts
@test "-v with idmap maps the owner into the container's user namespace" {
    mkdir -p "$PLACE/mapped"
    touch "$PLACE/mapped/file"
    chmod 777 "$PLACE/mapped"
    run_podman --uidmap 0:100000:65536 --gidmap 0:100000:65536 --volume "$PLACE/mapped:/m:idmap" bb \
        /bin/sh -c '/bin/probe stat /m/file; touch /m/new'
    expect_ok
    expect_match '^stat /m/file file [0-7]+ [^ ]+ 0 0|^stat /m/file file [0-7]+ 0 0|^stat /m/file .* 0 0'
    expect_equal "$(stat -c %u "$PLACE/mapped/new")" 0
}

# config.md, "Mounts": propagation; config-linux.md, "Rootfs Mount Propagation".
# bats test_tags=mounts
@test "-v with rslave sees later mounts of the host, rprivate does not" {
    in_place sh -c "mkdir -p /run/outer; mount -t tmpfs outer /run/outer; mount --make-shared /run/outer; mkdir /run/outer/later"
    start_pausing --volume /run/outer:/slave:rslave --volume /run/outer:/private:rprivate
    in_place mount -t tmpfs later /run/outer/later
    run podman exec "$NAME" cat /proc/mounts
    in_place umount /run/outer/later
    podman rm --force --time 0 "$NAME" >/dev/null
    in_place umount -l /run/outer
    expect_match ' /slave/later tmpfs '
    expect_no_match ' /private/later '
}

# bats test_tags=mounts
@test "options of mounts: nodev, nosuid, noexec, a file, a folder that is not there yet" {
    run_podman --volume "$PLACE/volume:/deep/er/place:nodev,nosuid,noexec" --volume "$PLACE/volume/file:/etc/one-file:ro" bb \
        /bin/sh -c 'cat /etc/one-file /deep/er/place/file; /bin/probe mounts'
    expect_line inside
    expect_match '^mount /deep/er/place [^ ]+ [^ ]*nosuid,nodev,noexec' '^mount /etc/one-file [^ ]+ ro'
}

# config.md, "Root".
# bats test_tags=mounts
@test "--rootfs runs from a folder, and through an overlay leaves it as it was" {
    make_rootfs "$PLACE/tree"
    status=0
    output=$(podman run --rm --network none --rootfs "$PLACE/tree" /bin/sh -c 'echo from a folder; touch /made' 2>&1) || status=$?
    expect_ok
    expect_equal "$output" "from a folder"
    [ -e "$PLACE/tree/made" ]
    [ "$(storage_driver)" = overlay ] || return 0
    podman run --rm --network none --rootfs "$PLACE/tree:O" /bin/sh -c 'touch /scratch'
    [ ! -e "$PLACE/tree/scratch" ]
}

# bats test_tags=mounts
@test "cp goes in and out, of a running, a paused and a stopped container" {
    start_pausing
    echo data >"$PLACE/data"
    podman cp "$PLACE/data" "$NAME:/root/data"
    run podman exec "$NAME" cat /root/data
    expect_equal "$output" data
    podman exec "$NAME" /bin/sh -c 'echo back >/root/back'
    podman cp "$NAME:/root/back" "$PLACE/back"
    expect_equal "$(cat "$PLACE/back")" back
    podman stop --time 3 "$NAME"
    podman cp "$NAME:/root/data" "$PLACE/again"
    expect_equal "$(cat "$PLACE/again")" data
}

# bats test_tags=run
@test "commit of a running container pauses it, makes an image, and lets it go on" {
    start_pausing
    podman exec "$NAME" /bin/sh -c 'echo kept >/kept'
    podman commit --pause --quiet "$NAME" committed
    expect_equal "$(podman inspect --format '{{.State.Status}}' "$NAME")" running
    run_podman committed cat /kept
    expect_equal "$output" kept
    run podman diff "$NAME"
    expect_match '^A /kept$'
    podman export "$NAME" | tar -t | grep -qx kept
    podman rmi --force committed
}

# bats test_tags=mounts
@test "secrets with owner and mode, as a file and in the environment" {
    printf hidden | podman secret create one -
    run_podman --secret one,uid=1000,mode=0400,target=here --secret one,type=env,target=WORD bb \
        /bin/sh -c '/bin/probe stat /run/secrets/here; echo $WORD'
    podman secret rm one
    expect_match '^stat /run/secrets/here file 0400 .*1000'
    expect_line hidden
}
