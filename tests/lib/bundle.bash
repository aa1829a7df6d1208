# SPDX-License-Identifier: Apache-2.0
# A bundle and a state root for each test, the runtime to run on them, and the clean-up that proves
# that nothing stays behind. A bats file needs `load ../lib/bundle` and nothing else.
# shellcheck shell=bash disable=SC2034,SC2119,SC2120,SC2154

bats_require_minimum_version 1.5.0

TESTS_LIB=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
export ZIND_OCI=${ZIND_OCI:-$(cd "$TESTS_LIB/../.." && pwd)/zind-oci}
APPLETS="sh true false cat echo sleep id ls mount mkdir kill ps grep head test stty touch"

# shellcheck source=tests/lib/expect.bash
source "$TESTS_LIB/expect.bash"
# shellcheck source=tests/lib/leaks.bash
source "$TESTS_LIB/leaks.bash"
if [ -n "${ZIND_MODE-}" ]; then
    # shellcheck source=tests/lib/mode.bash
    source "$TESTS_LIB/mode.bash"
fi

# bats notes a whole stack before each command, which costs an emulated guest more than the tests do:
# there, only the line of the test.
if [ -n "${ZIND_SLOW-}" ]; then
    bats_debug_trap()
    {
        [[ $1 != "$BATS_TEST_SOURCE" ]] ||
            BATS_DEBUG_LAST_STACK_TRACE=("${BASH_LINENO[0]} ${FUNCNAME[1]} $1")
    }
fi

# A root file system: the probe, and static busybox with the applets above.
build_rootfs()
{
    local rootfs=$1 applet busybox

    mkdir -p "$rootfs"/{bin,dev,etc,proc,run,sys,tmp,root,mnt}
    chmod 1777 "$rootfs/tmp"
    cp "$("$TESTS_LIB/build-probe")" "$rootfs/bin/probe"
    busybox=$(command -v busybox)
    cp "$busybox" "$rootfs/bin/busybox"
    for applet in $APPLETS; do
        ln -s busybox "$rootfs/bin/$applet"
    done
    printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n' >"$rootfs/etc/passwd"
    printf 'root:x:0:\nuser:x:1000:\n' >"$rootfs/etc/group"
}

# The folder of one; what takes two dozen programs is built once a run, by whoever is first (ZIND_TEST_MODEL: once for
# several runs of bats).
make_rootfs()
{
    local model=${ZIND_TEST_MODEL:-$BATS_RUN_TMPDIR/zind-rootfs}

    if [ ! -d "$model" ]; then
        build_rootfs "$model.$BASHPID"
        mv -T "$model.$BASHPID" "$model" 2>/dev/null || rm -rf "$model.$BASHPID"
    fi
    [ ! -d "$1" ] || { cp -a "$model/." "$1"; return; }
    cp -a "$model" "$1"
}

# make_bundle FOLDER: FOLDER/rootfs and FOLDER/config.json.
make_bundle()
{
    local config

    mkdir -p "$1"
    make_rootfs "$1/rootfs"
    IFS= read -r -d '' config <"$TESTS_LIB/config.json" || true
    printf '%s' "$config" >"$1/config.json"
}

setup_bundle()
{
    [ "$EUID" -eq 0 ] || needs_root
    TOKEN=zt$BASHPID-$RANDOM
    BUNDLE=$BATS_TEST_TMPDIR/bundle
    ZIND_ROOT=$BATS_TEST_TMPDIR/root
    printf '%s\n' "$TOKEN" >"$BATS_TEST_TMPDIR/token"
    CONTAINER=$(new_id)
    make_bundle "$BUNDLE"
    [ -z "${ZIND_MODE-}" ] || setup_mode
}

# Deletes every container of the test, then fails if the host can tell that there was one.
teardown_bundle()
{
    local id ids=() state

    [ -n "${TOKEN-}" ] || return 0
    mapfile -t ids <"$BATS_TEST_TMPDIR/ids"
    for state in "$ZIND_ROOT"/*"$TOKEN"*; do ids+=("${state##*/}"); done
    for id in "${ids[@]}"; do
        [ ! -e "$ZIND_ROOT/$id" ] || zind delete --force "$id" >/dev/null 2>&1 || true
    done
    expect_no_leaks
}

setup()
{
    setup_bundle
}

teardown()
{
    teardown_bundle
}

