#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What bash offers after the words typed so far.
load ../lib/expect

setup()
{
    cd "$BATS_TEST_DIRNAME/../.."
}

# offered WORD...: the last word is the one that is being typed.
offered()
{
    # shellcheck disable=SC2016
    run bash -c '
        source contrib/completions/zind-oci.bash
        compopt() { :; }
        zind-oci() { echo web; }
        COMP_WORDS=(zind-oci "$@") COMP_CWORD=$#
        _zind_oci
        echo "${COMPREPLY[*]}"' _ "$@"
    expect_ok
}

@test "the value of an option is not taken for the container's id" {
    local words

    for words in "update --memory 1g" "update --resources file" "update -r file" "ps -f json" "ps --format json" \
        "delete -f" "kill -r" "--root dir state" "exec -p file"; do
        # shellcheck disable=SC2086
        offered $words ""
        expect_equal "$words: $output" "$words: web"
    done
    offered kill -r web ""
    expect_match '^TERM KILL '
}

@test "the values that an option takes are offered, and no others" {
    offered list --format ""
    expect_equal "$output" "table json"
    offered validate --format ""
    expect_equal "$output" "text json"
    offered --log-format ""
    expect_equal "$output" "text json"
}

@test "commands that make a container are not offered those that are there" {
    local command

    for command in create run restore; do
        offered "$command" ""
        expect_equal "$output" ""
    done
}
