#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is printed for people quotes configs, images and file names: none of it commands a terminal, neither with control
# characters of ASCII nor with U+0080 to U+009F.
load ../lib/bundle

# A control sequence: U+009B, then what follows "ESC [".
CSI=$'\xc2\x9b'

expect_harmless()
{
    [ -n "$output" ] || fail "nothing was printed"
    ! grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' <<<"$output" || fail "a control character was printed"
}

@test "plan, validate, errors, warnings and the log print no control character of config.json" {
    # shellcheck disable=SC2016
    edit_config '.hostname = "ab\u009b31mX" | .mounts[0].destination = "/proc\u009b31m" |
        .annotations["k\u009b"] = "v\u009b" | .process.capabilities.bounding = ["CAP_\u009b31m"] |
        .process.args = ["/none\u009b31m"]'
    run zind plan --bundle "$BUNDLE"
    expect_harmless
    run zind validate --bundle "$BUNDLE"
    expect_harmless
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_harmless
    run zind --log-format json run --bundle "$BUNDLE" "$CONTAINER"
    expect_harmless
}

@test "list and state print no control character of a bundle's path or an annotation" {
    mv "$BUNDLE" "$BUNDLE$CSI"
    BUNDLE=$BUNDLE$CSI
    edit_config '.annotations = {"k\u009b": "\u007f\u009b31m"}'
    create_container
    expect_ok
    run zind list
    expect_harmless
    run zind list --format json
    expect_harmless
    run zind state "$CONTAINER"
    expect_harmless
    expect_equal "$(jq -r '.annotations["k\u009b"]' <<<"$output")" $'\x7f\xc2\x9b31m'
}

@test "ps prints no control character of a program's name" {
    set_args /bin/sh -c $'exec /bin/sleep 1000 "$@"' "sh${CSI}31m"
    start_container
    run zind ps "$CONTAINER"
    expect_ok
    expect_harmless
}
