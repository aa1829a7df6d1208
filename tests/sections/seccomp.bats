#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.seccomp, runtime-spec config-linux.md "Seccomp".

load ../lib/bundle

deny_getppid()
{
    edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
        {names: ["mkdir", "mkdirat", "no_such_call"], action: "SCMP_ACT_ERRNO", errnoRet: 28}]}'
}

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

@test "the agent gets the state and the listener" {
    local agent=$BATS_TEST_TMPDIR/agent said=$BATS_TEST_TMPDIR/said

    needs_command python3
    python3 - "$agent" "$said" 3>&- <<'EOF' &
import array, json, socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
server.settimeout(20)
peer, _ = server.accept()
text, ancillary, _, _ = peer.recvmsg(65536, socket.CMSG_SPACE(4))
state = json.loads(text)
with open(sys.argv[2], "w") as out:
    print(state["fds"], state["metadata"], state["state"]["id"], state["pid"] > 1, len(ancillary), file=out)
EOF
    eventually test -S "$agent"
    edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $path,
        listenerMetadata: "hello", syscalls: [{names: ["getpgid"], action: "SCMP_ACT_NOTIFY"}]}' \
        --arg path "$agent"
    run_container true
    [ "$status" -eq 0 ] || fail "got: $output"
    eventually test -s "$said"
    [ "$(cat "$said")" = "['seccompFd'] hello $CONTAINER True 1" ] || fail "said: $(cat "$said")"
}
