#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# tests/vm/run must not take a broken guest for a good one: a script stands in for QEMU, and says on the
# tests' line what such a guest would.

load ../lib/bundle

setup()
{
    needs_root
    needs_command qemu-system-x86_64 cpio modprobe
    [ -n "$(find /boot -name 'vmlinuz-*cloud*')" ] || skip "there is no cloud kernel"
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir -p "$TMPDIR" "$BATS_TEST_TMPDIR/bin"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

teardown()
{
    expect_equal "$(ls -A "$TMPDIR")" ""
    eventually no_process_left
}

# Who was killed is there for a moment.
no_process_left()
{
    ! pgrep -f "$BATS_TEST_TMPDIR/"
}

# guest_says SCRIPT: what runs in the guest's place; line WORD FILE TEXT is a line of its tests.
guest_says()
{
    # shellcheck disable=SC2016
    printf '%s\n' '#!/bin/bash' \
        'tap=$(tr " " "\n" <<<"$*" | sed -n "s/^file,id=tap,path=//p")' \
        'line() { printf "%s\t%s\t%s\n" "$@" >>"$tap"; }' \
        'f=plain:commands/state' "$1" >"$BATS_TEST_TMPDIR/bin/qemu-system-x86_64"
    chmod +x "$BATS_TEST_TMPDIR/bin/qemu-system-x86_64"
}

run_guest()
{
    run timeout -k 1 300 "$BATS_TEST_DIRNAME/run" -t commands/state v2
}

@test "results are relayed, numbered anew, with the variant in front" {
    guest_says 'line hello "" ""; line begin $f ""; line tap $f 1..2; line tap $f "ok 1 one"
        line tap $f "ok 2 two # skip why"; line end $f "0 3"; line bye "" ""'
    run_guest
    expect_ok
    expect_line 'ok 1 - v2: one' 'ok 2 - v2: two # skip why' '1..2'
}

@test "-o: what bats said of each file is kept" {
    guest_says 'line hello "" ""; line begin $f ""; line tap $f 1..1; line tap $f "not ok 1 one"
        line tap $f "#  because"; line end $f "1 3"; line bye "" ""'
    run timeout -k 1 300 "$BATS_TEST_DIRNAME/run" -o "$BATS_TEST_TMPDIR/results" -t commands/state v2
    expect_status 1
    expect_equal "$(cat "$BATS_TEST_TMPDIR/results/v2/commands/state.tap")" $'1..1\nnot ok 1 one\n#  because'
}

@test "guests' times and numbers are told at the end" {
    guest_says 'line hello "" ""; line begin $f ""; line tap $f 1..2; line tap $f "not ok 1 one"
        line tap $f "ok 2 two # skip why"; sleep 1.1; line end $f "1 3"; line bye "" ""'
    run_guest
    expect_match '^# [0-9]+ s  v2: two # skip why$' '^# v2 +0 +1 +1  [1-9][0-9]*$'
}

@test "of very many tests the slowest are told, and the run still ends well" {
    guest_says 'line hello "" ""; line begin $f ""; line tap $f 1..2500
        seq -f "ok %.0f a test with a name of sixty characters, give or take a few" 2500 |
            sed "s|^|tap\t$f\t|" >>"$tap"
        line end $f "0 3"; line bye "" ""'
    run_guest
    expect_ok
    expect_line '1..2500'
    expect_equal "$(grep -cE '^# [0-9]+ s  v2: ' <<<"$output")" 20
    expect_match '^# v2 +2500 +0 +0 '
}

@test "what boots guests fails: so does the run" {
    guest_says 'exit 0'
    printf '#!/bin/sh\nexit 3\n' >"$BATS_TEST_TMPDIR/bin/mkfifo"
    chmod +x "$BATS_TEST_TMPDIR/bin/mkfifo"
    run_guest
    [ "$status" -ne 0 ]
}

@test "guests run beside each other, each to its end" {
    guest_says 'line hello "" ""; line begin $f ""; line tap $f 1..1; sleep 1; line tap $f "ok 1 one"
        line end $f "0 3"; line bye "" ""'
    ZIND_VM_GUESTS=2 run timeout -k 1 300 "$BATS_TEST_DIRNAME/run" -t commands/state v2 v1 numa
    expect_ok
    expect_match '^ok [123] - v2: one' '^ok [123] - v1: one' '^ok 3 - ' '^1\.\.3$'
}

@test "a test that failed fails the run, and its story is told" {
    guest_says 'line hello "" ""; line begin $f ""; line tap $f 1..1; line tap $f "not ok 1 one"
        line tap $f "#  because"; line end $f "1 3"; line bye "" ""'
    run_guest
    expect_status 1
    expect_line 'not ok 1 - v2: one' '#  because' '1..1'
}

@test "a file that fails runs again in CI, and what passes then is called flaky" {
    guest_says 'line hello "" ""; line begin $f ""; line tap $f 1..2; line tap $f "not ok 1 one"
        line tap $f "#  because"; line tap $f "ok 2 two"; line again $f 1; line tap $f 1..2; line tap $f "ok 1 one"
        line tap $f "ok 2 two"; line end $f "0 3"; line bye "" ""'
    run_guest
    expect_ok
    expect_line '# flaky: v2: one' '# first run: not ok - v2: one' 'ok 1 - v2: one' 'ok 2 - v2: two' '1..2'
    expect_no_match '^not ok' 'flaky: .*two'
}

@test "a file that fails twice has failed" {
    guest_says 'line hello "" ""; line begin $f ""; line tap $f 1..1; line tap $f "not ok 1 one"; line again $f 1
        line tap $f 1..1; line tap $f "not ok 1 one"; line end $f "1 3"; line bye "" ""'
    run_guest
    expect_status 1
    expect_line 'not ok 1 - v2: one' '1..1'
    expect_no_match flaky
}

@test "a guest that dies: the tests without a result fail" {
    guest_says 'line hello "" ""; line begin $f ""; line tap $f 1..3; line tap $f "ok 1 one"; exit 1'
    run_guest
    expect_status 1
    expect_line 'ok 1 - v2: one' '# v2: commands/state.bats was running' \
        'not ok 2 - v2: commands/state.bats: 1 of 3 tests gave a result' 'not ok 3 - v2: the guest died' '1..3'
}

@test "a guest that says nothing is ended" {
    guest_says 'exec sleep 1000'
    ZIND_VM_BOOT_SECONDS=2 run_guest
    expect_status 1
    expect_line 'not ok 2 - v2: the guest did not boot within 2 s'
}

@test "a guest that hangs is ended" {
    guest_says 'line hello "" ""; line begin $f ""; line tap $f 1..3; exec sleep 1000'
    ZIND_VM_SECONDS=3 run_guest
    expect_status 1
    expect_line 'not ok 2 - v2: the guest hung, and was ended after 3 s'
}

@test "a file that was not run, or not to its end, fails" {
    guest_says 'line hello "" ""; line bye "" ""'
    run_guest
    expect_status 1
    expect_line 'not ok 1 - v2: commands/state.bats: 0 of its tests gave a result'
    guest_says 'line hello "" ""; line begin $f ""; line tap $f 1..2; line tap $f "ok 1 one"
        line end $f "0 3"; line bye "" ""'
    run_guest
    expect_status 1
    expect_line 'not ok 2 - v2: commands/state.bats: 1 of 2 tests gave a result'
}

@test "bats that ends with an error, though no test failed, is a failure" {
    guest_says 'line hello "" ""; line begin $f ""; line tap $f 1..1; line tap $f "ok 1 one"
        line end $f "124 3"; line bye "" ""'
    run_guest
    expect_status 1
    expect_line 'not ok 2 - v2: commands/state.bats: ended with status 124'
}

@test "a program that prints TAP stands beside the bats files, with what was built for it" {
    guest_says 'grep -h . "${tap%/*}"/{files,environment} >"'"$BATS_TEST_TMPDIR/told"'"
        f=program:conformance/runtime-tools/run; line hello "" ""; line begin $f ""; line tap $f "ok 1 - one"
        line tap $f 1..1; line end $f "3 3"; line bye "" ""'
    ZIND_RUNTIME_TOOLS=/some/where run timeout -k 1 300 "$BATS_TEST_DIRNAME/run" -t conformance/runtime-tools/run v2
    expect_status 1
    expect_line 'ok 1 - v2: one' '# v2: conformance/runtime-tools/run: 3 s' \
        'not ok 2 - v2: conformance/runtime-tools/run: ended with status 3' '1..2'
    run cat "$BATS_TEST_TMPDIR/told"
    expect_line 'program conformance/runtime-tools/run' 'ZIND_RUNTIME_TOOLS=/some/where'
}

# Whether it is asked to end or killed, the machine and its file server end with it.
@test "interrupted, it leaves nothing" {
    guest_says 'echo $$ >'"$BATS_TEST_TMPDIR/machine"'; line hello "" ""; exec sleep 1000'
    for signal in TERM INT HUP KILL; do
        rm -f "$BATS_TEST_TMPDIR/machine"
        env --default-signal=INT "$BATS_TEST_DIRNAME/run" -t commands/state v2 >/dev/null 2>&1 3>&- &
        runner=$!
        eventually test -s "$BATS_TEST_TMPDIR/machine"
        kill -"$signal" "$runner"
        wait "$runner" || true
        eventually nothing_runs
        [ "$signal" = KILL ] || expect_equal "$(ls -A "$TMPDIR")" ""
    done
    rm -rf "${TMPDIR:?}"/zind-vm.*
}

nothing_runs()
{
    ! pgrep -f "$TMPDIR/zind-vm" >/dev/null &&
        ! grep -qs '^State:.[^ZX]' "/proc/$(cat "$BATS_TEST_TMPDIR/machine")/status"
}
