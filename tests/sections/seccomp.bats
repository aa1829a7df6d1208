#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.seccomp, runtime-spec config-linux.md "Seccomp".

load ../lib/bundle

teardown()
{
    teardown_bundle
    [ -z "${AGENT_PID-}" ] || kill -KILL "$AGENT_PID" 2>/dev/null || true
}

deny_getppid()
{
    edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
        {names: ["mkdir", "mkdirat", "no_such_call"], action: "SCMP_ACT_ERRNO", errnoRet: 28}]}'
}

# spec: linux.seccomp.defaultAction linux.seccomp.syscalls.names linux.seccomp.syscalls.action linux.seccomp.syscalls.errnoRet
@test "a denied call returns the errno of the profile" {
    deny_getppid
    run_container mkdir /tmp/new
    [[ $output == *"ENOSPC"* || $output == *"No space left"* ]] || fail "got: $output"
}

@test "the filter is on with and without no_new_privs" {
    deny_getppid
    edit_config '.process.noNewPrivileges = true'
    run_container seccomp
    [[ $output == *"seccomp 2"* ]] || fail "got: $output"
    edit_config '.process.noNewPrivileges = false'
    run_container seccomp
    [[ $output == *"seccomp 2"*"nnp 0"* ]] || fail "got: $output"
}

@test "loading a filter without no_new_privs leaves no capability behind" {
    deny_getppid
    edit_config '.process.noNewPrivileges = false'
    run_container caps
    expect_ok
    expect_match '^effective '
    [[ $output != *CAP_SYS_ADMIN* ]] || fail "got: $output"
}

# spec: linux.seccomp.defaultErrnoRet
@test "an errno for an action that returns none is refused" {
    edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 1}'
    run_container true
    [ "$status" -ne 0 ]
    [[ $output == *linux.seccomp.defaultErrnoRet* ]] || fail "got: $output"
}

@test "exec is under the filter too" {
    deny_getppid
    start_idle
    exec_probe seccomp
    [[ $output == *"seccomp 2"* ]] || fail "got: $output"
}

# start_agent [CALL=ANSWER...]: the example of contrib/ at $AGENT; what it says goes to $SAID.
start_agent()
{
    local top=$TESTS_LIB/../..

    AGENT=$BATS_TEST_TMPDIR/agent
    SAID=$BATS_TEST_TMPDIR/said
    make -s -C "$top" contrib/seccomp-agent/seccomp-agent >&2
    "$top/contrib/seccomp-agent/seccomp-agent" "$AGENT" "$@" </dev/null >"$SAID" 2>&1 3>&- &
    AGENT_PID=$!
    disown
    eventually listens "$AGENT"
}

# notify DEFAULT CALL...: a profile that hands those calls to the agent.
notify()
{
    # shellcheck disable=SC2016
    edit_config '.linux.seccomp = {defaultAction: $ARGS.positional[0], listenerPath: $path,
        listenerMetadata: "hello", syscalls: [{names: $ARGS.positional[1:], action: "SCMP_ACT_NOTIFY"}]}' \
        --arg path "$AGENT" --args -- "$@"
    [ $# -gt 1 ] || edit_config 'del(.linux.seccomp.syscalls)'
}

agent_is_gone()
{
    ! kill -0 "$AGENT_PID" 2>/dev/null
}

agent_said()
{
    grep -qE "$1" "$SAID"
}

expect_said()
{
    eventually agent_said "$1"
}

# config-linux.md, "The Container Process State"
# config-linux.md, "Seccomp", flags: of how to wait for an agent. The kernel refuses that one without a listener.
# spec: linux.seccomp.flags
@test "WAIT_KILLABLE_RECV does no harm where nobody is notified" {
    edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
        flags: ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "SECCOMP_FILTER_FLAG_LOG"],
        syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1}]}'
    run_container mkdir /tmp/new
    expect_line EPERM
}

# spec: linux.seccomp.listenerPath linux.seccomp.listenerMetadata
@test "the agent gets the state and the listener" {
    start_agent mkdir=errno:28 mkdirat=errno:28
    notify SCMP_ACT_ALLOW mkdir mkdirat
    run_container mkdir /tmp/new
    [[ $output == *"ENOSPC"* || $output == *"No space left"* ]] || fail "got: $output"
    expect_said "^$CONTAINER welcome pid=[0-9]+ metadata=hello$"
    expect_said "^$CONTAINER mkdir(at)? pid=[0-9]+ errno$"
    expect_said "^$CONTAINER farewell$"
}

