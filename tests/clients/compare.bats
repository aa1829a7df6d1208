#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The table of engines must not hide what a peer can do and zind-oci cannot.
load ../lib/bundle

setup()
{
    RESULTS=$BATS_TEST_TMPDIR
    mkdir "$RESULTS/host" "$RESULTS/v2"
}

teardown()
{
    true
}

# result PLACE RUNTIME LINE...: the TAP of cri.bats there.
result()
{
    printf '%s\n' "${@:3}" >"$RESULTS/$1/cri.$2"
}

table()
{
    run python3 "$BATS_TEST_DIRNAME/table.py" "$RESULTS" cri zind-oci crun
    expect_ok
}

@test "what a peer passes and we fail, skip or never got to is listed, with its place" {
    result host zind-oci "not ok 1 a pod of two containers: they run, exec, log and stop" \
        "ok 2 resources are set and updated, and the statistics count # skip why"
    result host crun "ok 1 a pod of two containers: they run, exec, log and stop" \
        "ok 2 resources are set and updated, and the statistics count" "ok 3 a program that is not there is an error that says so"
    table
    expect_line "* host, cri: a pod of two containers: they run, exec, log and stop (crun)" \
        "* host, cri: resources are set and updated, and the statistics count (crun)" \
        "* host, cri: a program that is not there is an error that says so (crun)"
}

@test "what only we pass, and what nobody tried, is not listed; what passed is counted of what was tried" {
    result host zind-oci "ok 1 a pod of two containers: they run, exec, log and stop" "ok 2 a program that is not there is an error that says so"
    result host crun "ok 1 a pod of two containers: they run, exec, log and stop" "not ok 2 a program that is not there is an error that says so"
    result v2 zind-oci "ok 1 a pod of two containers: they run, exec, log and stop"
    table
    expect_line "What a peer passes and zind-oci does not: nothing." \
        "| engine, operations | zind-oci host | crun host | zind-oci v2 |" \
        "| containerd, CRI: run, exec, signals, pause, stop | 2 of 2 | 1 of 2 | 1 of 2 |"
}
