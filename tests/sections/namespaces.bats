#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# namespaces, id mappings, host names, sysctl.
load ../lib/bundle

# config-linux.md, "Namespaces": a path joins an existing one.
# spec: linux.namespaces.path
@test "a namespace with a path is joined" {
    local first net

    start_idle
    net=$(readlink "/proc/$(container_pid)/ns/net" | tr -dc 0-9)
    first=$(container_pid)
    CONTAINER=$(new_id)
    edit_config ".linux.namespaces |= map(if .type == \"network\" then .path = \"/proc/$first/ns/net\" else . end)"
    run_container ns
    expect_ok
    expect_line "ns net $net"
}

# config-linux.md, "Namespaces": the path MUST be of the type.
# spec: linux.namespaces.path
@test "a path of another type is refused" {
    edit_config '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/uts" else . end)'
    run_container true
    [ "$status" -ne 0 ] || fail "taken"
}

# config-linux.md, "Namespaces": a type that is there twice MUST be an error.
# spec: linux.namespaces.type
@test "a duplicate namespace is refused" {
    edit_config '.linux.namespaces += [{"type": "network"}]'
    run_container true
    [ "$status" -ne 0 ] || fail "taken"
}

# config-linux.md, "Namespaces": no path is a new one; engines write an empty path for none.
@test "an empty path is no path" {
    edit_config '.linux.namespaces |= map(.path = "") | .hostname = "web-1"'
    run_container hostname
    expect_ok
    expect_line "hostname web-1"
    edit_config '.linux.namespaces += [{"type": "user", "path": ""}]'
    CONTAINER=$(new_id)
    run_container true
    expect_error "needs uid mappings"
}

# config-linux.md, "Offset for Time Namespace": in whatever user namespace, and whoever else is in the pid namespace.
# spec: linux.timeOffsets.*
@test "a new time namespace goes together with user and pid namespaces that are joined" {
    local first

    [ -e /proc/self/ns/time ] || skip "this kernel has no time namespaces"
    edit_config '.linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    start_idle
    first=$(container_pid)
    CONTAINER=$(new_id)
    edit_config '.linux.namespaces |= map(if .type == "user" or .type == "pid" then .path = "/proc/\($pid)/ns/\(.type)" else . end) |
        del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces += [{type: "time"}] |
        .linux.timeOffsets = {boottime: {secs: 7000}, monotonic: {secs: 3000}}' --arg pid "$first"
    run_container read /proc/self/timens_offsets
    expect_ok
    expect_match '^monotonic +3000 +0$' '^boottime +7000 +0$'
}

# config-linux.md, "Namespaces": absent is inherited.
@test "a namespace that is not listed is the caller's" {
    edit_config '.linux.namespaces |= map(select(.type != "network" and .type != "ipc")) |
        .mounts |= map(select(.destination != "/dev/mqueue"))'
    run_container ns
    expect_ok
    expect_line "ns net $(readlink /proc/self/ns/net | tr -dc 0-9)" \
        "ns ipc $(readlink /proc/self/ns/ipc | tr -dc 0-9)"
}

# config-linux.md, "User namespace mappings".
# spec: linux.uidMappings.* linux.gidMappings.*
@test "in a user namespace root of the container is the mapped user of the host" {
    local folder

    edit_config '.linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
        .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'
    for folder in "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"; do chmod 755 "$folder"; done
    chown -R 100000:200000 "$BUNDLE/rootfs"
    start_idle
    expect_equal "$(stat -c %u:%g "/proc/$(container_pid)")" 100000:200000
    exec_probe ids
    expect_line "uid 0" "gid 0"
    exec_probe write /etc/made
    expect_equal "$(stat -c %u:%g "$BUNDLE/rootfs/etc/made")" 100000:200000
    exec_probe stat /dev/null
    expect_match '^stat /dev/null char 0666 1:3 '
}

# config.md, "Hostname", "Domainname".
# spec: hostname domainname
@test "host and domain name" {
    edit_config '.hostname = "web-1"'
    run_container hostname
    expect_line "hostname web-1"
    expect_equal "$(hostname)" "$(cat /proc/sys/kernel/hostname)"
}

# config.md, "Hostname": it is the UTS namespace's; changing the host's is never wanted.
# spec: hostname
@test "a host name without a UTS namespace is refused" {
    local before

    before=$(cat /proc/sys/kernel/hostname)
    edit_config 'del(.linux.namespaces[] | select(.type == "uts")) | .hostname = "mine"'
    run_container true
    [ "$status" -ne 0 ] || fail "taken"
    expect_equal "$(cat /proc/sys/kernel/hostname)" "$before"
}

# config-linux.md, "Sysctl".
# spec: linux.sysctl
@test "sysctl sets what is the namespace's" {
    edit_config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shmmax": "65536"}'
    run_container sysctl net.ipv4.ip_forward kernel.shmmax
    expect_ok
    expect_line "sysctl net.ipv4.ip_forward 1" "sysctl kernel.shmmax 65536"
}

# What "hostname" and "domainname" set may be said again, but not otherwise.
# spec: linux.sysctl hostname domainname
@test "a sysctl that says what hostname or domainname says is fine, another value is refused" {
    local name

    edit_config '.hostname = "web" | .domainname = "example.org" |
        .linux.sysctl = {"kernel.hostname": "web", "kernel.domainname": "example.org"}'
    run_container sysctl kernel.hostname kernel.domainname
    expect_ok
    expect_line "sysctl kernel.hostname web" "sysctl kernel.domainname example.org"
    for name in kernel.hostname kernel.domainname; do
        edit_config '.linux.sysctl = {($name): "other"}' --arg name "$name"
        run_container true
        expect_error "linux.sysctl[\"$name\"]"
    done
}

# spec: linux.sysctl
@test "a sysctl of the whole host is refused" {
    edit_config '.linux.sysctl = {"vm.swappiness": "1"}'
    run_container true
    expect_error vm.swappiness
}

# A path can lead to the runtime's own namespace.
@test "a sysctl of a namespace that is the host's by its path is refused" {
    local before

    before=$(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced)
    edit_config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shm_rmid_forced": "1"} |
        .linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)'
    run_container true
    expect_error 'linux.sysctl["net.ipv4.ip_forward"]' "network namespace is the host's"
    edit_config 'del(.linux.sysctl["net.ipv4.ip_forward"]) |
        .linux.namespaces |= map(if .type == "ipc" then .path = "/proc/self/ns/ipc" else . end)'
    run_container true
    expect_error 'linux.sysctl["kernel.shm_rmid_forced"]' "ipc namespace is the host's"
    expect_equal "$(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced)" "$before"
}

# config-linux.md, "Network": a new namespace has its loopback up (customary).
@test "the loopback of a new network namespace is up" {
    set_args /bin/sh -c 'read flags </sys/class/net/lo/flags; echo $((flags & 1))'
    run_container
    expect_line 1
}
