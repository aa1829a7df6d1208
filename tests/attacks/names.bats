#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Names and numbers that mean more than they say: a user that ends as root (CVE-2016-3697, 2026-30892),
# ids and cgroup paths that climb, NUL and overflow (CVE-2021-43784), capabilities that were never asked
# for (CVE-2022-27650, 2022-29162, youki 2025-27612), separators in values (CVE-2022-0811, 2024-3154).
load ../lib/bundle

# What is created by mistake must not hold the pipe of `run`.
try_create()
{
    status=0
    quick create --bundle "$BUNDLE" "$CONTAINER" </dev/null >"$BATS_TEST_TMPDIR/said" 2>&1 || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/said")
}

# refused EXPRESSION TEXT...: config.json so changed is refused, and nothing is left.
refused()
{
    local before

    before=$(cat "$BUNDLE/config.json")
    edit_config "$1"
    try_create
    expect_status 1 || fail "$1"
    expect_error "${@:2}" || fail "$1"
    [ ! -e "$ZIND_ROOT/$CONTAINER" ] || fail "state is left"
    printf '%s\n' "$before" >"$BUNDLE/config.json"
}

# config.md, "User": on Linux numbers, never names that an image could define.
@test "exec takes a user as exact numbers, nothing that could be read as another" {
    local user

    # What the image calls 1000 is root: nobody looks there.
    printf 'root:x:1000:1000::/:/bin/sh\n1000:x:0:0::/:/bin/sh\n4294967296:x:0:0::/:/bin/sh\n' \
        >"$BUNDLE/rootfs/etc/passwd"
    cp "$BUNDLE/rootfs/etc/passwd" "$BUNDLE/rootfs/etc/group"
    start_idle
    for user in root user "" : ":1" "1:" " 1" "1 " +1 -1 -0 0x0 1e3 1.0 01x 4294967295 4294967296 \
        8589934592 18446744073709551616 18446744073709552616 "1:4294967295" "1:-1" "1000:root" $'1\n' "1,2" \
        "1:2:3" 99999999999999999999999999999999999999999999; do
        run quick exec --user "$user" "$CONTAINER" /bin/probe ids
        expect_status 255
        expect_error user
        expect_no_match '^uid'
    done
    run quick exec --user 1000 "$CONTAINER" /bin/probe ids
    expect_line "uid 1000"
    run quick exec --user 4294967294:4294967294 "$CONTAINER" /bin/probe ids
    expect_line "uid 4294967294"
    # The capabilities of another user than root are none.
    run quick exec --user 1000 "$CONTAINER" /bin/probe caps
    expect_match '^effective 0+( |$)'
}

@test "numbers that do not fit are refused, never cut" {
    # null is none, which is 0: no number that is cut.
    for number in -1 4294967295 4294967296 18446744073709551616 1.5 1e40 '"0"' true '[0]' '{}'; do
        refused ".process.user.uid = $number" uid
        refused ".process.user.gid = $number" gid
    done
    refused '.process.user.additionalGids = [4294967296]' additionalGids
    refused '.process.rlimits[0].hard = 18446744073709551616' rlimits
    refused '.process.rlimits[0].soft = -1' rlimits
    refused '.linux.resources.pids.limit = 9223372036854775808' pids
    refused '.linux.devices = [{path: "/dev/x", type: "c", major: 4294967297, minor: 3}]' devices
    refused '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 4294967296}]' uidMappings
    refused '.process.oomScoreAdj = 4294967296' oomScoreAdj
}

@test "a string with a NUL in it is refused wherever it stands" {
    local at

    for at in .hostname .process.args[0] .process.args[1] .process.env[0] .process.cwd .root.path .mounts[0].destination \
        .mounts[0].options[0] .linux.cgroupsPath .linux.maskedPaths[0] .process.apparmorProfile '.annotations["a"]' \
        '.linux.sysctl["net.core.somaxconn"]'; do
        refused "$at = \"a\\u0000b\"" config.json:
    done
    refused '.annotations = {"a\u0000b": "c"}' config.json:
}

