#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the tests themselves rest on.

load bundle

takes_a_while()
{
    echo asked >>"$BATS_TEST_TMPDIR/asked"
    sleep 1
    return 1
}

# Seen: 400 tries of a command that takes a second, which looked like a machine that hangs.
@test "what takes long to find out is not asked hundreds of times" {
    # shellcheck disable=SC2034
    PATIENCE=2
    run eventually takes_a_while
    [ "$status" -ne 0 ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -lt 10 ]
    expect_match 'did not come true: takes_a_while'
}

# run_files [VARIABLE=VALUE...] -- TEXT-OF-FILE...
run_files()
{
    local settings=() files=() text

    while [ "$1" != -- ]; do settings+=("$1"); shift; done
    shift
    for text in "$@"; do
        files+=("$BATS_TEST_TMPDIR/${#files[@]}.bats")
        printf '%s\n' "$text" >"${files[-1]}"
    done
    run env -u CI -u ZIND_TEST_TIMES "${settings[@]}" "$BATS_TEST_DIRNAME/run-files" "${files[@]}" 3>&-
}

@test "run-files: every result of every file is printed, and a failure is the stream's" {
    run_files -- '@test "one" { :; }' $'@test "two" { skip why; }\n@test "three" { false; }'
    expect_status 1
    expect_line 'ok - one' 'ok - two # skip why' 'not ok - three'
    run_files ZIND_TEST_TIMES=yes -- '@test "one" { :; }'
    expect_ok
    expect_match '^ok - one$' '^# time [0-9]+ .*/0: one$'
}

@test "run-files: a file whose tests do not all give a result has failed" {
    run_files -- $'@test "one" { kill -KILL $PPID; sleep 2; }\n@test "two" { :; }'
    expect_status 1
    expect_match '^not ok - .*/0: some tests have no result$'
}

# shellcheck disable=SC2016
@test "run-files: in CI a file that fails runs once more, and what passes then is called flaky" {
    local once=$'@test "once" {\n    [ -e "$SEEN" ] || { : >"$SEEN"; false; }\n}'

    run_files CI=true "SEEN=$BATS_TEST_TMPDIR/seen" -- "$once"
    expect_ok
    expect_match '^# flaky: .*/0: once$' '^ok - once$'
    rm "$BATS_TEST_TMPDIR/seen"
    run_files "SEEN=$BATS_TEST_TMPDIR/seen" -- "$once"
    expect_status 1
    run_files CI=true -- '@test "never" { false; }'
    expect_status 1
    expect_match '^not ok - never$'
    expect_no_match '^# flaky'
}
