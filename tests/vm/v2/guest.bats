#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The guest is what its variant promises; tests of the runtime that need it may count on that.

load ../../lib/bundle

@test "cgroup v2 with every controller, and nothing of v1" {
    host_is_cgroup2
    run cat /sys/fs/cgroup/cgroup.controllers
    expect_equal "$output" "cpuset cpu io memory hugetlb pids rdma misc"
    run cat /proc/self/cgroup
    expect_match '^0::/'
    expect_equal "$(wc -l <<<"$output")" 1
}

@test "a host's usual mounts and devices are there" {
    for path in /proc /sys /run /run/tmp /dev/pts /dev/shm /dev/mqueue /sys/fs/cgroup; do
        mountpoint -q "$path" || fail "nothing is mounted at $path"
    done
    [ -c /dev/ptmx ] && [ -e /dev/fd/0 ] && [ -e /dev/stdin ]
    grep -q . /sys/class/net/lo/operstate
    expect_equal "$(hostname)" guest
}

@test "no folder that the sources may be in is hidden by a mount" {
    run awk '$5 ~ "^/(home|opt|root|srv|tmp|usr|var)(/|$)" && $5 !~ "/jq$" { print $5 }' /proc/self/mountinfo
    expect_equal "$output" ""
}

@test "veth pairs, bridges and dummies can be made" {
    needs_command ip
    for kind in dummy bridge; do
        ip link add "zt$kind" type "$kind"
        ip link del "zt$kind"
    done
    ip link add ztveth0 type veth peer name ztveth1
    ip link del ztveth0
}

# Large programs, whose code comes from the host page by page, each into memory that another one's code was in. Seen in one
# of eight starts: crashes, endless loops. Pages of memory have to be cleared (init_on_alloc=1, see tests/vm/boot).
@test "programs run the code that their files hold" {
    local program

    for program in $(for _ in {1..4}; do echo podman ctr runc docker buildah gojq; done); do
        command -v "$program" >/dev/null || continue
        run timeout 100 "$program" --version
        expect_ok
        echo 3 >/proc/sys/vm/drop_caches
    done
}
