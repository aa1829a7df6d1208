#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# update: other limits for a container that is there (config-linux.md, "Control groups"; the options are runc's).
load ../lib/bundle

# A device number that no kernel gives away: refused by the kernel alone, after all other limits were written.
NO_DEVICE='"blockIO":{"throttleReadBpsDevice":[{"major":999,"minor":999,"rate":1}]}'

setup()
{
    setup_bundle
    needs_controller memory
    needs_controller pids
}

start_limited()
{
    edit_config '.linux.resources *= { memory: { limit: 67108864, swap: 134217728 }, pids: { limit: 30 },
        cpu: { quota: 50000, period: 100000 } }'
    start_idle
}

update()
{
    run zind update "$@" "$CONTAINER"
}

memory_limit()
{
    cgroup_value memory memory.limit_in_bytes memory.max
}

# Memory and swap together, as the spec counts.
swap_limit()
{
    if host_is_cgroup2; then
        local swap

        swap=$(cgroup_value memory "" memory.swap.max)
        [ "$swap" = max ] && echo max || echo $((swap + $(memory_limit)))
    else
        cgroup_value memory memory.memsw.limit_in_bytes ""
    fi
}

pids_limit()
{
    cgroup_value pids pids.max pids.max
}

# "QUOTA PERIOD"
cpu_limit()
{
    if host_is_cgroup2; then
        cgroup_value cpu "" cpu.max
    else
        echo "$(cgroup_value cpu cpu.cfs_quota_us "") $(cgroup_value cpu cpu.cfs_period_us "")"
    fi
}

saved()
{
    jq -c ".linux.resources$1" "$ZIND_ROOT/$CONTAINER/config.json"
}

@test "each option changes its limit, and the state folder knows" {
    start_limited
    update --cpu-period 50000 --cpu-quota 20000 --cpu-share 512 --cpuset-cpus 0 --cpuset-mems 0 \
        --memory 100m --memory-reservation 50m --memory-swap 1g --pids-limit 40
    expect_ok
    expect_equal "$output" ""
    expect_equal "$(cpu_limit)" "20000 50000"
    expect_equal "$(cgroup_value cpu cpu.shares cpu.weight)" "$(host_is_cgroup2 && echo 59 || echo 512)"
    expect_equal "$(cgroup_value cpuset cpuset.cpus cpuset.cpus)" 0
    expect_equal "$(cgroup_value cpuset cpuset.mems cpuset.mems)" 0
    expect_equal "$(memory_limit)" 104857600
    expect_equal "$(cgroup_value memory memory.soft_limit_in_bytes memory.low)" 52428800
    expect_equal "$(swap_limit)" 1073741824
    expect_equal "$(pids_limit)" 40
    expect_equal "$(saved "| [.cpu.period, .cpu.quota, .cpu.shares, .cpu.cpus, .cpu.mems, .memory.limit, .memory.reservation, .memory.swap, .pids.limit]")" \
        '[50000,20000,512,"0","0",104857600,52428800,1073741824,40]'
    update --cpu-shares 1024
    expect_equal "$(cgroup_value cpu cpu.shares cpu.weight)" "$(host_is_cgroup2 && echo 100 || echo 1024)"
}

@test "what is not named stays as it is" {
    start_limited
    update --pids-limit 7
    expect_ok
    expect_equal "$(pids_limit) $(memory_limit) $(swap_limit) $(cpu_limit)" "7 67108864 134217728 50000 100000"
    update
    expect_ok
    expect_equal "$(saved "| [.memory.limit, .pids.limit, .cpu.quota, (.devices[] | .allow, .access)]")" \
        '[67108864,7,50000,false,"rwm"]'
}

@test "limits that bound each other change together, up and down" {
    start_limited
    update --memory 256m --memory-swap 300m
    expect_ok
    expect_equal "$(memory_limit) $(swap_limit)" "268435456 314572800"
    update --memory 32m --memory-swap 40m
    expect_ok
    expect_equal "$(memory_limit) $(swap_limit)" "33554432 41943040"
    update --cpu-period 10000 --cpu-quota 2000
    expect_ok
    expect_equal "$(cpu_limit)" "2000 10000"
    update --cpu-period 500000 --cpu-quota 1500000
    expect_ok
    expect_equal "$(cpu_limit)" "1500000 500000"
    update --cpu-period 400000
    expect_ok
    expect_equal "$(cpu_limit)" "1500000 400000"
    update --cpu-quota -1
    expect_ok
    expect_equal "$(cpu_limit)" "$(host_is_cgroup2 && echo max || echo -1) 400000"
}

