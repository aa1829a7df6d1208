#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# events: what a container uses in runc's JSON, which containerd reads, and lack of memory at once.
load ../lib/bundle

# watch_events [OPTION...]: events in the background, its lines in $EVENTS and its pid in $WATCHER;
# returns when it watches the end of the container, and with limit_memory its memory.
watch_events()
{
    EVENTS=$BATS_TEST_TMPDIR/events
    "$ZIND_OCI" --root "$ZIND_ROOT" events "$@" "$CONTAINER" >"$EVENTS" 2>&1 3>&- &
    WATCHER=$!
    eventually is_watching
}

# It sleeps, and not before what it waits for is open.
is_watching()
{
    readlink "/proc/$WATCHER/fd/"* 2>/dev/null | grep -Eq "${WATCHED-pidfd}" &&
        grep -q '^State:.S' "/proc/$WATCHER/status"
}

is_told()
{
    grep -q "$1" "$EVENTS"
}

has_two_lines()
{
    [ "$(wc -l <"$EVENTS")" -ge 2 ]
}

# limit_memory: so little that `probe alloc 64` is killed, and that nothing is swapped out instead.
limit_memory()
{
    needs_controller memory
    WATCHED='inotify|eventfd'
    edit_config '.linux.resources.memory = { limit: 33554432, swap: 33554432 }'
}

stats()
{
    zind events --stats "$CONTAINER" | jq -r ".data | $1"
}

# expect_told JQ COMMAND...: that member is what COMMAND prints. One is read after the other, and the kernel brings
# some of its numbers up to date every two seconds, also those of who is frozen: memory.stat, averages of pressure.
expect_told()
{
    local told said

    for _ in {1..10}; do
        said=$("${@:2}")
        told=$(stats "$1")
        [ "$told" != "$said" ] || return 0
        sleep 0.5
    done
    expect_equal "$told" "$said"
}

# expect_stat JQ CONTROLLER V1-FILE V2-FILE [FACTOR]: that member is what the kernel's file says; a
# number of it when the file is given as FILE:KEY.
expect_stat()
{
    expect_told "$1" kernel_says "${@:2}"
}

kernel_says()
{
    local file=$2 value

    ! host_is_cgroup2 || file=$3
    value=$(cat "$(cgroup_folder "$1")/${file%:*}")
    [[ $file != *:* ]] || value=$(awk -v key="${file#*:}" '$1 == key { print $2 }' <<<"$value")
    echo $((value * ${4-1}))
}

@test "--stats is one line of JSON with type, id and data" {
    start_idle
    run zind events --stats "$CONTAINER"
    expect_ok
    expect_equal "${#lines[@]}" 1
    jq -e --arg id "$CONTAINER" '.type == "stats" and .id == $id and .data.cpu.usage.total > 0' \
        <<<"$output"
}

@test "cpu and throttling are what the kernel's files say, in nanoseconds" {
    local factor=1

    needs_controller cpu
    ! host_is_cgroup2 || factor=1000
    edit_config '.linux.resources.cpu = { quota: 5000, period: 100000 }'
    # shellcheck disable=SC2016
    set_args /bin/sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done & exec /bin/probe pause'
    start_container
    wait_for_output ready
    eventually is_throttled
    zind pause "$CONTAINER"
    eventually has_settled
    expect_stat .cpu.usage.total cpuacct cpuacct.usage cpu.stat:usage_usec $factor
    expect_stat .cpu.throttling.periods cpu cpu.stat:nr_periods cpu.stat:nr_periods
    expect_stat .cpu.throttling.throttledPeriods cpu cpu.stat:nr_throttled cpu.stat:nr_throttled
    expect_stat .cpu.throttling.throttledTime cpu cpu.stat:throttled_time cpu.stat:throttled_usec $factor
    host_is_cgroup2 || expect_stat '.cpu.usage.user / 10000000' cpuacct cpuacct.stat:user -
    host_is_cgroup2 || expect_equal "$(stats '.cpu.usage.percpu | add')" "$(stats .cpu.usage.total)"
}

