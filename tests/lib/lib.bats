#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the tests themselves rest on.

load bundle

takes_a_while()
{
    sleep 1
    return 1
}

# Seen: 400 tries of a command that takes a second, which looked like a machine that hangs.
@test "what takes long to find out is not asked hundreds of times" {
    # shellcheck disable=SC2034
    PATIENCE=2
    run eventually takes_a_while
    [ "$status" -ne 0 ]
    [ "$SECONDS" -lt 20 ]
    expect_match 'did not come true: takes_a_while'
}
