# SPDX-License-Identifier: Apache-2.0
# A place of its own for a container engine: private mount, network and pid namespaces with their own
# /run, an offline image of busybox and the probe; all that is started there dies with it.
# shellcheck shell=bash disable=SC2034,SC2154

bats_require_minimum_version 1.5.0

CLIENTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lib/bundle.bash
source "$CLIENTS/../lib/bundle.bash"

# Who makes the containers' cgroups, in the engines' words: systemd where the tests are driven with it.
CGROUP_DRIVER=cgroupfs
[[ ${ZIND_GLOBALS-} != *systemd* ]] || CGROUP_DRIVER=systemd

# The parents that engines make and leave: those that are not there before the first test must not be there after
# the last. Only they: an empty cgroup of a container may be one that another place makes at this moment.
list_cgroups()
{
    find /sys/fs/cgroup -mindepth 1 -type d \( -path '*/libpod_parent*' ! -name 'libpod-*' -o -name 'conmon*' -o -name default \
        -o -name docker \) 2>/dev/null | sort || true
}

# Where $CONTAINER lives; podman's conmon has a scope with the same id beside it.
cgroup_folder()
{
    local base=/sys/fs/cgroup/$1

    [ -d "$base" ] || base=/sys/fs/cgroup
    find "$base" -type d -name "*$CONTAINER*" ! -name '*conmon*' | head -n 1
}

# states_left FOLDER...: what runtimes keep there of containers; ,seccomp is zind-oci's store of filters.
states_left()
{
    in_place sh -c 'ls -A "$@" 2>/dev/null' _ "$@" | grep -vE '^(,seccomp|/.*:|)$' || true
}

# In the place, as its first process. $1: the place; $2: the cgroup driver.
# ZIND_PLACE_V1=1 hides a hybrid host's cgroup2 mount, with which crun does not run.
place_init()
{
    mkdir "$1/run" && mount -t tmpfs -o mode=755 tmpfs "$1/run" || return
    if [ "$2" = systemd ]; then
        mkdir "$1"/run/{systemd,dbus} && mount --rbind /run/systemd "$1/run/systemd" &&
            mount --rbind /run/dbus "$1/run/dbus" || return
    fi
    mount --rbind "$1/run" /run || return
    # podman's locks: those of other files that run at the same time are not ours.
    mount -t tmpfs -o mode=1777 shm /dev/shm || return
    [ -z "${ZIND_PLACE_V1-}" ] || umount /sys/fs/cgroup/unified 2>/dev/null || true
    mount --make-rshared / || return
    ip link set lo up 2>/dev/null || busybox ip link set lo up || true
    echo ready >"$1/ready"
    while :; do sleep 3600 & wait $!; done
}

# cgroup_value CONTROLLER V1-FILE V2-FILE: in a scope crun writes limits to a cgroup of its own making below it.
cgroup_value()
{
    local folder file=$2 value

    folder=$(cgroup_folder "$1")
    ! host_is_cgroup2 || file=$3
    value=$(cat "$folder/$file")
    [ ! -e "$folder/container/$file" ] || [[ $(cat "$folder/container/$file") == max* ]] ||
        value=$(cat "$folder/container/$file")
    printf '%s\n' "$value"
}

# The cgroup of $CONTAINER is a scope where the engine was told to ask systemd, and a folder where it was not.
expect_cgroup_of_driver()
{
    local folder

    folder=$(cgroup_folder memory)
    case $CGROUP_DRIVER:${folder##*/} in
    systemd:*.scope) ;;
    cgroupfs:*.scope | systemd:*) fail "the cgroup is $folder, with the driver $CGROUP_DRIVER" ;;
    cgroupfs:?*) ;;
    *) fail "$CONTAINER has no cgroup" ;;
    esac
}

# remove_cgroup NAME: of a parent that an engine was told to make, and leaves to us.
remove_cgroup()
{
    case $1 in
    *.slice) in_place systemctl stop "${1##*/}" ;;
    *) find /sys/fs/cgroup -type d -name "${1##*/}" -exec rmdir {} + || true ;;
    esac
}