# Prints a container id that no other test on this host has; teardown deletes it. All are of one length: cgroups are
# found by them, and none must be another's beginning.
new_id()
{
    local - id number=0

    # Whose file is made has the number; chance gave two of a test the same.
    set -o noclobber
    until { : >"$BATS_TEST_TMPDIR/id-$number"; } 2>/dev/null; do number=$((number + 1)); done
    printf -v id '%s-%05d' "$TOKEN" $number
    printf '%s\n' "$id" >>"$BATS_TEST_TMPDIR/ids"
    printf '%s\n' "$id"
}

# The runtime with the state root of this test and, from the environment, more global options
# (ZIND_GLOBALS=--systemd-cgroup). Descriptor 3 is the one bats waits for.
zind()
{
    # shellcheck disable=SC2086
    "$ZIND_OCI" --root "$ZIND_ROOT" ${ZIND_GLOBALS-} "$@" 3>&-
}

# The same, which has to be over within 30 seconds (300 in an emulated guest): what may hang, fails.
quick()
{
    # shellcheck disable=SC2086
    timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" ${ZIND_GLOBALS-} "$@" 3>&-
}

# edit_config EXPRESSION [JQ-OPTION...]: config.json through jq, e.g. '.hostname = "web"'.
edit_config()
{
    local expression=$1 config

    shift
    config=$(jq "$expression" "$BUNDLE/config.json" "$@") || return
    printf '%s\n' "$config" >"$BUNDLE/config.json"
}

# set_args WORD...: what the container runs.
set_args()
{
    # shellcheck disable=SC2016
    edit_config '.process.args = $ARGS.positional' --args -- "$@"
}

