# SPDX-License-Identifier: Apache-2.0
# What must be true after a row of the plan has failed or a side was killed there.
# shellcheck shell=bash disable=SC2016,SC2034,SC2154

FAULTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lib/bundle.bash
source "$FAULTS/../lib/bundle.bash"

LIMIT=30
[ -z "${ZIND_SLOW-}" ] || LIMIT=300

# One root file system for all cases: no program of theirs writes to it.
setup_file()
{
    [ "$(id -u)" -eq 0 ] || return 0
    # The root of a user namespace walks to the rootfs as another user of the host.
    chmod 755 "$BATS_RUN_TMPDIR" "${BATS_FILE_TMPDIR%/*}" "$BATS_FILE_TMPDIR"
    make_rootfs "$BATS_FILE_TMPDIR/rootfs"
    make_rootfs "$BATS_FILE_TMPDIR/mapped"
    chown -R 100000:100000 "$BATS_FILE_TMPDIR/mapped"
}

setup()
{
    needs_root
    TOKEN=zt$BASHPID-$RANDOM
    BUNDLE=$BATS_TEST_TMPDIR/bundle
    ZIND_ROOT=$BATS_TEST_TMPDIR/root
    printf '%s\n' "$TOKEN" >"$BATS_TEST_TMPDIR/token"
    mkdir "$BUNDLE"
    CONTAINER=$(new_id)
    OPTIONS=()
    read -ra GLOBALS <<<"${ZIND_GLOBALS-}"
}

# A side that waits for one that is dead must notice; nothing here takes seconds.
zind()
{
    # With it start would wait until the program says that it is ready.
    [ "$1" = start ] || local -x NOTIFY_SOCKET=${NOTIFY-}
    timeout --foreground --kill-after=5 "$LIMIT" "$ZIND_OCI" --root "$ZIND_ROOT" "${GLOBALS[@]}" "$@" 3>&-
}

# --- configurations: together they take every row, for create and for exec ---

# What all have, for every row that wants no configuration of its own.
COMMON='
    .root.path = $rootfs | .process.args = ["/bin/probe", "pause"] |
    .process.noNewPrivileges = false |
    .process.oomScoreAdj = 500 |
    .process.user = {"uid": 1000, "gid": 1000, "umask": 18} |
    .process.cwd = "/tmp" |
    .process.ioPriority = {"class": "IOPRIO_CLASS_BE", "priority": 4} |
    .process.scheduler = {"policy": "SCHED_BATCH", "nice": 5} |
    .process.execCPUAffinity = {"initial": "0", "final": "0"} |
    .linux.personality = {"domain": "LINUX"} |
    .linux.sysctl = {"net.ipv4.ip_forward": "1"} |
    .linux.memoryPolicy = {"mode": "MPOL_LOCAL"} |
    .linux.resources += {"pids": {"limit": 100}, "memory": {"limit": 134217728}} |
    .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": [{"names": ["keyctl"], "action": "SCMP_ACT_ERRNO"}]} |
    .hooks = (reduce ("prestart", "createRuntime", "createContainer", "startContainer",
        "poststart", "poststop") as $kind ({}; .[$kind] = [{"path": "/bin/true"}])) |'

configuration_plain=.

configuration_time='.process.noNewPrivileges = true |
    .linux.namespaces += [{"type": "time"}] |
    .linux.timeOffsets = {"monotonic": {"secs": 86400}}'

configuration_mapped='
    .linux.namespaces += [{"type": "user"}] |
    .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
    .linux.gidMappings = .linux.uidMappings |
    .mounts += [{"destination": "/mnt", "type": "bind", "source": "/usr", "options": ["bind", "ro"]}]'

# The end of INIT is not the end of the others: only for ZIND_FAULTS_CONFIGURATION.
configuration_shared='.linux.namespaces |= map(select(.type != "pid"))'

configuration_terminal='.process.terminal = true'

# The host needs no AppArmor for a fault before the row that would ask for it.
configuration_lsm='.process.apparmorProfile = "unconfined"'

# Its mounts are the runtime's: tests/faults/run gives it a mount namespace of its own.
configuration_inherited='del(.linux.namespaces[] | select(.type == "mount"))'

# Neither is INIT born in its cgroup nor does it move itself.
configuration_disabled='del(.linux.resources) | del(.mounts[] | select(.type == "cgroup"))'

# A veth pair in the network namespace that tests/faults/run makes for all cases.
configuration_devices='.linux.netDevices = {($nic): {"name": "eth0"}}'

