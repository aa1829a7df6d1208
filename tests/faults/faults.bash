# SPDX-License-Identifier: Apache-2.0
# What must be true after a row of the plan has failed or a side was killed there.
# shellcheck shell=bash disable=SC2034,SC2154

FAULTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lib/bundle.bash
source "$FAULTS/../lib/bundle.bash"

# Rows that every container takes: here a fault that does nothing is a defect of the injection.
TAKEN_BY_ALL=" state_claim root_open init_spawn init_begin root_attach mounts_attach root_pivot state_save "

LIMIT=30
[ -z "${ZIND_SLOW-}" ] || LIMIT=300

# A side that waits for one that is dead must notice; nothing here takes seconds.
zind()
{
    timeout --foreground --kill-after=5 "$LIMIT" "$ZIND_OCI" --root "$ZIND_ROOT" "$@" 3>&-
}

# Together the configurations take as many rows as this host allows.
configure_plain()
{
    edit_config '
        .process.noNewPrivileges = false |
        .process.oomScoreAdj = 500 |
        .process.user = {"uid": 1000, "gid": 1000, "umask": 18} |
        .process.cwd = "/tmp" |
        .process.ioPriority = {"class": "IOPRIO_CLASS_BE", "priority": 4} |
        .process.scheduler = {"policy": "SCHED_BATCH", "nice": 5} |
        .linux.personality = {"domain": "LINUX"} |
        .linux.sysctl = {"net.ipv4.ip_forward": "1"} |
        .linux.resources += {"pids": {"limit": 100}, "memory": {"limit": 134217728}} |
        .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["keyctl"], "action": "SCMP_ACT_ERRNO"}]} |
        .hooks = (reduce ("prestart", "createRuntime", "createContainer", "startContainer",
            "poststart", "poststop") as $kind ({}; .[$kind] = [{"path": "/bin/true"}]))'
}

configure_userns()
{
    edit_config '
        .linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
        .linux.gidMappings = .linux.uidMappings |
        .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["keyctl"], "action": "SCMP_ACT_ERRNO"}]}'
    # The root of the container walks to the rootfs as another user of the host.
    chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR" "$BUNDLE" 2>/dev/null || true
    chown -R 100000:100000 "$BUNDLE/rootfs"
}

configure_time()
{
    edit_config '.linux.namespaces += [{"type": "time"}] |
        .linux.timeOffsets = {"monotonic": {"secs": 86400}} | .linux.memoryPolicy = {"mode": "MPOL_LOCAL"}'
}

configure_terminal()
{
    edit_config '.process.terminal = true'
}

# configure VARIANT: a bundle and an id of its own; sets $OPTIONS for create.
configure()
{
    CONTAINER=$(new_id)
    OPTIONS=()
    cp "$TESTS_LIB/config.json" "$BUNDLE/config.json"
    set_args /bin/probe pause
    "configure_$1"
    if [ "$1" = terminal ]; then
        rm -f "$BATS_TEST_TMPDIR/console"
        receive_terminal
        OPTIONS=(--console-socket "$CONSOLE")
    fi
}

# create_and_start [VARIABLE=VALUE]: sets $status, $output and $FAILED, the command that failed.
create_and_start()
{
    FAILED=create
    rm -f "$BATS_TEST_TMPDIR/log"
    [ $# -eq 0 ] || export "${1?}"
    create_container "${OPTIONS[@]}"
    if [ "$status" -eq 0 ]; then
        FAILED=start
        output=$(zind start "$CONTAINER" 2>&1) || status=$?
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
    expect_no_leaks
}

no_fault()
{
    local variant

    for variant in plain userns terminal time; do
        configure "$variant"
        create_and_start
        [ -z "$FAILED" ] || fail "$variant: $FAILED failed"
        delete_leaves_nothing
    done
}

# runtime.md, "Errors": a failed create leaves the host as if it had not been tried.
create_fault()
{
    local row=$1 fault=$2 variant

    for variant in plain userns terminal time; do
        configure "$variant"
        create_and_start "ZIND_FAULT=$row:$fault"
        if [ -z "$FAILED" ]; then
            delete_leaves_nothing
            continue
        fi
        if [ "$fault" = fail ]; then
            [[ $output == *"$row"* ]] || fail "$FAILED does not name the row"
        fi
        # Whoever is alive cleans up; only a killed RUNTIME leaves that to delete.
        if [ "$FAILED" = create ] && [ "$fault" != kill-runtime ]; then
            expect_no_leaks || fail "$variant: a failed create left something"
        fi
        delete_leaves_nothing
        return 0
    done
    [[ $fault != fail || $TAKEN_BY_ALL != *" $row "* ]] || fail "the fault had no effect"
    skip "no configuration takes this row here"
}

# A failed exec leaves the container as it was.
exec_fault()
{
    local row=$1 fault=$2

    configure plain
    create_and_start
    [ -z "$FAILED" ] || fail "$FAILED failed"
    status=0
    output=$(ZIND_FAULT=$row:$fault zind exec "$CONTAINER" /bin/probe true 2>&1) || status=$?
    [ "$status" -ne 124 ] || fail "exec did not end"
    expect_equal "$(container_status)" running
    eventually only_the_first_process
    delete_leaves_nothing
    [ "$status" -ne 0 ] || skip "exec does not take this row here"
    [[ $fault != fail || $output == *"$row"* ]] || fail "exec does not name the row"
}

only_the_first_process()
{
    [ "$(zind ps --format json "$CONTAINER" | jq length)" = 1 ]
}
