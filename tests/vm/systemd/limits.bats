#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.resources as properties of the unit and in the files of its cgroup (config-linux.md, "Control groups").

load ../../lib/bundle
load systemd

# property_of V1 V2: the name of a property for this host.
property_of()
{
    if host_is_cgroup2; then echo "$2"; else echo "$1"; fi
}

@test "memory.limit" {
    needs_controller memory
    resources '{"memory": {"limit": 100003840}}'
    start_idle
    expect_property "$(property_of MemoryLimit MemoryMax)" 100003840
    expect_value memory memory.limit_in_bytes memory.max 100003840
}

@test "memory.swap and memory.reservation" {
    needs_controller memory
    host_is_cgroup2 || skip "systemd has neither on v1"
    resources '{"memory": {"limit": 100003840, "swap": 150003712, "reservation": 50003968}}'
    start_idle
    expect_property MemorySwapMax 49999872
    expect_property MemoryLow 50003968
    expect_value memory "" memory.low 50003968
}

@test "pids.limit" {
    needs_controller pids
    resources '{"pids": {"limit": 37}}'
    start_idle
    expect_property TasksMax 37
    expect_value pids pids.max pids.max 37
}

@test "a pids.limit of 0 and of -1" {
    needs_controller pids
    resources '{"pids": {"limit": 0}}'
    create_container
    expect_ok
    expect_value pids pids.max pids.max 0
    zind delete --force "$CONTAINER"
    resources '{"pids": {"limit": -1}}'
    start_idle
    expect_property TasksMax infinity
    expect_value pids pids.max pids.max max
}

@test "cpu.shares" {
    needs_controller cpu
    resources '{"cpu": {"shares": 2048}}'
    start_idle
    expect_property "$(property_of CPUShares CPUWeight)" "$(property_of 2048 174)"
    expect_value cpu cpu.shares cpu.weight "$(property_of 2048 174)"
}

@test "cpu.quota and cpu.period" {
    needs_controller cpu
    resources '{"cpu": {"quota": 25000, "period": 50000}}'
    start_idle
    expect_property CPUQuotaPerSecUSec 500ms
    expect_property CPUQuotaPeriodUSec 50ms
    expect_value cpu cpu.cfs_quota_us cpu.max "$(property_of 25000 '25000 50000')"
}

@test "a quota that is no whole percent is exact in the file" {
    needs_controller cpu
    resources '{"cpu": {"quota": 12345, "period": 100000}}'
    start_idle
    expect_property CPUQuotaPerSecUSec 130ms
    expect_value cpu cpu.cfs_quota_us cpu.max "$(property_of 12345 '12345 100000')"
}

@test "cpu.cpus and cpu.mems" {
    needs_controller cpuset
    host_is_cgroup2 || skip "systemd has no cpusets on v1"
    resources '{"cpu": {"cpus": "0", "mems": "0"}}'
    start_idle
    expect_property AllowedCPUs 0
    expect_property AllowedMemoryNodes 0
    expect_value cpuset "" cpuset.cpus 0
}

@test "blockIO.weight" {
    needs_controller "$(property_of blkio io)"
    resources '{"blockIO": {"weight": 500}}'
    [ -e "$(find /sys/fs/cgroup/ /sys/fs/cgroup/blkio/ -maxdepth 2 -name 'io.weight' -o -name 'io.bfq.weight' \
        -o -name blkio.weight -o -name blkio.bfq.weight 2>/dev/null | head -n 1)" ] || skip "this kernel has no weights"
    start_idle
    expect_property "$(property_of BlockIOWeight IOWeight)" "$(property_of 500 4950)"
}

@test "blockIO throttles" {
    needs_controller "$(property_of blkio io)"
    disk=$(lsblk -dno MAJ:MIN 2>/dev/null | tr -d ' ' | head -n 1)
    [ -n "$disk" ] || skip "no block device"
    resources '{"blockIO": {"throttleReadBpsDevice": [{"major": '"${disk%:*}"', "minor": '"${disk#*:}"', "rate": 1048576}]}}'
    start_idle
    [[ $(property "$(property_of BlockIOReadBandwidth IOReadBandwidthMax)") == *"$disk 1048576"* ]] ||
        fail "the property is $(property IOReadBandwidthMax)"
    cgroup_value "$(property_of blkio io)" blkio.throttle.read_bps_device io.max | grep "$disk" | grep 1048576
}

