#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The guest is what its variant promises; tests of the runtime that need it may count on that.
# Debian's policy has no container_t: svirt_t (and svirt_image_t for files) stands in for it.

load ../../lib/bundle

@test "SELinux has a policy, which is not enforced" {
    expect_equal "$(cat /sys/fs/selinux/enforce)" 0
    [ "$(cat /sys/fs/selinux/policyvers)" -ge 30 ]
    run cat /proc/self/attr/current
    expect_match '^[a-z_]+:[a-z_]+:[a-z_]+:s0'
}

# That one it knows is taken, label.bats proves by the runtime.
@test "a label that the policy does not know is refused" {
    run bash -c 'echo nobody:nothing:never >/proc/self/attr/exec'
    [ "$status" -ne 0 ]
}

@test "it can be enforced for a while" {
    echo 1 >/sys/fs/selinux/enforce
    run cat /sys/fs/selinux/enforce
    echo 0 >/sys/fs/selinux/enforce
    expect_equal "$output" 1
}
