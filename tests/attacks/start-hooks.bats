#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# startContainer hooks are programs of the image (config.md, "StartContainer Hooks": the path is resolved in the
# container): what holds the container's own program down holds them down, too.
load ../lib/bundle

# A hook inside that tells what holds for it, in the container's /tmp/told.
set_hook()
{
    # shellcheck disable=SC2016
    edit_config '.process.user = { uid: 1000, gid: 1000 } | .hooks.startContainer = [{ path: $path,
        args: ["sh", "-c", "id -u; grep -E \"^(NoNewPrivs|Seccomp|CapEff|CapBnd|CapAmb):\" /proc/self/status"] }] |
        .mounts += [{ destination: "/tmp", type: "bind", source: $to, options: ["bind", "rw"] }]' \
        --arg path "$1" --arg to "$BATS_TEST_TMPDIR/to"
    mkdir -p -m 777 "$BATS_TEST_TMPDIR/to"
    edit_config '.hooks.startContainer[0].args[2] |= "exec >/tmp/told; " + .'
}

deny_mkdir()
{
    edit_config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 95 }] }'
}

# Sets $output to what the hook told.
read_told()
{
    output=$(tr '\t\n' ' ,' <"$BATS_TEST_TMPDIR/to/told")
}

@test "a startContainer hook has the program's user, no_new_privs, filter and capabilities" {
    set_hook /bin/sh
    deny_mkdir
    edit_config '.process.noNewPrivileges = true | .process.capabilities = ({ bounding: ["CAP_NET_RAW"], inheritable:
        ["CAP_NET_RAW"], permitted: ["CAP_NET_RAW"], effective: ["CAP_NET_RAW"], ambient: ["CAP_NET_RAW"] })'
    run_container true
    expect_ok
    read_told
    expect_match '1000,CapEff: 0000000000002000,CapBnd: 0000000000002000,CapAmb: 0000000000002000,NoNewPrivs: 1,Seccomp: 2,'
}

@test "a setuid program of the image that runs as a hook stays the user it is" {
    cp "$BUNDLE/rootfs/bin/probe" "$BUNDLE/rootfs/bin/setuid-probe"
    chmod 4755 "$BUNDLE/rootfs/bin/setuid-probe"
    set_hook /bin/sh
    edit_config '.process.noNewPrivileges = true |
        .hooks.startContainer[0].args[2] = "/bin/setuid-probe proc-status >/tmp/told"'
    run_container true
    expect_ok
    read_told
    expect_match 'Uid: 1000 1000 1000 1000,' 'Groups: ' 'NoNewPrivs: 1,'
}

@test "without no_new_privs the filter holds for the hook as it does for the program" {
    set_hook /bin/sh
    deny_mkdir
    edit_config '.process.noNewPrivileges = false | .hooks.startContainer[0].args[2] += "; mkdir /tmp/made; true"'
    run_container true
    expect_ok
    read_told
    expect_match 'NoNewPrivs: 0,Seccomp: 2,'
    [ ! -e "$BATS_TEST_TMPDIR/to/made" ] || fail "the hook made a folder that the filter denies"
}