is_throttled()
{
    grep -q '^nr_throttled [1-9]' "$(cgroup_folder cpu)/cpu.stat"
}

# The last period ends after the last process was frozen.
has_settled()
{
    local before

    before=$(cat "$(cgroup_folder cpu)/cpu.stat")
    sleep 0.5
    [ "$before" = "$(cat "$(cgroup_folder cpu)/cpu.stat")" ]
}

@test "memory and its limits are what the kernel's files say, with all of memory.stat" {
    local file limit key=rss

    ! host_is_cgroup2 || key=anon
    limit_memory
    start_idle
    zind pause "$CONTAINER"
    expect_stat .memory.usage.limit memory memory.limit_in_bytes memory.max
    # Swap, on v2 too, is memory and swap together.
    expect_equal "$(stats .memory.swap.limit)" 33554432
    expect_stat .memory.cache memory memory.stat:cache memory.stat:file
    file=$(cgroup_folder memory)/memory.stat
    expect_equal "$(stats '.memory.raw | keys[]' | sort)" "$(cut -d " " -f 1 "$file" | sort)"
    expect_stat ".memory.raw.$key" memory memory.stat:rss memory.stat:anon
    # What a cpu has in stock is given back at any time.
    limit=$(cat "$(cgroup_folder memory)"/memory.{usage_in_bytes,current} 2>/dev/null || true)
    [ $(($(stats .memory.usage.usage) - limit)) -lt 1048576 ] || fail "another usage than $limit"
}

@test "pids are told, and no limit of them is 0" {
    local limit

    needs_controller pids
    set_args /bin/sh -c 'sleep 1000 & exec /bin/probe pause'
    edit_config '.linux.resources.pids.limit = 33'
    start_container
    wait_for_output ready
    expect_equal "$(stats '.pids | "\(.current) \(.limit)"')" "2 33"
    zind delete --force "$CONTAINER"
    CONTAINER=$(new_id)
    edit_config 'del(.linux.resources.pids)'
    start_idle
    # systemd gives all that it makes a limit of its own.
    limit=$(cgroup_value pids pids.max pids.max)
    [[ $limit = max || ${ZIND_GLOBALS-} = *systemd* ]] || fail "the kernel has a limit of $limit"
    expect_equal "$(stats '.pids | "\(.current) \(.limit)"')" "1 ${limit/max/0}"
}

@test "devices, huge pages and pressure are told where the kernel counts them" {
    local folder size

    start_idle
    zind pause "$CONTAINER"
    folder=$(cgroup_folder hugetlb)
    [ -e "$folder/hugetlb.2MB.current" ] || folder=$(cgroup_folder unified)
    for size in "$folder"/hugetlb.*B.{current,usage_in_bytes}; do
        [ -e "$size" ] || continue
        expect_told ".hugetlb.\"$(basename "$size" | cut -d . -f 2)\".usage" cat "$size"
    done
    folder=$(cgroup_folder unified)
    if [ -r "$folder/cpu.pressure" ]; then
        expect_told .cpu.psi.some.total sed -n 's/^some.* total=//p' "$folder/cpu.pressure"
        expect_told '.cpu.psi.some.avg300 * 100 | round' \
            awk '/^some/ { sub(/.*avg300=/, ""); printf "%d\n", $1 * 100 + 0.5 }' "$folder/cpu.pressure"
    fi
    if [ -e "$(cgroup_folder io)/io.stat" ]; then
        expect_told '[.blkio.ioServiceBytesRecursive // [] | .[] | select(.op == "Read").value] | add // 0' \
            awk '{ for (i = 2; i <= NF; i++) if (sub(/^rbytes=/, "", $i)) n += $i } END { printf "%d\n", n }' \
            "$(cgroup_folder io)/io.stat"
    elif [ -d /sys/fs/cgroup/blkio ]; then
        expect_told '[.blkio.ioServiceBytesRecursive // [] | .[] | select(.op == "Total").value] | add // 0' \
            awk '$1 == "Total" { print $2 }' "$(cgroup_folder blkio)/blkio.throttle.io_service_bytes_recursive"
    fi
}