# A folder that imitates resctrl, which few machines have.
configuration_rdt='.linux.intelRdt = {"l3CacheSchema": "L3:0=ff", "enableMonitoring": true}'

# exec inherits its cpus.
configuration_unbound='del(.process.execCPUAffinity)'

# A cgroup that becomes the container user's, which is done on v2 alone.
configuration_delegated='.mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end)'

# Files of the host for what hooks say.
configuration_outputs='.annotations = {"run.oci.hooks.stdout": "/dev/null"}'

# A service manager that wants to know when the program is ready.
configuration_notify=.

# configure NAME [JQ-EXPRESSION]: a bundle; sets $OPTIONS for create.
configure()
{
    local text=configuration_$1 rootfs=$BATS_FILE_TMPDIR/rootfs

    [ -n "$1" ] || skip "on this host's cgroups nothing takes this row"
    [ "$1" != mapped ] || rootfs=$BATS_FILE_TMPDIR/mapped
    [ "$1" != devices ] || NIC=$(offer_network_device) || skip "no veth devices"
    jq --arg rootfs "$rootfs" --arg nic "${NIC-}" "$COMMON ${!text} | ${2-.}" "$TESTS_LIB/config.json" \
        >"$BUNDLE/config.json"
    [ "$1" != terminal ] || offer_console
    NOTIFY=""
    [ "$1" != notify ] || NOTIFY=$BATS_TEST_TMPDIR/notify
    export ZIND_RESCTRL=$BATS_TEST_TMPDIR/resctrl
    mkdir -p "$ZIND_RESCTRL"
    read -ra GLOBALS <<<"${ZIND_GLOBALS-}"
    [ "$1" != disabled ] || GLOBALS=(--cgroup-manager disabled)
}

is_v2()
{
    [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]
}

# Prints its name.
offer_network_device()
{
    local name=zt$BASHPID-$RANDOM

    ip link add name "${name:0:14}" type veth || return 1
    echo "${name:0:14}"
}

offer_console()
{
    receive_terminal
    OPTIONS=(--console-socket "$CONSOLE")
}

# taken_by VERB ROW: prints the configuration that takes it.
taken_by()
{
    case $2 in
    terminal_*) [ "$1" = exec ] && echo plain || echo terminal ;;
    mounts_open | mounts_reach | root_reach | id_mappings_write) echo mapped ;;
    namespaces_enter_time | namespaces_open_clocks) echo time ;;
    hooks_open_outputs) echo outputs ;;
    state_note_root) echo inherited ;;
    net_devices_*) echo devices ;;
    notify_socket_*) echo notify ;;
    *intel_rdt*) echo rdt ;;
    scheduler_unbind) echo unbound ;;
    cgroups_enter) is_v2 || [ "$1" = restore ] && echo plain || echo disabled ;;
    cgroups_delegate) ! is_v2 || echo delegated ;;
    cgroups_open | cgroups_join) is_v2 || echo plain ;;
    seccomp_install_late) [ "$1" = exec ] && echo plain || echo time ;;
    lsm_prepare) echo lsm ;;
    *) echo "${ZIND_FAULTS_CONFIGURATION-plain}" ;;
    esac
}

# configure_for VERB ROW [JQ-EXPRESSION]
configure_for()
{
    local name

    name=$(taken_by "$1" "$2")
    [ -n "$name" ] || skip "no configuration takes this row on this host's cgroups"
    configure "$name" "${3-.}"
}

# --- what is always true ---