# The quota bounds the burst, on v1 the cgroup above both quota and period: only one order is possible, and it takes three rounds.
@test "quota, period and burst change together below a cgroup that is limited too" {
    local above

    [[ ${ZIND_GLOBALS-} != *systemd* ]] || skip "the path is one for cgroupfs, not for systemd"
    edit_config ".linux.cgroupsPath = \"/zt-$TOKEN/$CONTAINER\" |
        .linux.resources.cpu = { quota: 20000, period: 200000, burst: 20000 }"
    start_idle
    above=$(dirname "$(cgroup_folder cpu)")
    if host_is_cgroup2; then
        echo "10000 100000" >"$above/cpu.max"
    else
        echo 10000 >"$above/cpu.cfs_quota_us"
    fi
    update --cpu-quota 10000 --cpu-period 100000 --cpu-burst 10000
    expect_ok
    expect_equal "$(cpu_limit) $(cgroup_value cpu cpu.cfs_burst_us cpu.max.burst)" "10000 100000 10000"
    update --cpu-quota 20000 --cpu-period 200000 --cpu-burst 20000
    expect_ok
    update --cpu-quota 30000
    # cgroup v2 takes it: the limit above holds all the same.
    if host_is_cgroup2; then
        expect_ok
        expect_equal "$(cpu_limit)" "30000 200000"
    else
        expect_error "--cpu-quota" "Invalid argument"
        expect_equal "$(cpu_limit)" "20000 200000"
    fi
}

@test "a memory limit alone keeps the sum of memory and swap" {
    start_limited
    update --memory 100m
    expect_ok
    expect_equal "$(memory_limit) $(swap_limit)" "104857600 134217728"
    update --memory 200m
    expect_error "--memory-swap" "below memory.limit"
    expect_equal "$(memory_limit) $(swap_limit)" "104857600 134217728"
}

@test "-1 lifts a limit, that on memory the one on swap too" {
    start_limited
    update --memory -1 --pids-limit -1
    expect_ok
    expect_equal "$(pids_limit)" max
    if host_is_cgroup2; then
        expect_equal "$(memory_limit) $(swap_limit)" "max max"
    else
        [ "$(memory_limit)" -gt 1000000000000 ]
        [ "$(swap_limit)" -gt 1000000000000 ]
    fi
    expect_equal "$(saved "| [.memory.limit, .memory.swap, .pids.limit]")" "[-1,-1,-1]"
}

@test "a value that is none is refused with the option's name" {
    start_limited
    update --memory 50x
    expect_error "--memory 50x" "512m"
    update --memory 99999999999g
    expect_error "--memory 99999999999g"
    update --cpu-period -1
    expect_error "--cpu-period -1"
    update --pids-limit many
    expect_error "--pids-limit many"
    update --blkio-weight 70000
    expect_error "--blkio-weight 70000"
    update --memory 10m --memory-swap 5m --cpu-idle 3 --blkio-weight 5
    expect_error "--memory-swap" "--cpu-idle: 3" "--blkio-weight: 5"
    expect_equal "$(memory_limit)" 67108864
}

@test "a resources object comes from a file or from standard input" {
    start_limited
    echo '{"memory":{"limit":33554432},"pids":{"limit":3}}' >"$BATS_TEST_TMPDIR/new"
    update --resources "$BATS_TEST_TMPDIR/new"
    expect_ok
    expect_equal "$(memory_limit) $(pids_limit)" "33554432 3"
    update -r - <<<'{"pids":{"limit":4},"blockIO":{}}'
    expect_ok
    update --resources=- <<<'{"pids":{"limit":0}}'
    expect_ok
    expect_equal "$(pids_limit)" 0
}

