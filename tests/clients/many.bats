#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Many containers, at once and one after the other: none fails, nothing is left. `ZIND_MANY=N` changes how many.
load lib
load containerd

MANY=${ZIND_MANY:-500}

# What containers of the place leave behind in it and on the host.
leftovers()
{
    states_left /run/containerd/runc/default
    in_place cat /proc/self/mountinfo | grep io.containerd.runtime.v2.task
    find /sys/fs/cgroup -type d -path "*/default/many*${PLACE##*.}*"
    in_place pgrep probe
}

# bats test_tags=many
@test "fifty containers at once by ctr" {
    local n pids=() failures=0

    for n in $(seq 50); do
        ctr_run --rm "$IMAGE" "many-$n-${PLACE##*.}" /bin/probe exit 0 &
        pids+=($!)
    done
    for n in "${pids[@]}"; do
        wait "$n" || failures=$((failures + 1))
    done
    expect_equal "$failures" 0
    expect_equal "$(leftovers)" ""
}

# cycles NUMBER RUNTIME: a container is made, started and deleted, again and again.
cycles()
{
    enter_words
    "${ENTER[@]}" bash -c '
        failures=0
        ctr="ctr --address /run/containerd.sock"
        for n in $(seq "$1"); do
            $ctr run --rm --null-io --snapshotter native --runtime io.containerd.runc.v2 --runc-binary "$2" \
                "$3" "many-$n-$4" /bin/probe exit 0 || failures=$((failures + 1))
        done
        exit $failures' _ "$1" "$2" "$IMAGE" "${PLACE##*.}" 3>&-
}

# The peers are measured in turn with us, for the host may be busy: a tenth as often.
# bats test_tags=many
@test "cycles of create, start and delete by ctr" {
    local round runtime before number runtimes=("$ZIND_OCI")
    local -A spent=() made=()

    # Not every peer runs on every host: crun refuses a hybrid hierarchy.
    for runtime in crun runc; do
        ! runtime=$(command -v $runtime) || ! cycles 1 "$runtime" 2>/dev/null || runtimes+=("$runtime")
    done
    for round in $(seq 10); do
        number=$(((MANY + 9) / 10))
        for runtime in "${runtimes[@]}"; do
            before=$(date +%s%N)
            cycles $number "$runtime"
            spent[$runtime]=$((${spent[$runtime]-0} + $(date +%s%N) - before))
            made[$runtime]=$((${made[$runtime]-0} + number))
            number=$(((MANY + 99) / 100))
        done
        expect_equal "$(leftovers)" ""
    done
    for runtime in "${runtimes[@]}"; do
        echo "# ${runtime##*/}: ${made[$runtime]} cycles, $((spent[$runtime] / made[$runtime] / 1000000)) ms each" >&3
    done
}

# bats test_tags=many
@test "a health check's thousand execs leave nothing" {
    local before name=many-execs-${PLACE##*.}

    ctr_run -d "$IMAGE" "$name" /bin/probe pause
    before=$(place_processes)
    enter_words
    "${ENTER[@]}" bash -c 'for n in $(seq "$1"); do
        ctr --address /run/containerd.sock tasks exec --exec-id "e$n" "$2" /bin/probe exit 0 || exit 1; done' _ \
        $((MANY * 2)) "$name" 3>&-
    for _ in $(seq 600); do
        [ "$(place_processes)" != "$before" ] || break
        sleep 0.1
    done
    expect_equal "$(place_processes)" "$before"
    ctr tasks kill --signal KILL "$name"
    ctr tasks delete --force "$name" || true
    ctr containers delete "$name"
    expect_equal "$(leftovers)" ""
}