# create_and_start [VARIABLE=VALUE]: sets $status, $output and $FAILED, the command that failed.
create_and_start()
{
    FAILED=create
    rm -f "$BATS_TEST_TMPDIR/log"
    [ $# -eq 0 ] || export "${1?}"
    create_container "${OPTIONS[@]}"
    # Without this, start could still meet the INIT that is about to fail.
    [[ ${1-} != *=start_await:fail && ${1-} != *=start_await:kill-init ]] || wait_for_status stopped
    if [ "$status" -eq 0 ]; then
        FAILED=start
        output+=$(zind start "$CONTAINER" 2>&1) || status=$?
        [ "$status" -ne 0 ] || FAILED=""
    fi
    unset ZIND_FAULT
    [ "$status" -ne 124 ] || fail "$FAILED did not end"
}

# From any instant, twice in a row, and nothing is left.
delete_leaves_nothing()
{
    zind delete --force "$CONTAINER" || fail "delete --force failed"
    zind delete --force "$CONTAINER" || fail "a second delete --force failed"
    expect_nothing_left
}

# The killer and the receiver of a terminal end a moment after the last side.
expect_nothing_left()
{
    eventually no_process_left
    expect_no_leaks
    [ -z "$(find "$BATS_TEST_TMPDIR" -path '*/resctrl/*' ! -path '*/resctrl/mon_groups')" ] ||
        fail "a resctrl group is left"
}

no_process_left()
{
    [ -z "$(leaked_processes)" ]
}

no_fault()
{
    configure "$1"
    create_and_start
    [ -z "$FAILED" ] || fail "$FAILED failed"
    expect_equal "$(container_status)" running
    delete_leaves_nothing
}

# --- create and start ---

# create_fault ROW FAULT
create_fault()
{
    local row=$1 fault=$2

    configure_for create "$row"
    create_and_start "ZIND_FAULT=$row:$fault"
    expect_end_of_create "$row" "$fault"
    # runtime.md, "Errors": a failed create leaves the host as if it had not been tried; only a
    # killed RUNTIME leaves that to delete.
    if [ "$FAILED" = create ] && [ "$fault" != kill-runtime ]; then
        expect_nothing_left || fail "a failed create left something"
    fi
    delete_leaves_nothing
}

expect_end_of_create()
{
    case $1:$2 in
    keyring_join:fail)
        [ -z "$FAILED" ] || fail "$FAILED failed"
        [[ $output == *warning*keyring_join* ]] || fail "there is no warning that names the row"
        ;;
    start_await:fail | start_await:kill-init)
        expect_equal "$FAILED" start
        expect_error "is stopped, not created"
        ;;
    start_await:kill-runtime)
        # What was recorded as created can be started, whether create had ended or not.
        [ "$FAILED" != create ] || zind start "$CONTAINER" || fail "start failed"
        wait_for_status running
        ;;
    *:fail)
        [ -n "$FAILED" ] || fail "the fault had no effect"
        expect_error "$1"
        ;;
    *:kill-runtime)
        expect_equal "$status" 137
        ;;
    signals_reset:* | seccomp_install:* | capabilities_drop:* | seccomp_install_late:* | program_run:*)
        # After its last word INIT's death looks like that of a program which ends at once.
        expect_equal "$FAILED" ""
        wait_for_status stopped
        ;;
    *)
        [ -n "$FAILED" ] || fail "the fault had no effect"
        [ "$status" -ne 137 ] || fail "$FAILED was killed"
        ;;
    esac
}

# --- run: RUNTIME stays, so that it cleans up after the start as well ---

run_fault()
{
    local row=$1 fault=$2

    configure_for create "$row" '.process.args = ["/bin/probe", "true"]'
    status=0
    output=$(ZIND_FAULT=$row:$fault zind run --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" \
        "${OPTIONS[@]}" "$CONTAINER" </dev/null 2>&1) || status=$?
    [ "$status" -ne 124 ] || fail "run did not end"
    expect_end_of_run "$row" "$fault"
    [ "$fault" = kill-runtime ] || expect_nothing_left || fail "run left something"
    delete_leaves_nothing
}

expect_end_of_run()
{
    case $1:$2 in
    keyring_join:fail)
        expect_ok
        [[ $output == *warning*keyring_join* ]] || fail "there is no warning that names the row"
        ;;
    # Nobody listens between create and start.
    start_await:fail) [ "$status" -ne 0 ] || fail "the fault had no effect" ;;
    *:fail) expect_error "$1" ;;
    *:kill-runtime) expect_status 137 ;;
    *) [ "$status" -ne 0 ] || fail "the fault had no effect" ;;
    esac
}

# --- restore ---

# restore_fault ROW FAULT [IS-RESTORED]: up to where criu begins on every kernel, with an empty folder of
# images; then, with IS-RESTORED, where criu can.
restore_fault()
{
    local row=$1 fault=$2 images=$BATS_TEST_TMPDIR/images

    needs_command criu
    if [ -n "${3-}" ]; then
        criu_knows_kernel || skip "criu does not know this kernel"
        images=$BATS_FILE_TMPDIR/images
        make_images
        configure_for restore "$row"
    else
        configure_for restore "$row" 'del(.hooks)'
        mkdir "$images"
    fi
    status=0
    ZIND_FAULT=$row:$fault zind --log "$BATS_TEST_TMPDIR/log" restore --detach --bundle "$BUNDLE" \
        --pid-file "$BATS_TEST_TMPDIR/pid" --image-path "$images" --work-path "$BATS_TEST_TMPDIR/work" \
        "$CONTAINER" </dev/null > >(exec cat >/dev/null 3>&-) 2>&1 || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/log" 2>/dev/null) || true
    case $fault in
    fail)
        expect_error "$row"
        expect_nothing_left || fail "a failed restore left something"
        [ ! -e "$BATS_TEST_TMPDIR/pid" ] || fail "a failed restore left its pid file"
        ;;
    kill-runtime) expect_status 137 ;;
    esac
    delete_leaves_nothing
}