@test "beside a resources object the other options are ignored, with a warning" {
    start_limited
    update --memory 100m -r - <<<'{"pids":{"limit":5}}'
    expect_ok
    expect_match "--resources .*ignored"
    expect_equal "$(memory_limit) $(pids_limit)" "67108864 5"
}

@test "all that is wrong with a resources object is said at once, with its members' names" {
    start_limited
    update -r - <<<'{"cpu":{"idle":7},"memory":{"swappiness":101},"unified":{"a/b":"1"},"pids":{"limit":1}}'
    expect_error "memory.swappiness: 101" "cpu.idle: 7" 'unified["a/b"]'
    expect_no_match "linux.resources"
    expect_equal "$(pids_limit)" 30
    update -r - <<<'{"pids":{"limit":"x"}}'
    expect_error "standard input:1:" "pids.limit"
    update -r - <<<'[]'
    expect_error "standard input:1:1"
    update -r - </dev/null
    expect_error "standard input:1:1: empty"
    update -r "$BATS_TEST_TMPDIR/none"
    expect_error "$BATS_TEST_TMPDIR/none" "No such file"
}

# config-linux.md, "Memory": -1 is unlimited. -7 is a slip, by which a limit must not go.
@test "a limit below -1 is refused, by its name and with what it may be" {
    start_limited
    update -r - <<<'{"memory":{"limit":-7,"swap":-2,"kernel":-3},"cpu":{"quota":-9},"pids":{"limit":-5}}'
    expect_error "memory.limit: -7 is neither -1, which is no limit, nor in 0 to 9223372036854775807" \
        "memory.swap: -2 " "memory.kernel: -3 " "cpu.quota: -9 " "pids.limit: -5 "
    update --memory -7
    expect_error "--memory -7" "or -1"
    update --pids-limit -5
    expect_error "--pids-limit -5" "or -1"
    expect_equal "$(memory_limit) $(pids_limit)" "67108864 30"
    edit_config '.linux.resources.pids.limit = -5'
    run zind create --bundle "$BUNDLE" "$(new_id)"
    expect_error "linux.resources.pids.limit: -5 is neither -1"
}

# The cpus that its first process may run on.
cpus_allowed()
{
    sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$(container_pid)/status"
}

@test "an update that fails half way changes nothing" {
    local cpus

    needs_controller "$(host_is_cgroup2 && echo io || echo blkio)"
    start_limited
    cpus=$(cpus_allowed)
    update -r - <<<"{\"memory\":{\"limit\":33554432,\"swap\":50331648},\"pids\":{\"limit\":3},
        \"cpu\":{\"quota\":10000,\"period\":20000,\"shares\":2,\"cpus\":\"0\"},$NO_DEVICE}"
    expect_error "blockIO.throttleReadBpsDevice[0]" "999:999"
    expect_equal "$(pids_limit) $(memory_limit) $(swap_limit) $(cpu_limit)" "30 67108864 134217728 50000 100000"
    expect_equal "$(cgroup_value cpu cpu.shares cpu.weight)" "$(host_is_cgroup2 && echo 100 || echo 1024)"
    expect_equal "$(saved .pids.limit)" 30
    expect_no_match "could not be set back"
    expect_equal "$(cpus_allowed)" "$cpus"
    expect_equal "$(find "$ZIND_ROOT/$CONTAINER" -name ".*config*")" ""
}

@test "where the record cannot be written no limit changes" {
    start_limited
    # shellcheck disable=SC2016
    run unshare -m sh -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" &&
        exec "$2" --root "$1" update --pids-limit 3 "$3"' sh "$ZIND_ROOT" "$ZIND_OCI" "$CONTAINER"
    expect_error "Read-only file system"
    expect_equal "$(pids_limit) $(saved .pids.limit)" "30 30"
}

# As podman and containerd send it, device rules included.
@test "a resources object may be the whole of what config.json had" {
    start_limited
    jq '.linux.resources | .pids.limit = 31' "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/new"
    update --resources "$BATS_TEST_TMPDIR/new"
    expect_ok
    expect_equal "$output" ""
    expect_equal "$(pids_limit) $(memory_limit) $(swap_limit) $(cpu_limit)" "31 67108864 134217728 50000 100000"
}

