#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mounts with ids of their own: config.md "Mounts", uidMappings, gidMappings, idmap and ridmap.

load ../lib/bundle

setup()
{
    setup_bundle
    SOURCE=$BATS_TEST_TMPDIR/source
    mkdir "$SOURCE"
    touch "$SOURCE/root" "$SOURCE/user"
    chown 1000:1000 "$SOURCE/user"
}

# add_mount JSON: one more row of mounts.
add_mount()
{
    edit_config ".mounts += [$1]"
}

map_root()
{
    edit_config '.linux.namespaces += [{"type": "user"}]
        | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
        | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
}

# mappings CONTAINER HOST SIZE: both members.
mappings()
{
    printf '"uidMappings": [{"containerID": %d, "hostID": %d, "size": %d}],' "$@"
    printf '"gidMappings": [{"containerID": %d, "hostID": %d, "size": %d}]' "$@"
}

# The kernel's tmpfs may be older than 6.3.
expect_mapped()
{
    [[ $output != *"may not support idmapped mounts"* ]] || skip "this kernel's tmpfs has no idmapped mounts"
    expect_ok
    expect_match "$@"
}

# spec: mounts.uidMappings.* mounts.gidMappings.*
@test "a bind mount has mappings of its own, without an option too" {
    add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"bind\"],
        $(mappings 1000 "$(host_id 5000)" 1)}"
    run_container stat /mnt/user /mnt/root
    expect_mapped '/mnt/user .* 5000 5000$' '/mnt/root .* 65534 65534$'
}

# spec: mounts.uidMappings.* mounts.gidMappings.*
@test "mappings of a mount may differ from those of the container" {
    map_root
    add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"bind\", \"idmap\"],
        $(mappings 1000 100007 1)}"
    run_container stat /mnt/user /mnt/root
    expect_mapped '/mnt/user .* 7 7$' '/mnt/root .* 65534 65534$'
}

@test "idmap is of one mount, ridmap of all below, too" {
    local option

    for option in idmap ridmap; do
        CONTAINER=$(new_id)
        cp "$TESTS_LIB/config.json" "$BUNDLE/config.json"
        add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\",
            \"options\": [\"rbind\", \"$option\"], $(mappings 0 "$(host_id 4000)" 2000)}"
        set_args /bin/probe stat /mnt/user /mnt/below/file
        # shellcheck disable=SC2016
        run unshare --mount --propagation private bash -c 'mkdir -p "$1/below"; mount -t tmpfs tmpfs "$1/below"
            touch "$1/below/file"; "$2" --root "$3" run --bundle "$4" "$5"' \
            _ "$SOURCE" "$ZIND_OCI" "$ZIND_ROOT" "$BUNDLE" "$CONTAINER" 3>&-
        case $option in
        idmap) expect_mapped '/mnt/user .* 5000 5000$' "/mnt/below/file .* $(host_root)\$" ;;
        ridmap) expect_mapped '/mnt/user .* 5000 5000$' '/mnt/below/file .* 4000 4000$' ;;
        esac
    done
}

@test "a new file system takes the mappings of the container" {
    map_root
    add_mount '{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["idmap", "mode=755", "ro"]}'
    run_container stat /mnt
    expect_mapped '/mnt .* 0755 .* 0 0$'
}

@test "a new file system has mappings of its own" {
    add_mount "{\"destination\": \"/mnt\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"uid=1000\", \"gid=1000\"],
        $(mappings 1000 "$(host_id 5000)" 1)}"
    run_container stat /mnt
    expect_mapped '/mnt .* 5000 5000$'
}

@test "a read-only idmapped file system is read-only, and what was below it is copied up" {
    map_root
    mkdir "$BUNDLE/rootfs/data"
    echo text >"$BUNDLE/rootfs/data/file"
    chown -R 100000:100000 "$BUNDLE/rootfs/data"
    add_mount '{"destination": "/data", "type": "tmpfs", "source": "tmpfs", "options": ["idmap", "ro", "tmpcopyup"]}'
    set_args /bin/sh -c 'cat /data/file; test -O /data/file && echo owned; echo >/data/new || echo sealed'
    run_container
    expect_mapped '^text$' '^owned$' '^sealed$'
}

