#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md, "Control groups": each limit of src/cgroup/limits/resources.c by itself, on the hierarchy that this host
# has: set at create, read from the kernel's file, changed by update, read again. Where the host cannot, the error
# names the field and nothing stays behind.

load ../lib/bundle
load rows

@test "every row of resources.c has a case here, and only those" {
    expect_equal "$(rows | cut -d "|" -f 1 | sort)" \
        "$(grep -oP '^    LIMIT\("\K[^"]+' "$TESTS_LIB/../../src/cgroup/limits/resources.c" | sort)"
    expect_equal "$(rows | cut -d "|" -f 1 | sort)" \
        "$(grep -oP '^    row \K.*' "$BATS_TEST_FILENAME" | sort)"
}

@test "cpu.cpus" {
    row cpu.cpus
}

@test "cpu.mems" {
    row cpu.mems
}

@test "memory.limit" {
    row memory.limit
}

@test "memory.swap" {
    row memory.swap
}

@test "memory.reservation" {
    row memory.reservation
}

@test "memory.kernel" {
    row memory.kernel
}

@test "memory.kernelTCP" {
    row memory.kernelTCP
}

@test "memory.swappiness" {
    row memory.swappiness
}

@test "memory.disableOOMKiller" {
    row memory.disableOOMKiller
}

@test "memory.useHierarchy" {
    row memory.useHierarchy
}

@test "memory.checkBeforeUpdate" {
    row memory.checkBeforeUpdate
}

@test "pids.limit" {
    row pids.limit
}

@test "cpu.shares" {
    row cpu.shares
}

@test "cpu.period" {
    row cpu.period
}

@test "cpu.quota" {
    row cpu.quota
}

@test "cpu.burst" {
    row cpu.burst
}

@test "cpu.realtimePeriod" {
    row cpu.realtimePeriod
}

@test "cpu.realtimeRuntime" {
    row cpu.realtimeRuntime
}

@test "cpu.idle" {
    row cpu.idle
}

@test "blockIO.weight" {
    row blockIO.weight
}

@test "blockIO.leafWeight" {
    row blockIO.leafWeight
}

@test "blockIO.weightDevice" {
    row blockIO.weightDevice
}

@test "blockIO.throttleReadBpsDevice" {
    row blockIO.throttleReadBpsDevice
}

@test "blockIO.throttleWriteBpsDevice" {
    row blockIO.throttleWriteBpsDevice
}

@test "blockIO.throttleReadIOPSDevice" {
    row blockIO.throttleReadIOPSDevice
}

@test "blockIO.throttleWriteIOPSDevice" {
    row blockIO.throttleWriteIOPSDevice
}

@test "hugepageLimits" {
    row hugepageLimits
}

@test "network.classID" {
    row network.classID
}

@test "network.priorities" {
    row network.priorities
}

@test "rdma" {
    row rdma
}

@test "unified" {
    row unified
}

@test "devices" {
    row devices
}