@test "a line comes each interval, until the container ends" {
    start_idle
    watch_events --interval 200ms
    eventually has_two_lines
    zind kill "$CONTAINER" KILL
    wait "$WATCHER"
    jq -es 'all(.type == "stats")' "$EVENTS"
}

@test "waiting takes no processor time, and its end is noticed at once" {
    local used

    start_idle
    watch_events --interval 1h
    used=$(ticks_used)
    sleep 2
    used=$(($(ticks_used) - used))
    [ "$used" -le 5 ] || fail "it used $used ticks"
    zind kill "$CONTAINER" KILL
    wait "$WATCHER"
    [ ! -s "$EVENTS" ] || fail "there was no time for a line: $(cat "$EVENTS")"
}

# Hundredths of a second of processor time.
ticks_used()
{
    awk '{ print $14 + $15 }' "/proc/$WATCHER/stat"
}

@test "it ends when nobody reads any more" {
    local pipe=$BATS_TEST_TMPDIR/pipe

    start_idle
    mkfifo "$pipe"
    "$ZIND_OCI" --root "$ZIND_ROOT" events --interval 1h "$CONTAINER" >"$pipe" 3>&- &
    : <"$pipe"
    wait $!
}

@test "a bad interval is refused" {
    local interval

    start_idle
    for interval in 0 0s -1s 5 5parsecs "" " 5s"; do
        run zind events --interval "$interval" "$CONTAINER"
        expect_error --interval
    done
}

@test "created and paused containers have statistics" {
    create_container
    expect_equal "$(stats .pids.current)" 1
    zind start "$CONTAINER"
    CONTAINER=$(new_id)
    start_idle
    zind pause "$CONTAINER"
    expect_equal "$(stats .pids.current)" 1
}

# runc's callers match these words.
@test "a stopped container and an unknown id are refused" {
    run zind events --stats "$CONTAINER"
    expect_error "does not exist"
    set_args /bin/probe true
    start_container
    wait_for_status stopped
    run zind events --stats "$CONTAINER"
    expect_error "container not running"
    run zind events "$CONTAINER"
    expect_error "container not running"
}

@test "a container without a cgroup says so, with a way out" {
    set_args /bin/probe pause
    zind --cgroup-manager disabled create --bundle "$BUNDLE" "$CONTAINER" </dev/null \
        >"$BATS_TEST_TMPDIR/output" 2>&1
    run zind events --stats "$CONTAINER"
    expect_error "no cgroup" "hint: "
    run zind events --interval 1h "$CONTAINER"
    expect_error "no cgroup"
    expect_equal "$(zind state "$CONTAINER" | jq .oomKills)" null
}

# config-linux.md, "Memory": the limit is what the kernel enforces by killing.
@test "lack of memory is told at once, by state too, and kills whom it should" {
    limit_memory
    set_args /bin/sh -c 'read -r _ </tmp/go; /bin/probe alloc 64 || echo "died of $?"; exec /bin/probe pause'
    mkfifo "$BUNDLE/rootfs/tmp/go"
    start_container
    expect_equal "$(zind state "$CONTAINER" | jq .oomKills)" null
    watch_events --interval 1h
    echo go >"$BUNDLE/rootfs/tmp/go"
    wait_for_output "died of 137"
    wait_for_output ready
    eventually is_told oom
    expect_equal "$(cat "$EVENTS")" "{\"type\":\"oom\",\"id\":\"$CONTAINER\"}"
    expect_equal "$(container_status)" running
    expect_equal "$(zind state "$CONTAINER" | jq .oomKills)" 1
    zind kill "$CONTAINER" KILL
    wait "$WATCHER"
    expect_equal "$(wc -l <"$EVENTS")" 1
}

@test "lack of memory that is the container's end is told before the end" {
    limit_memory
    set_args /bin/probe alloc 64
    create_container
    watch_events --interval 1h
    zind start "$CONTAINER"
    wait "$WATCHER"
    expect_equal "$(cat "$EVENTS")" "{\"type\":\"oom\",\"id\":\"$CONTAINER\"}"
    wait_for_status stopped
    expect_equal "$(zind state "$CONTAINER" | jq .oomKills)" 1
}
