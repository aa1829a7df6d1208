# SPDX-License-Identifier: Apache-2.0
# What the tests of Docker have in common: the daemon, the image, and a clean table after each test.
# shellcheck shell=bash disable=SC2034,SC2154

setup_file()
{
    needs_root
    needs_command dockerd docker containerd jq python3
    place_start
    archive_image bb:latest
    docker_start
    docker load --input "$PLACE/archive.tar"
}

teardown_file()
{
    place_stop
}

setup()
{
    NAME=c$BATS_TEST_NUMBER
}

teardown()
{
    local ids

    ids=$(docker ps --all --quiet)
    # shellcheck disable=SC2086
    [ -z "$ids" ] || docker rm --force $ids >/dev/null
}

# start_pausing [OPTION...]: the container $NAME, whose id is $CONTAINER.
start_pausing()
{
    CONTAINER=$(docker run -d --name "$NAME" --network none "$@" bb /bin/probe pause)
}

docker_state()
{
    docker inspect --format "{{.State.$1}}" "$NAME"
}
