#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.netDevices, runtime-spec config-linux.md "Network Devices". Each test has a network namespace
# of its own that stands for the host's.
# shellcheck disable=SC2016

load ../lib/bundle

# on_host COMMANDS: as bash -c, where the network is a new one; the runtime there is "zind".
on_host()
{
    needs_command ip
    unshare --net ip link add name red type veth peer name blue 2>/dev/null || skip "no veth devices"
    export -f zind
    export ZIND_OCI ZIND_ROOT BUNDLE CONTAINER
    run unshare --net bash -c 'ip link set lo up; ip link add name red type veth peer name blue; '"$1" 3>&-
}

# give DEVICES: what the container shows of its network is the output.
give()
{
    edit_config ".linux.netDevices = $1"
    set_args /bin/busybox ip address
}

@test "a device is there under its own name, up, and gone from the host" {
    give '{"red": {}}'
    on_host 'ip link set blue up; zind run --bundle "$BUNDLE" "$CONTAINER"; ip link show red'
    expect_match '[0-9]+: red@.*[<,]UP' 'Device "red" does not exist'
}

# spec: linux.netDevices.name
@test "a device gets another name" {
    give '{"red": {"name": "eth0"}}'
    on_host 'zind run --bundle "$BUNDLE" "$CONTAINER"'
    expect_match '[0-9]+: eth0@.*[<,]UP'
    expect_no_match ': red@'
}

# spec: linux.netDevices.name
@test "for a name with %d the kernel finds the number" {
    give '{"red": {"name": "net%d"}, "blue": {"name": "net%d"}}'
    on_host 'zind run --bundle "$BUNDLE" "$CONTAINER"'
    expect_match ': net0@.*[<,]UP' ': net1@.*[<,]UP'
    expect_no_match ': zo'
}

@test "a name that the container's namespace has already is refused, and the device stays" {
    give '{"red": {"name": "lo"}}'
    on_host 'ip address add 192.0.2.7/24 dev red; ip link set red up
        zind run --bundle "$BUNDLE" "$CONTAINER" && echo made; ip address show red'
    expect_match 'netDevices\["red"\].*File exists' 'inet 192.0.2.7/24' 'red@blue.*[<,]UP'
    expect_no_match '^made'
}

@test "permanent addresses of global scope come along, in their order, others do not" {
    give '{"red": {"name": "eth0"}}'
    on_host 'ip address add 192.0.2.7/24 brd + dev red; ip address add 192.0.2.8/24 dev red
        ip address add 198.51.100.1/32 peer 198.51.100.2/32 dev red
        ip address add 2001:db8::7/64 dev red nodad
        ip address add 2001:db8::9/64 dev red nodad valid_lft 300 preferred_lft 300
        ip address add 203.0.113.1/24 scope link dev red
        ip link set red up; ip link set blue up
        zind run --bundle "$BUNDLE" "$CONTAINER"'
    expect_match 'inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0' \
        'inet 192.0.2.8/24 scope global secondary eth0' \
        'inet 198.51.100.1 peer 198.51.100.2/32 scope global eth0'
    [ ! -d /proc/sys/net/ipv6 ] || expect_match 'inet6 2001:db8::7/64 scope global'
    expect_no_match '2001:db8::9' '203.0.113.1'
}

@test "other attributes of the device stay" {
    give '{"red": {}}'
    on_host 'ip link set red mtu 1234 address 02:00:00:00:00:07; zind run --bundle "$BUNDLE" "$CONTAINER"'
    expect_match 'red@.* mtu 1234' 'link/ether 02:00:00:00:00:07'
}

@test "a device goes into a network namespace that is joined, and is still there afterwards" {
    give '{"red": {"name": "eth0"}}'
    on_host 'unshare --net sleep 1000 & until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.05; done
        edit=$(jq ".linux.namespaces |= map(if .type == \"network\" then .path = \"/proc/$!/ns/net\" else . end)" \
            "$BUNDLE/config.json"); echo "$edit" >"$BUNDLE/config.json"
        zind run --bundle "$BUNDLE" "$CONTAINER"
        nsenter --net="/proc/$!/ns/net" ip link show eth0 | sed "s/^/afterwards /"; kill $!'
    expect_match '^[0-9]+: eth0@.*[<,]UP' '^afterwards [0-9]+: eth0@'
}