@test "a misspelt limit is warned of" {
    start_limited
    update -r - <<<'{"pids":{"limits":3},"memory":{"limit":33554432}}'
    expect_ok
    expect_match "standard input:1:10: pids.limits is no member"
    expect_equal "$(memory_limit) $(pids_limit)" "33554432 30"
}

@test "what is known to be impossible is refused before anything is written" {
    start_limited
    update -r - <<<'{"pids":{"limit":3},"unified":{"nothing.max":"1"}}'
    expect_error unified
    expect_equal "$(pids_limit)" 30
}

@test "a created, a running and a paused container can be updated, a stopped one cannot" {
    set_args /bin/probe pause
    create_container
    expect_ok
    update --pids-limit 11
    expect_ok
    zind start "$CONTAINER"
    wait_for_output ready
    update --pids-limit 12
    expect_ok
    zind pause "$CONTAINER"
    update --pids-limit 13 --memory 64m
    expect_ok
    expect_equal "$(container_status) $(pids_limit)" "paused 13"
    zind resume "$CONTAINER"
    zind kill "$CONTAINER" KILL
    wait_for_status stopped
    update --pids-limit 14
    expect_error "container not running"
    run zind update --pids-limit 1 nobody
    expect_error "container nobody does not exist"
}

@test "an update sees what the one before it has set" {
    start_limited
    update -r - <<<'{"memory":{"checkBeforeUpdate":true}}'
    expect_ok
    expect_equal "$(saved ".memory | [length, .checkBeforeUpdate, .limit, .swap]")" '[3,true,67108864,134217728]'
    update --cpu-quota 20000
    expect_ok
    update --cpu-burst 30000
    expect_error "--cpu-burst" "above the quota of 20000"
}

@test "updates at the same time are all in the record" {
    local option update updates=()

    start_limited
    # All of them have looked at the container before the first one may go on.
    exec 8<"$ZIND_ROOT/$CONTAINER"
    flock 8
    for option in --pids-limit=21 --memory=96m --cpu-quota=21000; do
        # shellcheck disable=SC2086
        "$ZIND_OCI" --root "$ZIND_ROOT" ${ZIND_GLOBALS-} update $option "$CONTAINER" 3>&- 8<&- &
        updates+=($!)
    done
    for update in "${updates[@]}"; do eventually wants_lock "$update"; done
    exec 8<&-
    for update in "${updates[@]}"; do wait "$update"; done
    expect_equal "$(saved "| [.pids.limit, .memory.limit, .cpu.quota]")" "[21,100663296,21000]"
}

# config-linux.md, "Memory": checkBeforeUpdate
@test "with checkBeforeUpdate a limit below what is in use is refused, with both numbers" {
    edit_config '.linux.resources.memory = { limit: 134217728, checkBeforeUpdate: true }'
    set_args /bin/sh -c 'head -c 41943040 /dev/zero >/dev/shm/filled; echo filled; exec sleep 1000'
    start_container
    wait_for_output filled
    update --memory 20m
    expect_error "--memory: write \"20971520\"" "bytes are in use"
    expect_equal "$(memory_limit)" 134217728
    [[ $output =~ ([0-9]+)\ bytes ]] && [ "${BASH_REMATCH[1]}" -gt 41943040 ]
    update --memory 100m
    expect_ok
}

@test "a container without a cgroup cannot be limited, and says so" {
    set_args /bin/probe pause
    edit_config 'del(.linux.resources)'
    zind --cgroup-manager disabled create --bundle "$BUNDLE" "$CONTAINER" \
        </dev/null >"$BATS_TEST_TMPDIR/output" 2>"$BATS_TEST_TMPDIR/errors"
    update --pids-limit 3
    expect_error "has no cgroup"
}

# config-linux.md, "IntelRdt"
@test "a cache schema is refused by name where there is no resctrl" {
    [ ! -e /sys/fs/resctrl/schemata ] || skip "this host has resctrl"
    start_limited
    update --l3-cache-schema "L3:0=f" --pids-limit 3
    expect_error "--l3-cache-schema" "resctrl is not mounted"
    update --mem-bw-schema "MB:0=20"
    expect_error "--mem-bw-schema" "resctrl is not mounted"
    expect_equal "$(pids_limit)" 30
}