@test "a cgroupsPath that climbs, ends a line or is no name is refused" {
    local path

    for path in ../up /../up /a/../../b a/.. .. / // . 'a\nb' '/a/b/../../..'; do
        refused ".linux.cgroupsPath = \"$path\"" cgroupsPath
    done
    refused '.linux.cgroupsPath = ("/" + ("a" * 300))' cgroup
    refused '.linux.cgroupsPath = ("/a" * 3000)' cgroup
    expect_no_leaks
}

@test "exec --cgroup does not climb out of the container's" {
    start_idle
    for path in .. ../.. /.. a/../.. ../"$CONTAINER"x; do
        run quick exec --cgroup "$path" "$CONTAINER" /bin/true
        expect_status 255
        expect_error cgroup
    done
}

@test "ids are names of one folder, for every command" {
    local id command

    for id in ../x /etc . .. a/b 'a b' $'a\nb' $'a\tb' 'a;b' 'a$b' 'é' '*' "$(printf 'a%.0s' {1..241})"; do
        for command in state start kill pause resume delete "delete --force"; do
            # shellcheck disable=SC2086
            run quick $command -- "$id"
            expect_status 1
            expect_match 'not a container id'
        done
    done
}

@test "a sysctl goes where its name says, or is refused" {
    local key

    for key in kernel.core_pattern kernel/core_pattern net/../kernel/core_pattern net..kernel.core_pattern \
        net.ipv4...kernel.core_pattern /kernel/core_pattern net/ipv4/../../kernel/core_pattern vm.swappiness \
        'net/core/somaxconn/../../../kernel/core_pattern' 'fs.mqueue/../../kernel/core_pattern' net. net/ ''; do
        # shellcheck disable=SC2016
        refused ".linux.sysctl = {\"$key\": \"1\"}" sysctl
    done
    # A value is one value: it does not add another.
    edit_config '.linux.sysctl = {"net.core.somaxconn": "7+kernel.core_pattern=x\nkernel.core_pattern=|/bin/x"}'
    before=$(cat /proc/sys/kernel/core_pattern)
    run quick run --bundle "$BUNDLE" "$CONTAINER"
    expect_equal "$(cat /proc/sys/kernel/core_pattern)" "$before"
}

@test "what annotations say does not change what is isolated" {
    edit_config '.annotations = {"run.oci.seccomp_fail_unknown_syscall": "x\u001b[0m\n", "a=b;c": "+", "org.systemd.property.ExecStart": "\"/bin/x\""}'
    run_container true
    expect_ok
    run_container seccomp
    expect_match "nnp 1"
}

# config.md, "capabilities": what is not named is not there.
@test "no capability is inheritable unless config.json says so, also with exec --cap" {
    set_args /bin/probe caps
    run_container caps
    expect_match '^inheritable 0+( |$)' '^ambient 0+( |$)'
    start_idle
    for option in "" "--cap=CAP_NET_RAW" "--user=1000 --cap=CAP_NET_RAW"; do
        # shellcheck disable=SC2086
        run quick exec $option "$CONTAINER" /bin/probe caps
        expect_ok
        expect_match '^inheritable 0+( |$)' '^ambient 0+( |$)'
    done
}

# Rule of the cgroup: what is not allowed is denied (the devices' list was once read the other way).
@test "an empty list of device rules denies every device but the default ones" {
    needs_controller devices
    edit_config '.linux.resources.devices = [] | .process.capabilities = (["CAP_MKNOD"] | {bounding: ., effective: ., permitted: .})'
    set_args /bin/sh -c '/bin/probe mknod /tmp/disk b 254 0; /bin/probe read /tmp/disk; /bin/probe mknod /tmp/mem c 1 1
        /bin/probe open-w /tmp/mem; /bin/probe open-w /dev/null'
    run quick run --bundle "$BUNDLE" "$CONTAINER"
    # The nodes may be there, and nobody may open them; the null device may be opened.
    expect_equal "$(grep -c '^EPERM$' <<<"$output")" 2
    expect_equal "$(tail -n 1 <<<"$output")" ok
}

@test "messages carry no control characters of a hostile config to the terminal" {
    edit_config '.process.args = ["/bin/\u001b]0;x\u0007\nzind-oci: all is well"]'
    try_create
    expect_status 1
    expect_equal "$(LC_ALL=C grep -c $'[\001-\010\013-\037\177]' <<<"$output")" 0
    expect_no_match '^zind-oci: all is well'
}
