#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman with a bridge: it makes the network namespace, netavark fills it, and the runtime joins it by its path.
# shellcheck disable=SC2034
load lib
load podman

setup_file()
{
    needs_root
    needs_command podman conmon ip iptables
    [ -x /usr/lib/podman/netavark ] || skip "needs netavark"
    place_start
    podman_configure
    printf '[network]\nnetwork_backend = "netavark"\n' >>"$PLACE/containers.conf"
    in_place ip link add zprobe0 type bridge 2>/dev/null || skip "this kernel has no bridges"
    in_place iptables -t nat -L >/dev/null 2>&1 || skip "iptables has no NAT here"
    import_image bb
}

teardown()
{
    podman pod rm --force --all --time 0 >/dev/null
    podman rm --force --all --time 0 >/dev/null
    podman network prune --force >/dev/null
}

# bats test_tags=network
@test "--network=bridge: an address, a route, a server that the host reaches" {
    local address

    podman run -d --name "$NAME" --network bridge bb /bin/sh -c \
        'while :; do echo answered | /bin/busybox nc -l -p 8080; done'
    address=$(podman inspect --format '{{.NetworkSettings.IPAddress}}' "$NAME")
    [ -n "$address" ]
    run podman exec "$NAME" /bin/busybox ip addr
    expect_match "inet $address"
    run podman exec "$NAME" /bin/busybox ip route
    expect_match '^default '
    for _ in $(seq 600); do
        output=$(in_place busybox nc -w 2 "$address" 8080 </dev/null) || true
        [ "$output" != answered ] || break
        sleep 0.1
    done
    expect_equal "$output" answered
}

# bats test_tags=network
@test "a network of its own, a fixed address, an alias; a second container reaches the first" {
    podman network create --disable-dns --subnet 10.91.77.0/24 own
    podman run -d --name "$NAME" --network own --ip 10.91.77.9 bb /bin/sh -c \
        'while :; do echo answered | /bin/busybox nc -l -p 8080; done'
    for _ in $(seq 20); do
        output=$(podman run --rm --network own bb /bin/sh -c '/bin/busybox nc -w 2 10.91.77.9 8080 </dev/null' 2>/dev/null) || true
        [ "$output" != answered ] || break
    done
    expect_equal "$output" answered
    podman network disconnect own "$NAME"
    run podman exec "$NAME" /bin/busybox ip addr
    expect_no_match 'inet 10\.91\.77\.9'
}

# config-linux.md, "Sysctl", "Namespaces".
# bats test_tags=network
@test "a pod on the bridge shares its address; sysctls of the network are its own" {
    podman pod create --name pod --network bridge --sysctl net.ipv4.ip_unprivileged_port_start=80
    podman run -d --pod pod --name one bb /bin/probe pause
    podman run -d --pod pod --name two bb /bin/probe pause
    expect_equal "$(podman exec one /bin/busybox ip -4 addr show eth0)" "$(podman exec two /bin/busybox ip -4 addr show eth0)"
    run podman exec one /bin/probe sysctl net.ipv4.ip_unprivileged_port_start
    expect_line "sysctl net.ipv4.ip_unprivileged_port_start 80"
}

# bats test_tags=network
@test "--network=ns:PATH joins a namespace that somebody else made" {
    in_place ip netns add made
    run podman run --rm --network ns:/run/netns/made bb /bin/busybox readlink /proc/self/ns/net
    expect_ok
    expect_equal "$output" "net:[$(in_place stat -L -c %i /run/netns/made)]"
    in_place ip netns delete made
}