@test "idmap uses the mappings of a user namespace that is joined" {
    local holder

    unshare --user sleep 1000 3>&- &
    holder=$!
    eventually has_become "$holder" sleep
    echo '0 100000 65536' >"/proc/$holder/uid_map"
    echo '0 100000 65536' >"/proc/$holder/gid_map"
    edit_config ".linux.namespaces += [{\"type\": \"user\", \"path\": \"/proc/$holder/ns/user\"}]"
    chown -R 100000:100000 "$BUNDLE/rootfs"
    add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"bind\", \"idmap\"]}"
    run_container stat /mnt/user /mnt/root
    kill "$holder"
    expect_mapped '/mnt/user .* 1000 1000$' '/mnt/root .* 0 0$'
}

# config.md, "Mounts", uidMappings: what no kernel takes is refused with its place, before anything is made.
# spec: mounts.*Mappings.size mounts.*Mappings.hostID
@test "mappings of a mount that are empty or overlap are refused" {
    add_mount "{\"destination\": \"/mnt\", \"source\": \"$SOURCE\", \"options\": [\"bind\"],
        \"uidMappings\": [{\"containerID\": 0, \"hostID\": 5, \"size\": 0}],
        \"gidMappings\": [{\"containerID\": 0, \"hostID\": 5, \"size\": 10}, {\"containerID\": 9, \"hostID\": 100, \"size\": 1}]}"
    run_container true
    expect_error "].uidMappings[0].size: maps nothing" "].gidMappings[1]: overlaps entry 0"
}

@test "idmap with neither mappings nor a user namespace is refused" {
    add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"bind\", \"idmap\"]}"
    run_container true
    expect_error 'mounts[7].options' "idmap needs"
}

@test "mappings of users without those of groups are refused" {
    add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"bind\"],
        \"uidMappings\": [{\"containerID\": 0, \"hostID\": 0, \"size\": 1}]}"
    run_container true
    expect_error 'mounts[7]' "need each other"
}

@test "a file system that cannot be idmapped says so" {
    edit_config '.mounts[0].options = ["idmap"]'
    map_root
    run_container true
    expect_error 'mounts[0]' "map the ids of proc" "may not support idmapped mounts"
}

# The mappings of podman's --mount …,idmap=…: crun(1), "idmap mount options".
@test "the option itself may name the mappings, of the host or, behind @, of the container" {
    local option

    map_root
    for option in "idmap=uids=1000-100007-1#0-100000-1;gids=1000-100008-1" "idmap=uids=@1000-7-1#0-0-1;gids=@1000-8-1" \
        "ridmap=gids=@1000-8-1;uids=@1000-7-2"; do
        add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"rbind\", \"$option\"]}"
        run_container stat /mnt/user
        expect_mapped '/mnt/user .* 7 8$'
        edit_config 'del(.mounts[-1])'
    done
    # Of what is not named the container's mappings hold.
    add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"bind\", \"idmap=uids=@1000-7-1\"]}"
    run_container stat /mnt/user
    expect_mapped '/mnt/user .* 7 1000$'
}

@test "without a user namespace the option may name mappings, too" {
    add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"bind\", \"idmap=uids=1000-$(host_id 5000)-10;gids=1000-$(host_id 5001)-10\"]}"
    run_container stat /mnt/user
    expect_mapped '/mnt/user .* 5000 5001$'
}

@test "mappings in an option that cannot be read are refused, and so is what would change owners on a bind mount" {
    local option

    map_root
    for option in idmap= idmap=uids idmap=uids= idmap=users=0-0-1 idmap=uids=0-0 idmap=uids=0-0-0 idmap=uids=0-0-1# \
        "idmap=uids=0-0-1;uids=0-0-1" "idmap=uids=@0-70000-1" "idmap=uids=@0-65535-2" idmap=uids=4294967296-0-1 \
        "idmap=uids=0-0-1x" "ridmap=uids=a-b-c" "idmaps" "uid=5" "gid=5" "umask=0" "U" "readonly" "ro=recursive"; do
        add_mount "{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"bind\", \"$option\"]}"
        run_container true
        [ "$status" -eq 1 ] || fail "$option is accepted: $output"
        expect_error "mounts[7].options"
        edit_config 'del(.mounts[-1])'
    done
}
