# SPDX-License-Identifier: Apache-2.0
# What the tests of podman have in common: the engine, the image localhost/bb, and no container after each test.
# A file that makes pods says PODS=yes.
# shellcheck shell=bash disable=SC2034,SC2154

# podman_setup COMMAND...: those are needed, too.
podman_setup()
{
    needs_root
    needs_command podman conmon "$@"
    place_start
    podman_configure
    import_image bb
}

setup_file()
{
    podman_setup
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
    [ -z "${PODS-}" ] || podman pod rm --force --all --time 0 >/dev/null
    podman rm --force --all --time 0 >/dev/null
}

# start_pausing [OPTION...]: the container $NAME, whose id is $CONTAINER.
start_pausing()
{
    CONTAINER=$(podman run -d --name "$NAME" --network none "$@" bb /bin/probe pause)
}

# What /proc/self/ns/KIND is in container NAME.
namespace_in()
{
    podman exec "$1" /bin/busybox readlink "/proc/self/ns/$2"
}

podman_state()
{
    podman inspect --format "{{.State.${1:-Status}}}" "$NAME"
}

# no_process_of PID: neither that process of $CONTAINER nor its conmon is there.
no_process_of()
{
    ! in_place test -d "/proc/$1" && ! in_place pgrep -f "^[^ ]*conmon .*$CONTAINER" >/dev/null
}

# conmon's scope is taken away by systemd, when it has seen conmon's end.
no_cgroup_of_container()
{
    [ -z "$(find /sys/fs/cgroup -type d -name "*$CONTAINER*")" ]
}
