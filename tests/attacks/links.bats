#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Links of the image, and links that change while the runtime looks: mount points outside of the rootfs
# (CVE-2019-18837, 2024-45310, 2025-24965), paths swapped between check and use (CVE-2021-30465,
# 2024-42472), a link at /dev, /proc or /sys (CVE-2023-28642, 2026-41579, 2026-47766, youki 2025-54867).
load ../lib/bundle

# A folder of the host that nobody may touch, with what attackers look for in it.
setup()
{
    setup_bundle
    OUTSIDE=$BATS_TEST_TMPDIR/outside
    mkdir -p "$OUTSIDE"/{deep,pts,shm} "$BATS_TEST_TMPDIR/volume"
    for name in null zero ptmx console fd file; do
        echo untouched >"$OUTSIDE/$name"
    done
    chmod 640 "$OUTSIDE"/*
    remember >"$BATS_TEST_TMPDIR/before"
}

# Every name with its kind, mode, owner and content.
remember()
{
    (cd "$OUTSIDE" && find . -printf '%p %y %m %U %l\n' | sort && find . -type f -exec cat {} +)
}

expect_untouched()
{
    diff "$BATS_TEST_TMPDIR/before" <(remember) || fail "the host was touched"
}

# mount_at DESTINATION TYPE [OPTION...]: one more mount; binds show the volume.
mount_at()
{
    # shellcheck disable=SC2016
    edit_config '.mounts += [{ destination: $at, type: $type, source: $source, options: $ARGS.positional }]' \
        --arg at "$1" --arg type "$2" --arg source "$BATS_TEST_TMPDIR/volume" --args -- "${@:3}"
}

@test "a mount point behind a link of the image is made inside, whatever the link says" {
    local at i=0

    ln -s "$OUTSIDE" "$BUNDLE/rootfs/absolute"
    ln -s "../../../../../../../../../..$OUTSIDE" "$BUNDLE/rootfs/climbing"
    ln -s "/proc/self/cwd/../outside" "$BUNDLE/rootfs/magic"
    ln -s "/proc/1/root$OUTSIDE" "$BUNDLE/rootfs/procroot"
    mkdir "$BUNDLE/rootfs/a"
    ln -s ../absolute/new "$BUNDLE/rootfs/a/dangling"
    ln -s "/absolute/../..$OUTSIDE/file" "$BUNDLE/rootfs/a/file"
    for at in /absolute /absolute/new/er /climbing/new /a/dangling /a/dangling/more /../../../absolute/x \
        /magic/new /procroot/new; do
        CONTAINER=$(new_id)
        edit_config '.mounts |= map(select(.destination | startswith("/absol") or startswith("/climb") or
            startswith("/a/") or startswith("/..") or startswith("/magic") or startswith("/procroot") | not))'
        mount_at "$at" tmpfs
        run_container true
        # What leads through magic links cannot be made inside either.
        [[ $at == /magic* || $at == /procroot* ]] || expect_ok
        expect_untouched
        i=$((i + 1))
    done
    expect_equal "$i" 8
}

@test "a file to bind to is made inside too, and an existing one of the host not opened" {
    ln -s "$OUTSIDE/file" "$BUNDLE/rootfs/link"
    ln -s "$OUTSIDE/missing" "$BUNDLE/rootfs/missing"
    echo volume >"$BATS_TEST_TMPDIR/volume/file"
    # shellcheck disable=SC2016
    edit_config '.mounts += [["/link", "/missing"][] |
        { destination: ., type: "bind", source: $source, options: ["bind"] }]' \
        --arg source "$BATS_TEST_TMPDIR/volume/file"
    run_container read /link
    expect_ok
    expect_line volume
    expect_untouched
}

@test "/dev, /proc and /sys of the image that are links to somewhere are refused" {
    local name

    for name in dev proc sys; do
        CONTAINER=$(new_id)
        rmdir "$BUNDLE/rootfs/$name"
        ln -s "$OUTSIDE" "$BUNDLE/rootfs/$name"
        run_container true
        expect_status 1
        expect_error "/$name" link
        # To a folder of the rootfs as well: what is at /proc must be at /proc.
        ln -sfn tmp "$BUNDLE/rootfs/$name"
        run_container true
        expect_status 1
        expect_untouched
        rm "$BUNDLE/rootfs/$name"
        mkdir "$BUNDLE/rootfs/$name"
    done
}

# CVE-2026-41579, 47766: without a mount at /dev, nodes and links are made in the image's own.
@test "the image's own /dev that is a link gets no device and no link" {
    edit_config '.mounts |= map(select(.destination | startswith("/dev") | not))'
    rmdir "$BUNDLE/rootfs/dev"
    ln -s "$OUTSIDE" "$BUNDLE/rootfs/dev"
    run_container true
    expect_status 1
    expect_untouched
    rm "$BUNDLE/rootfs/dev"
    mkdir "$BUNDLE/rootfs/dev"
    # Its entries may be links: these are not followed.
    ln -s "$OUTSIDE/ptmx" "$BUNDLE/rootfs/dev/ptmx"
    ln -s "$OUTSIDE/fd" "$BUNDLE/rootfs/dev/fd"
    run_container stat /dev/ptmx /dev/fd
    expect_ok
    expect_match '^stat /dev/ptmx link.* pts/ptmx$' '^stat /dev/fd link.* /proc/self/fd$'
    expect_untouched
    ln -sf "$OUTSIDE/null" "$BUNDLE/rootfs/dev/null"
    run_container true
    expect_status 1
    expect_error /dev/null
    expect_untouched
}

@test "a /dev/pts that is a link shows the container's terminals inside, nothing outside" {
    edit_config '.mounts |= map(select(.destination != "/dev" and .destination != "/dev/shm" and .destination != "/dev/mqueue"))'
    ln -s "$OUTSIDE/pts" "$BUNDLE/rootfs/dev/pts"
    ln -s "$OUTSIDE/console" "$BUNDLE/rootfs/dev/console"
    edit_config '.process.terminal = true'
    receive_terminal
    create_container --console-socket "$CONSOLE"
    # Either is right: refused, or all of it inside.
    expect_untouched
    expect_equal "$(grep -c "$OUTSIDE" /proc/self/mountinfo)" 0
}

# A device of config.json goes where it says, in the rootfs.
@test "a device whose folder is a link is made inside" {
    ln -s "$OUTSIDE" "$BUNDLE/rootfs/link"
    edit_config '.linux.devices = [{ path: "/link/deep/node", type: "c", major: 1, minor: 3, uid: 77, gid: 77 },
        { path: "/link/../../../../../../../null2", type: "c", major: 1, minor: 3 }]'
    run_container stat "$OUTSIDE/deep/node" /null2
    expect_ok
    expect_match "^stat $OUTSIDE/deep/node char .* 1:3 77 77" '^stat /null2 char .* 1:3'
    expect_untouched
}

# CVE-2026-88265: who owns a null device that the image brought along is the image's business.
@test "a null device of the image's own is not given another owner or mode" {
    edit_config '.mounts |= map(select(.destination | startswith("/dev") | not)) |
        .linux.devices = [{ path: "/dev/null", type: "c", major: 1, minor: 3, uid: 1234, gid: 1234, fileMode: 511 }]'
    mknod -m 600 "$BATS_TEST_TMPDIR/volume/null" c 1 3
    ln "$BATS_TEST_TMPDIR/volume/null" "$BUNDLE/rootfs/dev/null"
    run_container true
    expect_equal "$(stat -c '%a %u' "$BATS_TEST_TMPDIR/volume/null")" "600 0"
}

@test "a bind source is the link's target, and a read-only bind of it is read-only" {
    ln -s volume "$BATS_TEST_TMPDIR/source"
    edit_config '.mounts += [{ destination: "/mnt", type: "bind", source: $source, options: ["rbind", "ro"] }]' \
        --arg source "$BATS_TEST_TMPDIR/source"
    run_container write /mnt/x
    expect_line EROFS
}

# tmpcopyup reads what the image has there: links stay links, nothing is followed or waited for.
@test "copying up a folder full of traps leaves the host out of it" {
    mkdir -p "$BUNDLE/rootfs/data/sub"
    ln -s "$OUTSIDE/file" "$BUNDLE/rootfs/data/link"
    ln -s "$OUTSIDE" "$BUNDLE/rootfs/data/folder"
    ln -s /proc/self/fd/3 "$BUNDLE/rootfs/data/magic"
    mkfifo "$BUNDLE/rootfs/data/sub/fifo"
    truncate -s 100G "$BUNDLE/rootfs/data/sub/huge"
    rm "$BUNDLE/rootfs/data/sub/huge"
    mount_at /data tmpfs tmpcopyup size=1m
    run quick run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    set_args /bin/probe stat /data/link /data/folder /data/sub/fifo
    run quick run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_match "^stat /data/link link.* $OUTSIDE/file" "^stat /data/folder link.* $OUTSIDE" '^stat /data/sub/fifo fifo '
    truncate -s 100G "$BUNDLE/rootfs/data/sub/huge"
    run quick run --bundle "$BUNDLE" "$CONTAINER"
    expect_error "mounts["
    expect_no_leaks
    expect_untouched
}

# --- races: the attacker holds a volume that is a part of the rootfs, and swaps names in it ---

# swap_while SECONDS A B, then the commands of `while_swapping`.
begin_swap()
{
    "$("$TESTS_LIB/build-probe")" swap "$1" "$2" "$3" >/dev/null 2>&1 3>&- &
    SWAPPER=$!
}

end_swap()
{
    kill "$SWAPPER" 2>/dev/null || true
    wait "$SWAPPER" 2>/dev/null || true
}

@test "a mount point that is a folder one moment and a link out the next is mounted inside or not at all" {
    local i good=0

    mkdir -p "$BUNDLE/rootfs/vol/place/deep"
    ln -s "$OUTSIDE" "$BUNDLE/rootfs/vol/link"
    mount_at /vol/place/deep tmpfs
    mount_at /vol/place/new/er tmpfs
    mount_at /vol/place/pts bind rbind
    # What was mounted is seen from inside; the host sees whether anything was made outside.
    set_args /bin/true
    begin_swap 6 "$BUNDLE/rootfs/vol/place" "$BUNDLE/rootfs/vol/link"
    for ((i = 0; i < 25; i++)); do
        if quick run --bundle "$BUNDLE" "$CONTAINER" </dev/null >/dev/null 2>&1; then
            good=$((good + 1))
        fi
    done
    end_swap
    expect_untouched
    echo "$good of 25 came up"
}

# What is read is what was looked at: the zeros of a device are none of the file's.
@test "copying up a file that is a device one moment copies the file or the device, never what the device says" {
    local i

    mkdir "$BUNDLE/rootfs/vol"
    printf 'just a file of a volume\n' >"$BUNDLE/rootfs/vol/file"
    mknod "$BUNDLE/rootfs/vol/device" c 1 5
    mount_at /vol tmpfs tmpcopyup size=1m
    set_args /bin/sh -c 'for name in /vol/file /vol/device; do [ ! -f $name ] || /bin/cat $name; done'
    begin_swap 10 "$BUNDLE/rootfs/vol/file" "$BUNDLE/rootfs/vol/device"
    for ((i = 0; i < 150; i++)); do
        quick run --bundle "$BUNDLE" "$CONTAINER" </dev/null 2>/dev/null || true
    done >"$BATS_TEST_TMPDIR/read"
    end_swap
    [ -s "$BATS_TEST_TMPDIR/read" ] || fail "no container came up"
    expect_equal "$(sort -u "$BATS_TEST_TMPDIR/read" | tr '\0' 0)" "just a file of a volume"
}

@test "a /proc or /dev that is swapped for a link does not lead the runtime out" {
    local i

    ln -s "$OUTSIDE" "$BUNDLE/rootfs/link"
    for name in proc dev; do
        begin_swap 4 "$BUNDLE/rootfs/$name" "$BUNDLE/rootfs/link"
        for ((i = 0; i < 15; i++)); do
            quick run --bundle "$BUNDLE" "$CONTAINER" </dev/null >/dev/null 2>&1 || true
        done
        end_swap
        [ ! -L "$BUNDLE/rootfs/link" ] && mv -T "$BUNDLE/rootfs/link" "$BUNDLE/rootfs/x" &&
            mv -T "$BUNDLE/rootfs/$name" "$BUNDLE/rootfs/link" && mv -T "$BUNDLE/rootfs/x" "$BUNDLE/rootfs/$name"
        expect_untouched
    done
}

@test "masks and read-only paths behind swapped links stay inside" {
    local i

    mkdir -p "$BUNDLE/rootfs/vol/place/deep"
    ln -s "$OUTSIDE" "$BUNDLE/rootfs/vol/link"
    edit_config '.linux.maskedPaths += ["/vol/place/file", "/vol/place/deep"] | .linux.readonlyPaths += ["/vol/place"] |
        .linux.devices = [{ path: "/vol/place/node", type: "c", major: 1, minor: 3 }]'
    begin_swap 4 "$BUNDLE/rootfs/vol/place" "$BUNDLE/rootfs/vol/link"
    for ((i = 0; i < 15; i++)); do
        quick run --bundle "$BUNDLE" "$CONTAINER" </dev/null >/dev/null 2>&1 || true
    done
    end_swap
    expect_untouched
}
