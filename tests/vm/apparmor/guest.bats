#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The guest is what its variant promises; tests of the runtime that need it may count on that.

load ../../lib/bundle

@test "AppArmor is on, and a profile that is loaded confines" {
    expect_equal "$(cat /sys/module/apparmor/parameters/enabled)" Y
    printf 'profile zind-%s { file, deny /etc/passwd r, }\n' "$TOKEN" | apparmor_parser --replace --skip-cache
    run bash -c 'echo "exec zind-$1" >/proc/self/attr/apparmor/exec && exec cat /etc/passwd' _ "$TOKEN"
    [ "$status" -ne 0 ]
    expect_match 'Permission denied'
    printf 'profile zind-%s { }\n' "$TOKEN" | apparmor_parser --remove
}
