# SPDX-License-Identifier: Apache-2.0
# A place of its own for a container engine: private mount, network and pid namespaces with their own
# /run, an offline image of busybox and the probe; all that is started there dies with it.
# shellcheck shell=bash disable=SC2034,SC2154

bats_require_minimum_version 1.5.0

CLIENTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lib/bundle.bash
source "$CLIENTS/../lib/bundle.bash"

# The cgroups that are not there before the first test must not be there after the last.
list_cgroups()
{
    find /sys/fs/cgroup -mindepth 1 -type d \( -name 'libpod*' -o -name 'conmon*' \) 2>/dev/null |
        sort || true
}

# Starts the place: its process 1 reaps what engines leave to it, and is told to end by its death.
place_start()
{
    PLACE=$(mktemp -d "${TMPDIR:-/tmp}/zc.XXXXXX")
    export PLACE
    list_cgroups >"$PLACE/cgroups-before"
    # shellcheck disable=SC2016
    unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private \
        bash -c 'mount -t tmpfs -o mode=755 tmpfs /run && mount --make-rshared / &&
            { ip link set lo up 2>/dev/null || busybox ip link set lo up || true; } &&
            echo ready >"$1/ready"
            while :; do sleep 3600 & wait $!; done' _ "$PLACE" \
        </dev/null >"$PLACE/log" 2>&1 3>&- &
    PLACE_UNSHARE=$!
    for _ in $(seq 100); do
        [ ! -f "$PLACE/ready" ] || break
        sleep 0.05
    done
    PLACE_INIT=$(cat "/proc/$PLACE_UNSHARE/task/$PLACE_UNSHARE/children")
    PLACE_INIT=${PLACE_INIT%% *}
    export PLACE_UNSHARE PLACE_INIT
    [ -f "$PLACE/ready" ] || { cat "$PLACE/log" >&2; return 1; }
}

place_stop()
{
    local path

    [ -n "${PLACE-}" ] || return 0
    kill -KILL "$PLACE_UNSHARE" 2>/dev/null || true
    while kill -0 "$PLACE_UNSHARE" 2>/dev/null; do sleep 0.05; done
    list_cgroups | comm -13 "$PLACE/cgroups-before" - | sort -r | while read -r path; do
        rmdir "$path" 2>/dev/null || true
    done
    rm -rf "$PLACE"
}

# The words that run a command in the place, in an environment that says nothing of ours: $ENTER.
enter_words()
{
    ENTER=(nsenter --target "$PLACE_INIT" --mount --net --pid --
        env -i PATH="$PATH" HOME="$PLACE" TERM=dumb LANG=C.UTF-8 TMPDIR=/run
        CONTAINERS_CONF="$PLACE/containers.conf" CONTAINERS_STORAGE_CONF="$PLACE/storage.conf"
        CONTAINERS_REGISTRIES_CONF="$PLACE/registries.conf")
}

in_place()
{
    enter_words
    "${ENTER[@]}" "$@" 3>&-
}

# A layered file system cannot be stacked on every other; copying works everywhere.
storage_driver()
{
    case $(stat -f -c %T "$PLACE") in
    overlayfs | tmpfs | ramfs) echo vfs ;;
    *) echo overlay ;;
    esac
}

# podman reads no file of the host's configuration, and keeps everything in the place.
podman_configure()
{
    cat >"$PLACE/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
    cat >"$PLACE/storage.conf" <<CONF
[storage]
driver = "$(storage_driver)"
graphroot = "$PLACE/storage"
runroot = "/run/storage"
CONF
    printf 'unqualified-search-registries = []\n' >"$PLACE/registries.conf"
}

# What comes before podman's own command: $PODMAN.
podman_words()
{
    enter_words
    PODMAN=("${ENTER[@]}" podman --root "$PLACE/storage" --runroot /run/storage
        --tmpdir /run/libpod --network-config-dir "$PLACE/networks" --runtime "$ZIND_OCI")
}

podman()
{
    podman_words
    "${PODMAN[@]}" "$@" 3>&-
}

# import_image NAME: the root file system of the tests' bundles as an image.
import_image()
{
    make_rootfs "$PLACE/image"
    touch "$PLACE/image/etc/plain-file"
    tar -C "$PLACE/image" -cf "$PLACE/image.tar" .
    podman import --change 'CMD=["/bin/sh"]' --change 'ENV=PATH=/bin' "$PLACE/image.tar" "$1"
}

# run_podman WORD...: `podman run` of the image, removed afterwards; sets $status and $output.
run_podman()
{
    # Not bats' `run`, which warns of status 127: some of these commands are not there on purpose.
    status=0
    output=$(podman run --rm --network none "$@" 2>&1) || status=$?
}

# run_podman_terminal WORD...: the same on a terminal of 24 rows and 80 columns.
run_podman_terminal()
{
    podman_words
    run python3 "$CLIENTS/with-terminal.py" "${PODMAN[@]}" run --rm -it --network none "$@" 3>&-
    output=${output//$'\r'/}
}
