#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The guest is what its variant promises; tests of the runtime that need it may count on that.

load ../../lib/bundle

@test "systemd is PID 1, owns cgroup v2 and can be asked over the bus" {
    expect_equal "$(cat /proc/1/comm)" systemd
    host_is_cgroup2
    run busctl get-property org.freedesktop.systemd1 /org/freedesktop/systemd1 \
        org.freedesktop.systemd1.Manager Version
    expect_ok
}

# list_of_host LIST...: without the units of tests, which run beside this one.
list_of_host()
{
    systemctl --plain --no-legend "$@" | grep -vE 'zt[0-9]+-|zindtest' || true
}

@test "none of the host's units has failed or is still being started" {
    expect_equal "$(list_of_host list-units --failed)" ""
    run list_of_host list-jobs
    expect_no_match ' (waiting|running)$'
}

@test "a scope with limits can be had" {
    run systemd-run --scope --unit "$TOKEN" -p MemoryMax=100M -p TasksMax=50 cat /proc/self/cgroup
    expect_ok
    expect_match "^0::/.*$TOKEN"
    # Nobody has stopped it: systemd finds out by itself.
    eventually has_no_units
}

has_no_units()
{
    [ -z "$(leaked_units)" ]
}

@test "an ordinary user has a manager of their own with every controller" {
    run setpriv --reuid 4711 --regid 4711 --clear-groups env HOME=/run/zind-tester \
        XDG_RUNTIME_DIR=/run/user/4711 systemd-run --user --pipe --wait --quiet \
        sh -c 'id -u; cat /proc/self/cgroup'
    expect_ok
    expect_line 4711
    expect_match '^0::/user.slice/user-4711.slice/user@4711.service/'
    run cat /sys/fs/cgroup/user.slice/user-4711.slice/user@4711.service/cgroup.controllers
    expect_equal "$output" "cpuset cpu io memory pids"
}
