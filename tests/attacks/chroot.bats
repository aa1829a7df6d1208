#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A runtime that is called in a chroot: "/" is not the root of its mount namespace, but setns(2) leads to that
# root. Who joins the container's mount namespace - exec, or a program with CAP_SYS_ADMIN by its own - must be in
# the container's rootfs then, and not on the host. config-linux.md, "Namespaces", mount: "an isolated mount table".
load ../lib/bundle

# in_jail folder|mount|private SCRIPT: bash runs it in a chroot that shows all of the host. But for the last, the
# namespace there shares its mounts with those that are made of it, so that a mount or unmount too many shows.
in_jail()
{
    needs_root
    # shellcheck disable=SC2016
    timeout -k 1 "60${ZIND_SLOW:+0}" unshare --mount --propagation private bash -c '
        jail=$1.$2
        mkdir "$jail"
        [ "$2" = folder ] || mount --bind "$jail" "$jail"
        for entry in /*; do
            if [ -L "$entry" ]; then
                cp -P "$entry" "$jail/"
            elif [ -d "$entry" ]; then
                mkdir "$jail$entry" && mount --rbind "$entry" "$jail$entry"
            fi
        done
        [ "$2" = private ] || mount --make-rshared /
        cut -d " " -f 3-5,7- /proc/self/mountinfo | sort >"$1.before"
        chroot "$jail" bash -ec "$3"
        status=$?
        cut -d " " -f 3-5,7- /proc/self/mountinfo | sort >"$1.after"
        diff "$1.before" "$1.after" >&2 && exit $status' _ "$BATS_TEST_TMPDIR/jail" "$1" "
        zind() { '$ZIND_OCI' --root '$ZIND_ROOT' \"\$@\"; }
        $2"
}

expect_rootfs()
{
    expect_ok
    expect_equal "$output" "$(LC_ALL=C ls "$BUNDLE/rootfs")"
}

allow_joining()
{
    edit_config '.process.capabilities[] += ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT"]'
    set_args /bin/busybox nsenter -m/proc/self/ns/mnt /bin/ls /
}

for_each_jail()
{
    local kind

    for kind in folder mount private; do
        CONTAINER=$(new_id)
        run in_jail $kind "$1"
        "$2"
    done
}

@test "in a chroot, who joins the container's mount namespace is in its rootfs" {
    allow_joining
    for_each_jail "zind run --bundle '$BUNDLE' $CONTAINER" expect_rootfs
}

@test "in a chroot, exec is in the container's rootfs" {
    set_args /bin/probe pause
    for_each_jail "
        zind create --bundle '$BUNDLE' $CONTAINER >/dev/null 2>&1 </dev/null
        zind start $CONTAINER
        zind exec $CONTAINER /bin/ls /
        zind delete --force $CONTAINER" expect_rootfs
}

@test "in a chroot, volumes that are shared with the host stay so" {
    mkdir "$BATS_TEST_TMPDIR/volume"
    edit_config '.linux.rootfsPropagation = "shared" | .mounts += [
        { destination: "/mnt", type: "bind", source: $volume, options: ["rbind", "rshared"] }]' \
        --arg volume "$BATS_TEST_TMPDIR/volume"
    edit_config '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
    set_args /bin/sh -c 'mkdir /mnt/below && mount -t tmpfs none /mnt/below && echo there >/mnt/below/file'
    run in_jail mount "
        mount --bind '$BATS_TEST_TMPDIR/volume' '$BATS_TEST_TMPDIR/volume'
        mount --make-shared '$BATS_TEST_TMPDIR/volume'
        zind run --bundle '$BUNDLE' $CONTAINER
        cat '$BATS_TEST_TMPDIR/volume/below/file'
        umount '$BATS_TEST_TMPDIR/volume/below' '$BATS_TEST_TMPDIR/volume'"
    expect_ok
    expect_equal "$output" there
}