# Its own checks end before they begin where it does not understand the vDSO.
criu_knows_kernel()
{
    ! criu check 2>&1 | grep -q 'kerndat_vdso_fill_symtable failed'
}

# Those of the plain configuration, by whoever is first. With pipes, since criu insists on the size of a file.
make_images()
{
    (
        flock 9
        [ ! -e "$BATS_FILE_TMPDIR/images" ] || exit 0
        configure plain
        zind run --detach --bundle "$BUNDLE" "$CONTAINER" </dev/null > >(exec cat >/dev/null 3>&-) 2>&1
        zind checkpoint --image-path "$BATS_FILE_TMPDIR/images" "$CONTAINER" ||
            fail "$(tail -n 20 "$BATS_FILE_TMPDIR/images/dump.log")"
    ) 9>"$BATS_FILE_TMPDIR/images.lock"
}

# --- exec ---

# A failed exec leaves the container as it was.
exec_fault()
{
    local row=$1 fault=$2 program=(/bin/probe true) options=(--pid-file "$BATS_TEST_TMPDIR/exec.pid")

    configure_for exec "$row"
    create_and_start
    [ -z "$FAILED" ] || fail "$FAILED failed"
    case $row in
    terminal_*)
        offer_console
        options+=(--tty --console-socket "$CONSOLE")
        ;;
    seccomp_install_late) options+=(--no-new-privs) ;;
    esac
    # RUNTIME kills INIT after it has become the program: then that must not have ended.
    [ "$fault" != kill-init ] || program=(/bin/sleep 60)
    status=0
    output=$(ZIND_FAULT=$row:$fault zind exec "${options[@]}" "$CONTAINER" "${program[@]}" 2>&1) ||
        status=$?
    [ "$status" -ne 124 ] || fail "exec did not end"
    expect_end_of_exec "$row" "$fault"
    eventually only_the_first_process
    expect_equal "$(container_status)" running
    delete_leaves_nothing
}

expect_end_of_exec()
{
    case $1:$2 in
    keyring_join:fail)
        expect_status 0
        [[ $output == *warning*keyring_join* ]] || fail "there is no warning that names the row"
        ;;
    *:fail) expect_error "$1" ;;
    *:kill-runtime) expect_status 137 ;;
    *) [ "$status" -ne 0 ] || fail "the fault had no effect" ;;
    esac
}

only_the_first_process()
{
    [ "$(zind ps --format json "$CONTAINER" | jq length)" = 1 ]
}

# --- hooks at work ---

# hook_fault KIND SIDE CONFIGURATION: a side is killed while a hook of that kind runs for ever.
hook_fault()
{
    local kind=$1 side=$2 command=(create --bundle "$BUNDLE") runtime

    configure "$3" ".hooks = {\"$kind\": [{\"path\": \"/bin/sh\",
        \"args\": [\"sh\", \"-c\", \"while :; do sleep 0.05; done\", \"$TOKEN\"]}]}"
    if [ "$kind" = startContainer ] || [ "$kind" = poststart ]; then
        create_container
        expect_ok
        command=(start)
    fi
    # Not by way of `timeout`, which would be who is killed.
    "$ZIND_OCI" --root "$ZIND_ROOT" "${GLOBALS[@]}" "${command[@]}" "$CONTAINER" </dev/null >/dev/null 2>&1 3>&- &
    runtime=$!
    eventually hook_runs
    case ${command[0]}-$side in
    *-runtime) kill -KILL "$runtime" ;;
    create-init) kill -KILL "$(pgrep -P "$runtime" -f zind-oci)" ;;
    start-init) kill -KILL "$(container_pid)" ;;
    esac
    ! wait "$runtime" || fail "${command[0]} did not fail"
    # A hook ends with its runner, and until it is created INIT with its own.
    [ "$kind-$side" = startContainer-runtime ] || eventually no_hook_runs
    delete_leaves_nothing
}

hook_runs()
{
    leaked_processes | grep -q 'while :'
}

no_hook_runs()
{
    ! hook_runs
}