# Starts the place: its process 1 reaps what engines leave to it, and is told to end by its death.
# systemd has to be told pids that it knows, so there the place has no pid namespace.
place_start()
{
    local pids=(--pid --mount-proc) folder=${TMPDIR:-/tmp}

    # In the place /run is another one.
    [[ $folder/ != /run/* ]] || folder=/var/tmp
    PLACE=$(mktemp -d "$folder/zc.XXXXXX")
    export PLACE
    list_cgroups >"$PLACE/cgroups-before"
    [ $CGROUP_DRIVER != systemd ] || pids=()
    unshare --mount --net "${pids[@]}" --fork --kill-child --propagation private \
        bash -c "$(declare -f place_init); "'place_init "$@"' _ "$PLACE" $CGROUP_DRIVER \
        </dev/null >"$PLACE/log" 2>&1 3>&- &
    PLACE_UNSHARE=$!
    for _ in $(seq 600); do
        [ ! -f "$PLACE/ready" ] || break
        sleep 0.05
    done
    PLACE_INIT=$(cat "/proc/$PLACE_UNSHARE/task/$PLACE_UNSHARE/children")
    PLACE_INIT=${PLACE_INIT%% *}
    export PLACE_UNSHARE PLACE_INIT
    [ -f "$PLACE/ready" ] || { cat "$PLACE/log" >&2; return 1; }
}

# place_signal SIGNAL PGREP-WORD...: to processes of the place, but not to those of other places.
place_signal()
{
    in_place sh -c 'signal=$1; shift; pkill --ns $$ --nslist mnt --signal "$signal" "$@"' _ "$@"
}

place_stop()
{
    local path

    [ -n "${PLACE-}" ] || return 0
    [ $CGROUP_DRIVER != systemd ] || place_signal KILL . || true
    kill -KILL "$PLACE_UNSHARE" 2>/dev/null || true
    while kill -0 "$PLACE_UNSHARE" 2>/dev/null; do sleep 0.05; done
    list_cgroups | comm -13 "$PLACE/cgroups-before" - | sort -r | while read -r path; do
        rmdir "$path" 2>/dev/null || true
    done
    rm -rf "$PLACE"
}

# in_time COMMAND...: until it is true; engines have a minute for what they do beside what they were asked.
in_time()
{
    for _ in $(seq 600); do
        ! "$@" || return 0
        sleep 0.1
    done
    fail "did not come true: $*"
}

# is_gone NAME: no process of the place is called so.
is_gone()
{
    ! place_signal 0 -x "$1" >/dev/null
}

# What runs in the place, by name, but for the tests' own words; with systemd it shares the host's pids.
place_processes()
{
    in_place ps -e -o comm= |
        grep -vxE 'ps|sleep|python3|bash|bats.*|nsenter|unshare|timeout|grep|sort|uniq|cat|kworker.*|systemd.*|dbus-daemon' | sort | uniq -c
}

# logged ENGINE NUMBER TEXT: the log of $NAME has so many lines with it.
logged()
{
    [ "$("$1" logs "$NAME" 2>&1 | grep -c -- "$3")" -ge "$2" ]
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

# A file of contrib as users are told to copy it, but for the runtime under test.
contrib_snippet()
{
    sed "s|/usr/bin/zind-oci|$ZIND_OCI|" "$CLIENTS/../../contrib/$1"
}

# podman reads no file of the host's configuration, and keeps everything in the place.
podman_configure()
{
    {
        printf '%s\n' '[containers]' 'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]' \
            'log_driver = "k8s-file"'
        contrib_snippet podman/zind-oci.conf |
            sed "/^\[engine\]/a cgroup_manager = \"$CGROUP_DRIVER\"\nevents_logger = \"file\""
    } >"$PLACE/containers.conf"
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
        --tmpdir /run/libpod --network-config-dir "$PLACE/networks")
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

# archive_image NAME: the same as an archive that docker load and ctr images import read: $PLACE/archive.tar.
archive_image()
{
    local folder=$PLACE/archive digest

    mkdir -p "$folder"
    make_rootfs "$PLACE/image"
    touch "$PLACE/image/etc/plain-file"
    tar -C "$PLACE/image" -cf "$folder/layer.tar" .
    digest=$(sha256sum "$folder/layer.tar")
    jq -n --arg digest "sha256:${digest%% *}" '{architecture: "amd64", os: "linux",
        config: {Cmd: ["/bin/sh"], Env: ["PATH=/bin"]},
        rootfs: {type: "layers", diff_ids: [$digest]}}' >"$folder/config.json"
    jq -n --arg name "$1" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' \
        >"$folder/manifest.json"
    tar -C "$folder" -cf "$PLACE/archive.tar" manifest.json config.json layer.tar
}

# start_daemon NAME COMMAND...: in the place; its output goes to $PLACE/NAME.log.
start_daemon()
{
    local name=$1

    shift
    enter_words
    "${ENTER[@]}" "$@" >"$PLACE/$name.log" 2>&1 </dev/null 3>&- &
}

# wait_for_daemon NAME COMMAND...: until COMMAND works.
wait_for_daemon()
{
    local name=$1 n

    shift
    for n in $(seq 600); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    tail -n 20 "$PLACE/$name.log" >&2
    return 1
}

# containerd with everything in the place; our shim calls are made by its runc v2 shim.
containerd_start()
{
    mkdir -p "$PLACE/containerd"
    {
        contrib_snippet containerd/zind-oci.toml
        cat <<CONF
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/pause:1"
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "native"
[plugins."io.containerd.grpc.v1.cri".cni]
  conf_dir = "$PLACE/cni"
  bin_dir = "/usr/lib/cni"
CONF
    } >"$PLACE/containerd.toml"
    sed -i "/^version = 2/a root = \"$PLACE/containerd/root\"\nstate = \"/run/containerd-state\"\n[grpc]\naddress = \"/run/containerd.sock\"\n[ttrpc]\naddress = \"/run/containerd.ttrpc.sock\"" "$PLACE/containerd.toml"
    [ $CGROUP_DRIVER != systemd ] ||
        sed -i 's/SystemdCgroup = false/SystemdCgroup = true/' "$PLACE/containerd.toml"
    start_daemon containerd containerd --config "$PLACE/containerd.toml"
    wait_for_daemon containerd ctr version
}

containerd_stop()
{
    place_signal TERM -x containerd
    in_time is_gone containerd
}

# An emulated guest may be too slow for ctr's own ten seconds.
CTR=(ctr --address /run/containerd.sock ${ZIND_SLOW:+--connect-timeout 100s})

ctr()
{
    in_place "${CTR[@]}" "$@"
}

# docker_start [OPTION...]: dockerd with everything in the place: no network of its own, the runtime named zind as its default.
docker_start()
{
    mkdir -p "$PLACE/docker-config"
    contrib_snippet docker/daemon.json >"$PLACE/docker-config/daemon.json"
    start_daemon docker dockerd --config-file "$PLACE/docker-config/daemon.json" --data-root "$PLACE/docker" \
        --exec-root /run/docker --pidfile /run/docker.pid --host unix:///run/docker.sock \
        --storage-driver "$(docker_storage_driver)" \
        --exec-opt "native.cgroupdriver=$CGROUP_DRIVER" --oom-score-adjust 0 \
        --userland-proxy=false --iptables=false --ip6tables=false --bridge=none "$@"
    wait_for_daemon docker docker version
}

docker_storage_driver()
{
    [ "$(storage_driver)" = vfs ] && echo vfs || echo overlay2
}

docker()
{
    in_place docker --config "$PLACE/docker-config" --host unix:///run/docker.sock "$@"
}
