#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Docker's daemon in other moods: killed while containers run, and with all of them in a user namespace.
# shellcheck disable=SC2034
load lib

setup_file()
{
    needs_root
    needs_command dockerd docker containerd jq
}

setup()
{
    NAME=c$BATS_TEST_NUMBER
    place_start
    archive_image bb:latest
}

teardown()
{
    place_stop
}

# bats test_tags=run
@test "a container outlives a restart of the daemon with --live-restore" {
    docker_start --live-restore
    docker load --input "$PLACE/archive.tar"
    docker run -d --name "$NAME" --network none bb /bin/probe pause
    place_signal KILL -x dockerd
    in_time is_gone dockerd
    in_place rm -f /run/docker.pid
    docker_start --live-restore
    expect_equal "$(docker inspect --format '{{.State.Running}}' "$NAME")" true
    run docker exec "$NAME" echo still here
    expect_equal "$output" "still here"
    docker rm --force "$NAME"
}

# config-linux.md, "User namespace mappings".
# bats test_tags=namespaces
@test "--userns-remap puts containers into a user namespace, volumes and exec included" {
    mkdir -p "$PLACE/etc" "$PLACE/volume"
    { grep -v '^zindmap:' /etc/passwd; echo 'zindmap:x:4712:4712::/:/bin/false'; } >"$PLACE/etc/passwd"
    { grep -v '^zindmap:' /etc/group; echo 'zindmap:x:4712:'; } >"$PLACE/etc/group"
    echo zindmap:300000:65536 >"$PLACE/etc/subuid"
    cp "$PLACE/etc/subuid" "$PLACE/etc/subgid"
    # shellcheck disable=SC2016
    in_place sh -c 'for file in passwd group subuid subgid; do
            [ -e /etc/$file ] || touch /etc/$file
            mount --bind "$1/etc/$file" /etc/$file
        done' _ "$PLACE"
    chmod 755 "$PLACE"
    chown 300000:300000 "$PLACE/volume"
    docker_start --userns-remap zindmap
    docker load --input "$PLACE/archive.tar"
    docker run -d --name "$NAME" --network none --volume "$PLACE/volume:/v" bb /bin/probe pause
    run docker exec "$NAME" /bin/sh -c 'id -u; cat /proc/self/uid_map; touch /v/made && echo written'
    expect_line 0 written
    expect_match '^ +0 +300000 +65536$'
    expect_equal "$(stat -c %u "$PLACE/volume/made")" 300000
    docker rm --force "$NAME"
}
