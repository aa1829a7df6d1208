#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The guest is what its variant promises; tests of the runtime that need it may count on that.

load ../../lib/bundle

@test "there are two nodes, with memory and a processor each" {
    expect_equal "$(cat /sys/devices/system/node/has_memory)" 0-1
    expect_equal "$(cat /sys/devices/system/node/node0/cpulist)" 0
    expect_equal "$(cat /sys/devices/system/node/node1/cpulist)" 1
}
