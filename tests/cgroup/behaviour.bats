#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md, "Control groups": limits do what they are for.

load ../lib/bundle

# Memory and swap together, where the kernel counts swap.
limit_memory()
{
    edit_config ".linux.resources.memory.limit = $1"
    host_is_cgroup2 && [ ! -e /proc/swaps ] ||
        edit_config ".linux.resources.memory.swap = $1"
}

@test "memory.limit kills who takes too much, and nobody else" {
    needs_controller memory
    limit_memory 33554432
    # shellcheck disable=SC2016
    set_args /bin/sh -c '/bin/probe alloc 100; echo "ended $?"; /bin/probe alloc 4; exec /bin/probe pause'
    start_container
    wait_for_output "ended 137"
    wait_for_output ok
    wait_for_output ready
    expect_equal "$(container_status)" running
}

# On cgroup v2 the kernel kills until the limit holds, on v1 it refuses to write it.
@test "a create whose memory.limit leaves no room for its process fails, however late that is written" {
    local file

    needs_controller memory
    needs_command strace
    edit_config '.linux.resources.memory.limit = 4096'
    file=/sys/fs/cgroup/memory/zind-oci-$CONTAINER/memory.limit_in_bytes
    ! host_is_cgroup2 || file=/sys/fs/cgroup/zind-oci-$CONTAINER/memory.max
    status=0
    strace -qq -o /dev/null -P "$file" -e trace=write -e inject=write:delay_enter=500000 \
        "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" \
        </dev/null >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/output")
    expect_status 1
    expect_error linux.resources.memory.limit
    expect_no_leaks
}

@test "pids.limit stops a fork bomb inside, and nothing outside" {
    needs_controller pids
    edit_config '.linux.resources.pids.limit = 10'
    run_container fork-bomb 200
    expect_ok
    expect_line "forked 9" EAGAIN
    (true) || fail "the host cannot fork"
}

@test "pids.limit after update is the new one" {
    needs_controller pids
    edit_config '.linux.resources.pids.limit = 10'
    start_idle
    run zind update --pids-limit 20 "$CONTAINER"
    expect_ok
    exec_probe fork-bomb 200
    expect_line "forked 18" EAGAIN
}

# "MICROSECONDS PERIODS THROTTLED": CPU time of the container, how many periods of its quota there were meanwhile, and
# in how many of them the quota was used up.
cpu_used()
{
    local folder

    folder=$(cgroup_folder cpu)
    if host_is_cgroup2; then
        awk '{ at[$1] = $2 } END { print at["usage_usec"], at["nr_periods"], at["nr_throttled"] }' "$folder/cpu.stat"
    else
        cat "$(cgroup_folder cpuacct)/cpuacct.usage" "$folder/cpu.stat" |
            awk 'NR == 1 { used = $1 / 1000 } { at[$1] = $2 } END { printf "%d %d %d\n", used, at["nr_periods"], at["nr_throttled"] }'
    fi
}

# gets MICROSECONDS: of CPU time in each period, within 10 percent: no more in any, no less in one that ended with the
# quota used up; where others want the processor, not all do. Counted by the kernel's periods: our own clock may stand
# still between two readings. A processor that is taken from an emulated machine in the midst of a period counts as
# used: so one good stretch of some is enough.
gets()
{
    local before after used periods throttled least=9

    [ -z "${ZIND_SLOW-}" ] || least=5
    for _ in 1 2 3 4 5 6; do
        read -ra before <<<"$(cpu_used)"
        eventually has_used_up $((before[2] + 160000 / $1))
        read -ra after <<<"$(cpu_used)"
        used=$((after[0] - before[0])) periods=$((after[1] - before[1])) throttled=$((after[2] - before[2]))
        [ $((used * 10)) -lt $((throttled * $1 * least)) ] || [ $((used * 10)) -gt $((periods * $1 * 11)) ] || return 0
    done
    fail "$used us in $periods periods, $throttled of them used up, instead of $1 each"
}

# has_used_up N: the quota, in so many periods by now.
has_used_up()
{
    local now

    read -ra now <<<"$(cpu_used)"
    [ "${now[2]}" -ge "$1" ]
}

@test "a cpu quota holds within 10 percent, and so does an updated one" {
    needs_controller cpu
    host_is_cgroup2 || needs_controller cpuacct
    edit_config '.linux.resources.cpu = { quota: 4000, period: 50000 }'
    set_args /bin/sh -c 'echo ready; while :; do :; done'
    start_container
    wait_for_output ready
    gets 4000
    run zind update --cpu-quota 2000 "$CONTAINER"
    expect_ok
    gets 2000
}

@test "cpu.cpus is where processes run, those that are there as well after update" {
    needs_controller cpuset
    [ "$(nproc)" -gt 1 ] || skip "needs two CPUs"
    edit_config '.linux.resources.cpu.cpus = "0"'
    start_idle
    grep -qP '^Cpus_allowed_list:\t0$' "/proc/$(container_pid)/status"
    run zind update --cpuset-cpus 1 "$CONTAINER"
    expect_ok
    grep -qP '^Cpus_allowed_list:\t1$' "/proc/$(container_pid)/status"
    exec_probe proc-status
    expect_match $'^Cpus_allowed_list:\t1$'
}

# config-linux.md, "Unified": the controller of a key must be there.
@test "a unified key is a file of cgroup v2, or an error that names what is missing" {
    edit_config '.linux.resources.unified["rdma.max"] = "mlx 1"'
    host_is_cgroup2 && grep -qw rdma /sys/fs/cgroup/cgroup.controllers && skip "this host has rdma"
    create_container
    # Where there is no v2 at all it is not this key's fault.
    [[ $output == *"linux.resources.unified: needs cgroup v2"* ]] ||
        expect_error 'linux.resources.unified["rdma.max"]' "no rdma controller"
}

# config-linux.md, "CPU": the order of values that bound each other must not matter.
@test "swap is limited with memory, and not below it" {
    needs_controller memory
    edit_config '.linux.resources.memory = { limit: 67108864, swap: 33554432 }'
    create_container
    expect_error "linux.resources.memory.swap" "cannot be below memory.limit"
}