@test "a device goes into a user namespace's network" {
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" "$BUNDLE" "$BATS_TEST_TMPDIR/.." "$BATS_TEST_TMPDIR/../.."
    chown -R 100000:100000 "$BUNDLE/rootfs"
    give '{"red": {"name": "eth0"}}'
    edit_config '.linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
        .linux.gidMappings = .linux.uidMappings'
    on_host 'ip address add 192.0.2.7/24 dev red; zind run --bundle "$BUNDLE" "$CONTAINER"'
    expect_match ': eth0@.*[<,]UP' 'inet 192.0.2.7/24'
}

@test "hooks and sysctls find the device" {
    give '{"red": {"name": "eth0"}}'
    edit_config '.linux.sysctl = {"net.ipv4.conf.eth0.forwarding": "1"} |
        .hooks = {"createContainer": [{"path": "/bin/sh", "args": ["sh", "-c",
            "ip link show eth0 >\($file)"], "env": ["PATH=/sbin:/bin:/usr/sbin:/usr/bin"]}]}' \
        --arg file "$BATS_TEST_TMPDIR/seen"
    set_args /bin/cat /proc/sys/net/ipv4/conf/eth0/forwarding
    on_host 'zind run --bundle "$BUNDLE" "$CONTAINER"'
    expect_ok
    expect_line 1
    grep -q eth0@ "$BATS_TEST_TMPDIR/seen" || fail "the hook saw no eth0"
}

@test "a device that the host does not have is refused" {
    give '{"red": {}, "green": {"name": "eth1"}}'
    on_host 'zind run --bundle "$BUNDLE" "$CONTAINER"; ip link show red'
    expect_match 'netDevices\["green"\].*green.*No such device' 'red@blue'
}

@test "a create that fails later gives the devices back, with addresses, and up" {
    give '{"red": {"name": "eth0"}}'
    edit_config '.hooks = {"createRuntime": [{"path": "/bin/false"}]}'
    on_host 'ip address add 192.0.2.7/24 dev red; ip link set red up
        zind create --bundle "$BUNDLE" "$CONTAINER"; ip address show red'
    expect_match 'createRuntime' 'red@blue.*[<,]UP' 'inet 192.0.2.7/24'
}

@test "the runtime's own network namespace, joined by path, is refused" {
    give '{"red": {}}'
    edit_config '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)'
    on_host 'zind run --bundle "$BUNDLE" "$CONTAINER"; ip link show red'
    expect_match "is the runtime's own" 'red@blue'
}

@test "a container without a network namespace is refused" {
    give '{"red": {}}'
    edit_config '.linux.namespaces |= map(select(.type != "network"))'
    run_container
    expect_error linux.netDevices
}

# RUNTIME is slow here: when it gets to the device, INIT has failed, and its namespace is gone.
@test "a mount that fails is told, not that then no device could be moved" {
    needs_command strace
    give '{"red": {}}'
    edit_config '.mounts += [{"destination": "/mnt", "source": "/not-there", "options": ["bind"]}]'
    on_host 'strace -qq -o /dev/null -e trace=prlimit64 -e inject=prlimit64:delay_enter=500000 \
        "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" 3>&-; ip link show red'
    expect_match 'mounts\[7\].*/not-there.*mounts_(attach|open)' 'red@blue'
    expect_no_match net_devices_move
}

@test "of an INIT that was killed it is told, and what failed then" {
    needs_command strace
    give '{"red": {}}'
    on_host 'strace -qq -f -o /dev/null -e trace=mount_setattr,prlimit64 -e inject=mount_setattr:signal=KILL:when=4 \
        -e inject=prlimit64:delay_enter=500000 \
        "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" 3>&-; ip link show red'
    expect_match 'INIT side died before net_devices_move was done: .*: No such file or directory' 'red@blue'
}