# spec: linux.seccomp.syscalls.action
@test "an agent may make a call up, and let one pass" {
    start_agent getppid=return:77
    notify SCMP_ACT_ALLOW getppid mkdir mkdirat
    set_args /bin/sh -c 'echo "ppid $PPID"; mkdir /tmp/new && echo made'
    run_container
    expect_line "ppid 77" made
}

@test "the calls that reach the agent may be notified themselves, and execve" {
    start_agent
    notify SCMP_ACT_ALLOW sendmsg sendto write close exit_group sched_yield execve
    run_container true
    expect_ok
    expect_said "^$CONTAINER execve pid=[0-9]+ continue$"
}

@test "all calls may be notified, with and without no_new_privs" {
    start_agent
    notify SCMP_ACT_NOTIFY
    run_container true
    expect_ok
    edit_config '.process.noNewPrivileges = false'
    CONTAINER=$(new_id)
    run_container true
    expect_ok
    expect_said "^$CONTAINER capset pid=[0-9]+ continue$"
}

@test "the program has one thread, and no descriptor of the agent's" {
    start_agent
    notify SCMP_ACT_ALLOW mkdir
    set_args /bin/sh -c 'ls /proc/self/task | wc -l; ls /proc/self/fd | tr "\n" " "'
    run_container
    expect_match '^ *1$' '^0 1 2 3 $'
}

is_welcome_twice()
{
    [ "$(grep -c "^$CONTAINER welcome" "$SAID")" -eq 2 ]
}

@test "exec tells the agent of itself" {
    start_agent
    notify SCMP_ACT_ALLOW mkdir
    start_idle
    exec_probe mkdir /tmp/new
    expect_ok
    eventually is_welcome_twice
    expect_said "^$CONTAINER mkdir pid=[0-9]+ continue$"
}

@test "no agent, no container" {
    AGENT=$BATS_TEST_TMPDIR/agent
    notify SCMP_ACT_ALLOW mkdir
    run_container true
    expect_error linux.seccomp.listenerPath "$AGENT"
}

# config-linux.md, listenerPath: "If sending to this socket fails, the runtime MUST generate an error."
@test "an agent that is gone by start is an error, even when all calls are notified" {
    start_agent
    notify SCMP_ACT_NOTIFY
    create_container
    expect_ok
    kill -KILL "$AGENT_PID"
    eventually agent_is_gone
    run timeout "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" start "$CONTAINER" 3>&-
    expect_error listenerPath "seccomp agent"
}

# spec: linux.seccomp.flags
@test "TSYNC goes together with an agent" {
    start_agent
    notify SCMP_ACT_ALLOW mkdir
    edit_config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG"]'
    run_container mkdir /tmp/new
    expect_ok
    expect_said "^$CONTAINER mkdir pid"
}

# spec: linux.seccomp.listenerPath linux.seccomp.listenerMetadata
@test "an action notify without a path, and metadata without one, are refused" {
    edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x",
        syscalls: [{names: ["mkdir"], action: "SCMP_ACT_NOTIFY"}]}'
    run_container true
    expect_error linux.seccomp.listenerMetadata linux.seccomp.listenerPath
}

# --- compiled filters that are kept ---

kept_filters()
{
    find "$ZIND_ROOT/,seccomp" -type f ! -name '.*'
}

# run_denied: a container where mkdir is denied.
run_denied()
{
    CONTAINER=$(new_id)
    run_container mkdir /tmp/new
    [[ $output == *"ENOSPC"* || $output == *"No space left"* ]] || fail "got: $output"
}

@test "a filter is compiled once for all containers of a profile" {
    local file before

    deny_getppid
    run_denied
    file=$(kept_filters)
    expect_equal "$(stat -c '%a %u' "$file")" "600 $(stat -c %u "$ZIND_ROOT")"
    before=$(stat -c %i "$file")
    run_denied
    expect_equal "$(stat -c %i "$(kept_filters)")" "$before"
    # Another profile is another file.
    edit_config '.linux.seccomp.syscalls[0].errnoRet = 1'
    CONTAINER=$(new_id)
    run_container mkdir /tmp/new
    [[ $output == *"EPERM"* || $output == *"not permitted"* ]] || fail "got: $output"
    expect_equal "$(kept_filters | wc -l)" 2
    run zind list --quiet
    expect_equal "$output" ""
}

@test "a kept filter that is damaged, of others or not a file is not used" {
    local file good

    deny_getppid
    run_denied
    file=$(kept_filters)
    good=$BATS_TEST_TMPDIR/good
    cp "$file" "$good"
    # The last instruction of the filter, the middle, the end, nothing at all.
    printf '\377' | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") - 1)) conv=notrunc status=none
    run_denied
    cmp "$file" "$good" || fail "it was not compiled again"
    truncate -s -8 "$file"
    run_denied
    : >"$file"
    run_denied
    cmp "$file" "$good" || fail "it was not compiled again"
    # Another's, or one that others may write to: what is in it allows everything.
    chmod 666 "$file"
    run_denied
    rm "$file"
    mkfifo "$file"
    run_denied
    rm -rf "$file"
    ln -s "$good" "$file"
    run_denied
}

