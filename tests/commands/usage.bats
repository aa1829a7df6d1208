#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line: spellings that engines use, help, and how a wrong one is answered.
# shellcheck disable=SC2154
load ../lib/bundle

# Engines that ask with --help take exit status 0 for "knows this command".
@test "help goes to stdout, for every command that help names" {
    local command

    run --separate-stderr zind --help
    expect_ok
    expect_equal "$stderr" ""
    for command in create run start state kill delete exec list ps pause resume spec features plan; do
        expect_match "^  $command "
    done
    for command in create run start state kill delete exec list ps pause resume spec features plan; do
        run --separate-stderr zind "$command" --help
        expect_ok
        expect_equal "$stderr" ""
        expect_match "^Usage: zind-oci $command "
    done
    run zind help exec
    expect_ok
    expect_match '^Usage: zind-oci exec '
}

@test "a command that does not exist has no help" {
    run zind frobnicate --help
    expect_status 1
}

@test "a wrong command line says what is wrong, what may be meant, and the usage" {
    run --separate-stderr zind create --bundel "$BUNDLE" "$CONTAINER"
    expect_status 1
    expect_equal "$output" ""
    output=$stderr
    expect_line "zind-oci: create: unknown option --bundel" "hint: did you mean --bundle?" \
        "usage: zind-oci create [OPTION]... ID"
    run zind state
    expect_error "ID is missing" "usage: zind-oci state"
    run zind --root
    expect_error "requires an argument"
}

# go-runc sends single-dash long options; crun and runc take all the other spellings.
@test "all spellings of an option mean the same" {
    local spelling

    for spelling in "--bundle $BUNDLE" "--bundle=$BUNDLE" "-b $BUNDLE" "-b$BUNDLE" "-bundle $BUNDLE"; do
        # shellcheck disable=SC2086
        run zind plan $spelling "$CONTAINER"
        expect_ok
        expect_match init_spawn
    done
}

@test "with --log an error is in the file and on stderr" {
    run --separate-stderr zind --log "$BATS_TEST_TMPDIR/log" state nowhere
    expect_status 1
    [[ $stderr == "zind-oci: state nowhere: "* ]] || fail "stderr: $stderr"
    output=$(cat "$BATS_TEST_TMPDIR/log")
    expect_match '^zind-oci: state nowhere: '
}

# podman parses the whole file as one JSON object.
@test "with --log-format json the file is one object" {
    run --separate-stderr zind --log "$BATS_TEST_TMPDIR/log" --log-format json state nowhere
    expect_status 1
    [[ $stderr == "zind-oci: state nowhere: "* ]] || fail "stderr: $stderr"
    run jq -r '.level + " " + .msg' "$BATS_TEST_TMPDIR/log"
    expect_ok
    expect_match '^error state nowhere: .*does not exist'
    run jq -r .time "$BATS_TEST_TMPDIR/log"
    expect_match '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)$'
    expect_equal "$(wc -l <"$BATS_TEST_TMPDIR/log")" 1
}

@test "json without a file is one line on stderr" {
    run --separate-stderr zind --log-format json state nowhere
    expect_status 1
    expect_equal "$output" ""
    expect_equal "$(jq -r .level <<<"$stderr")" error
    expect_equal "$(wc -l <<<"$stderr")" 1
}

@test "a log that cannot be written and a journal are refused" {
    run zind --log /nowhere/log list
    expect_error "open log /nowhere/log"
    run zind --log journald:x list
    expect_error "only files"
}

# moby reads the first two lines.
@test "--version begins with name and commit" {
    local spelling

    for spelling in --version -v -V; do
        run zind $spelling
        expect_ok
        expect_match '^zind-oci version [0-9]+\.' '^commit: .' '^spec: 1\.3'
        [[ ${lines[0]} == "zind-oci version "* ]] || fail "the first line"
    done
}

@test "output that cannot be written is an error" {
    run bash -c '"$1" features >/dev/full' _ "$ZIND_OCI"
    expect_error "write to stdout"
    run bash -c '"$1" --help >/dev/full' _ "$ZIND_OCI"
    expect_error "write to stdout"
}

# exec: 255 is ours, everything else the program's.
@test "exec fails with 255 before the program, other commands with 1" {
    run zind exec nowhere true
    expect_status 255
    run zind exec --user 1:x nowhere true
    expect_status 255
    expect_error "UID or UID:GID"
    run zind start nowhere
    expect_status 1
}
