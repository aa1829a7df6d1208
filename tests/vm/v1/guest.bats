#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The guest is what its variant promises; tests of the runtime that need it may count on that.

load ../../lib/bundle

@test "every controller has a hierarchy of its own, and cgroup v2 is not mounted" {
    for controller in cpuset cpu cpuacct blkio memory devices freezer net_cls perf_event net_prio hugetlb pids rdma; do
        [ -f "/sys/fs/cgroup/$controller/cgroup.procs" ] || fail "no $controller"
    done
    ! grep -q ' - cgroup2 ' /proc/self/mountinfo
}

@test "there is an interface beside lo, which priorities can be given to" {
    needs_command ip
    grep -qw host0 /sys/fs/cgroup/net_prio/net_prio.ifpriomap
}