@test "a folder of filters that cannot be used does no harm" {
    deny_getppid
    mkdir -p "$ZIND_ROOT"
    ln -s /proc "$ZIND_ROOT/,seccomp"
    run_denied
    rm "$ZIND_ROOT/,seccomp"
    mkdir -m 777 "$ZIND_ROOT/,seccomp"
    run_denied
    expect_equal "$(find "$ZIND_ROOT/,seccomp" -type f)" ""
}

@test "not more filters are kept than have room" {
    local n

    deny_getppid
    run_denied
    for n in {1..70}; do
        touch -d "2020-01-01 00:00:$((n % 60))" "$ZIND_ROOT/,seccomp/$n"
    done
    for n in 11 12 13; do
        edit_config ".linux.seccomp.syscalls[0].errnoRet = $n"
        CONTAINER=$(new_id)
        run_container mkdir /tmp/new
    done
    expect_equal "$(find "$ZIND_ROOT/,seccomp" -type f | wc -l)" 71
}

# --- a filter that comes ready ---

# ready_filter INSTRUCTION...: "code jt jf k" each, as an annotation.
ready_filter()
{
    local data

    data=$(python3 -c 'import base64, struct, sys
print(base64.b64encode(b"".join(struct.pack("HBBI", *map(int, i.split())) for i in sys.argv[1:])).decode())' "$@")
    # shellcheck disable=SC2016
    edit_config '.annotations["run.oci.seccomp_bpf_data"] = $data' --arg data "$data"
}

@test "a filter of an annotation takes the place of the profile" {
    needs_command python3
    deny_getppid
    # Load the number of the call; mkdir and mkdirat fail with 5, all else is allowed.
    [ "$(uname -m)" = x86_64 ] || skip "the filter is for x86-64"
    ready_filter '32 0 0 0' '21 0 1 83' '6 0 0 327685' '21 0 1 258' '6 0 0 327685' '6 0 0 2147418112'
    run_container mkdir /tmp/new
    [[ $output == *"EIO"* || $output == *"Input/output"* ]] || fail "got: $output"
    edit_config 'del(.linux.seccomp)'
    CONTAINER=$(new_id)
    run_container seccomp
    expect_match '^seccomp 2'
}

@test "a filter of an annotation that is none is refused" {
    edit_config '.annotations["run.oci.seccomp_bpf_data"] = "AAAA"'
    run_container true
    expect_error run.oci.seccomp_bpf_data
}

# config-linux.md, "Seccomp": what is asked for is denied, or somebody is told.
@test "a rule that denies a call which nobody here knows is a warning, and an error to validate --strict" {
    edit_config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["mseal", "getppid", "no_such_call"], action: "SCMP_ACT_ERRNO" }] }'
    run_container true
    expect_ok
    expect_match 'no_such_call.*denies nothing'
    expect_no_match 'mseal.*denies nothing'
    run zind validate --strict --bundle "$BUNDLE"
    expect_status 1
    edit_config '.linux.seccomp.syscalls[0].names = ["mseal", "getppid"]'
    run zind validate --strict --bundle "$BUNDLE"
    expect_ok
    # Where nothing but what is named is allowed, one that is not known is denied anyway.
    edit_config '.linux.seccomp.defaultAction = "SCMP_ACT_ERRNO" |
        .linux.seccomp.syscalls[0] |= (.action = "SCMP_ACT_KILL" | .names = ["no_such_call"])'
    run zind validate --strict --bundle "$BUNDLE"
    expect_ok
}

@test "an unknown system call is an error by annotation only" {
    deny_getppid
    edit_config '.annotations["run.oci.seccomp_fail_unknown_syscall"] = "1"'
    run_container true
    expect_error 'linux.seccomp.syscalls[0].names[2]' no_such_call
}

# There is nobody to ask: a second listener for the same agent would be another container to it.
@test "what an agent would be asked for fails in a startContainer hook" {
    start_agent
    notify SCMP_ACT_ALLOW mkdir mkdirat
    edit_config '.hooks.startContainer = [{ path: "/bin/sh", args: ["sh", "-c", "/bin/mkdir /tmp/made 2>/tmp/told; true"] }]'
    run_container read /tmp/told
    expect_ok
    expect_match 'Function not implemented'
}