# run_container [WORD...]: sets $status and $output; the words are arguments of the probe.
run_container()
{
    [ $# -eq 0 ] || set_args /bin/probe "$@"
    run zind run --bundle "$BUNDLE" "$CONTAINER"
}

# create_container [OPTION...]: as `run zind create`, though what is created outlives it: its output
# goes to the file that container_output prints, the runtime's own to $output.
create_container()
{
    status=0
    zind --log "$BATS_TEST_TMPDIR/log" create --bundle "$BUNDLE" \
        --pid-file "$BATS_TEST_TMPDIR/pid" "$@" "$CONTAINER" \
        </dev/null >"$BATS_TEST_TMPDIR/output" 2>"$BATS_TEST_TMPDIR/errors" || status=$?
    output=$(<"$BATS_TEST_TMPDIR/errors")
    [ ! -s "$BATS_TEST_TMPDIR/log" ] || output+=${output:+$'\n'}$(<"$BATS_TEST_TMPDIR/log")
}

# start_container [OPTION-OF-CREATE...]: creates and starts $CONTAINER; the test fails if that does.
start_container()
{
    create_container "$@"
    expect_ok
    zind start "$CONTAINER" || fail "start failed"
}

# start_idle: a running container that waits, prints the signals it gets, and ends with TERM.
start_idle()
{
    set_args /bin/probe pause
    start_container "$@"
    wait_for_output ready
}

# receive_terminal: a console socket at $CONSOLE; what comes through goes to the output file.
receive_terminal()
{
    needs_command python3
    CONSOLE=$BATS_TEST_TMPDIR/console
    python3 "$TESTS_LIB/receive-terminal.py" "$CONSOLE" "$BATS_TEST_TMPDIR/terminal" \
        </dev/null >/dev/null 2>&1 3>&- &
    eventually listens "$CONSOLE"
}

# listens PATH: somebody does, at that socket; its file is there a moment earlier, and who connects then is refused.
listens()
{
    # 00010000: who waits for connections.
    grep -qE "^[^ ]+ [0-9A-F]+ [0-9A-F]+ 00010000 .* $1\$" /proc/net/unix
}

# exec_probe WORD...: the probe inside the running $CONTAINER; sets $status and $output.
exec_probe()
{
    run zind exec "$CONTAINER" /bin/probe "$@"
}

container_output()
{
    cat "$BATS_TEST_TMPDIR/output" "$BATS_TEST_TMPDIR/errors"
}

container_pid()
{
    cat "$BATS_TEST_TMPDIR/pid"
}

# host_id N: which id of the host the container's N, from 1 on, is where tests/modes/run gave it a user namespace.
host_id()
{
    echo $((${ZIND_MODE_FIRST-0} + $1))
}

# How the container sees files of the host's root: its id there, as owner and group.
host_root()
{
    local id=${ZIND_MODE_ROOT-0}

    echo "$id $id"
}

# give_caller FOLDER...: what the test made belongs to whoever calls the runtime.
give_caller()
{
    [ "${ZIND_MODE-}" != rootless ] || chown -R "$ZIND_MODE_USER" "$@"
}

# No jq: tests ask it again and again.
container_status()
{
    local state status='"status": *"([a-z]+)"'

    state=$(zind state "${1:-$CONTAINER}") || return
    [[ $state =~ $status ]] && printf '%s\n' "${BASH_REMATCH[1]}"
}

# eventually COMMAND...: retries for 20 seconds (50 with ZIND_SLOW, in an emulated guest) and what the tries themselves
# take, in all no longer than PATIENCE seconds.
eventually()
{
    local tries=400 patience=${PATIENCE:-100} began=$SECONDS

    [ -z "${ZIND_SLOW-}" ] || tries=1000 patience=${PATIENCE:-200}

    while [ $((tries--)) -gt 0 ] && [ $((SECONDS - began)) -le "$patience" ]; do
        ! "$@" || return 0
        sleep 0.05
    done
    fail "did not come true: $*"
}

# wants_lock PID: that command has come to where it waits for the lock of $CONTAINER, or has it: besides the state
# folder itself it has opened the folder as a lock.
wants_lock()
{
    [ "$(readlink "/proc/$1/fd/"* 2>/dev/null | grep -cxF "$ZIND_ROOT/$CONTAINER")" -ge 2 ]
}

# has_become PID NAME: that process has come to execute NAME, and done what went before.
has_become()
{
    [ "$(cat "/proc/$1/comm")" = "$2" ]
}

# Its files may not be there yet.
has_output()
{
    local file text=""

    for file in output errors; do
        [ ! -s "$BATS_TEST_TMPDIR/$file" ] || text+=$'\n'$(<"$BATS_TEST_TMPDIR/$file")$'\n'
    done
    [[ $text == *$'\n'"$1"$'\n'* ]]
}

has_status()
{
    [ "$(container_status)" = "$1" ]
}

wait_for_output()
{
    eventually has_output "$1"
}

wait_for_status()
{
    eventually has_status "$1"
}

# cgroup_folder CONTROLLER: where $CONTAINER lives on the host, in the hierarchy of that controller. Else a folder that
# is not there, and in which none can be made.
cgroup_folder()
{
    local base=/sys/fs/cgroup/$1 folder

    [ -d "$base" ] || base=/sys/fs/cgroup
    # Cgroups of others vanish while it looks.
    folder=$(find "$base" -type d -name "*$CONTAINER*" -print -quit 2>/dev/null) || true
    echo "${folder:-/proc/no-cgroup-of-$CONTAINER}"
}

# freezer_says: "FROZEN" or "THAWED", as the freezer of v1 says it.
freezer_says()
{
    local folder now

    folder=$(cgroup_folder freezer)
    if [ -e "$folder/freezer.state" ]; then
        cat "$folder/freezer.state"
    else
        read -r now <"$folder/cgroup.freeze"
        [ "$now" = 1 ] && echo FROZEN || echo THAWED
    fi
}

# catch_frozen WORD...: the runtime, killed at the moment when $CONTAINER is frozen by it. False: it was faster.
catch_frozen()
{
    local file pid now=

    file=$(cgroup_folder freezer)/freezer.state
    [ -e "$file" ] || file=${file%/*}/cgroup.freeze
    # shellcheck disable=SC2086
    "$ZIND_OCI" --root "$ZIND_ROOT" ${ZIND_GLOBALS-} "$@" >/dev/null 2>&1 3>&- &
    pid=$!
    while [[ $now != FRO* && $now != FREEZING && $now != 1 ]] && kill -0 "$pid" 2>/dev/null; do
        read -r now <"$file"
    done
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null || true
    [ "$(freezer_says)" != THAWED ]
}

# cgroup_value CONTROLLER V1-FILE V2-FILE: what the host's cgroup of $CONTAINER holds.
cgroup_value()
{
    local folder file=$2

    folder=$(cgroup_folder "$1")
    ! host_is_cgroup2 || file=$3
    cat "$folder/$file"
}
