#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.intelRdt, runtime-spec config-linux.md "IntelRdt", where the kernel has no resctrl. What it
# does with one is in tests/faults/intel-rdt.bats: a folder imitates it there.

load ../lib/bundle

@test "without a mounted resctrl it is an error, and nothing is made" {
    ! mountpoint -q /sys/fs/resctrl || skip "resctrl is mounted"
    edit_config '.linux.intelRdt = {}'
    run_container true
    expect_error linux.intelRdt "resctrl is not mounted"
}

@test "a folder of another file system is not taken for resctrl" {
    [ -d /sys/fs/resctrl ] || skip "the kernel has no resctrl"
    edit_config '.linux.intelRdt = {}'
    run unshare --mount bash -c "mount -t tmpfs tmpfs /sys/fs/resctrl && '$ZIND_OCI' --root '$ZIND_ROOT' \
        run --bundle '$BUNDLE' '$CONTAINER'" 3>&-
    expect_error linux.intelRdt "resctrl is not mounted"
}

# spec: linux.intelRdt.*
@test "what can be wrong with it is told before anything is done" {
    edit_config '.linux.intelRdt = {closID: "a/b", memBwSchema: "L3:0=1", schemata: ["MB:0=1\nL3:0=1"]}'
    run_container true
    expect_error linux.intelRdt.closID linux.intelRdt.memBwSchema 'linux.intelRdt.schemata[0]'
}