@test "unified files that have a property have it set" {
    host_is_cgroup2 || skip "needs cgroup v2 alone"
    needs_controller memory
    resources '{"unified": {"memory.high": "100003840", "pids.max": "99", "cpu.weight": "33"}}'
    start_idle
    expect_property MemoryHigh 100003840
    expect_property TasksMax 99
    expect_property CPUWeight 33
    expect_value memory "" memory.high 100003840
}

# What systemd writes anew is what was asked for.
@test "limits stay after daemon-reload" {
    needs_controller pids
    needs_controller cpu
    resources '{"pids": {"limit": 37}, "cpu": {"quota": 25000, "period": 50000}}'
    start_idle
    systemctl daemon-reload
    expect_property TasksMax 37
    expect_value pids pids.max pids.max 37
    expect_value cpu cpu.cfs_quota_us cpu.max "$(property_of 25000 '25000 50000')"
}

# update OPTION...: of $CONTAINER.
update()
{
    run zind update "$@" "$CONTAINER"
    expect_ok
}

@test "update of pids.limit, and it stays after daemon-reload" {
    needs_controller pids
    resources '{"pids": {"limit": 37}}'
    start_idle
    update --pids-limit 41
    expect_property TasksMax 41
    expect_value pids pids.max pids.max 41
    systemctl daemon-reload
    expect_value pids pids.max pids.max 41
}

@test "update of memory.limit" {
    needs_controller memory
    resources '{"memory": {"limit": 100003840}}'
    start_idle
    update --memory 120004608
    expect_property "$(property_of MemoryLimit MemoryMax)" 120004608
    expect_value memory memory.limit_in_bytes memory.max 120004608
}

@test "update of memory.reservation and memory.swap" {
    needs_controller memory
    host_is_cgroup2 || skip "systemd has neither on v1"
    resources '{"memory": {"limit": 100003840, "swap": 150003712}}'
    start_idle
    update --memory-reservation 50003968
    expect_property MemoryLow 50003968
    update --memory-swap 200003584
    expect_property MemorySwapMax 99999744
}

@test "update of cpu.quota alone keeps the period, of cpu.period alone the quota" {
    needs_controller cpu
    resources '{"cpu": {"quota": 25000, "period": 50000}}'
    start_idle
    update --cpu-quota 10000
    expect_property CPUQuotaPerSecUSec 200ms
    expect_value cpu cpu.cfs_quota_us cpu.max "$(property_of 10000 '10000 50000')"
    update --cpu-period 20000
    expect_property CPUQuotaPerSecUSec 500ms
    expect_property CPUQuotaPeriodUSec 20ms
    expect_value cpu cpu.cfs_period_us cpu.max "$(property_of 20000 '10000 20000')"
    # systemd writes the quota too, as whole percents.
    update --cpu-quota 1234
    update --cpu-share 2048
    expect_value cpu cpu.cfs_quota_us cpu.max "$(property_of 1234 '1234 20000')"
    update --cpu-quota -1
    expect_property CPUQuotaPerSecUSec infinity
    expect_value cpu cpu.cfs_period_us cpu.max "$(property_of 20000 'max 20000')"
    expect_value cpu cpu.cfs_quota_us cpu.max "$(property_of -1 'max 20000')"
}

@test "update of cpu.shares keeps an exact quota, also where that is given as 0" {
    needs_controller cpu
    resources '{"cpu": {"quota": 12345, "period": 50000}}'
    start_idle
    for asked in '{"shares": 512}' '{"shares": 2048, "quota": 0, "period": 0}'; do
        run zind update --resources - "$CONTAINER" <<<"{\"cpu\": $asked}"
        expect_ok
        expect_value cpu cpu.cfs_quota_us cpu.max "$(property_of 12345 '12345 50000')"
    done
}

@test "update of cpu.shares" {
    needs_controller cpu
    start_idle
    update --cpu-share 2048
    expect_property "$(property_of CPUShares CPUWeight)" "$(property_of 2048 174)"
    expect_value cpu cpu.shares cpu.weight "$(property_of 2048 174)"
}

@test "update of cpu.cpus" {
    needs_controller cpuset
    host_is_cgroup2 || skip "systemd has no cpusets on v1"
    resources '{"cpu": {"cpus": "0-1"}}'
    start_idle
    update --cpuset-cpus 0
    expect_property AllowedCPUs 0
    expect_value cpuset "" cpuset.cpus 0
}

@test "update of device rules changes those of the unit" {
    start_idle
    echo '{"devices": [{"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rw"}]}' |
        zind update --resources - "$CONTAINER"
    [[ $(property DeviceAllow) == *"/dev/char/10:200 rw"* ]] || fail "the rule is not there"
    exec_probe open-w /dev/null
    expect_line ok
}
