#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# plan: tells what create would do, and does none of it.
# shellcheck disable=SC2154
load ../lib/bundle

@test "plan lists the steps in their order, with sides and reasons" {
    run --separate-stderr zind plan --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_equal "$stderr" ""
    expect_match '^ *1  state_claim +RUNTIME +' '^ *[0-9]+  mounts_attach +INIT +' \
        '^ *[0-9]+  program_run +INIT +'
    expect_match '^      .*/proc'
}

@test "plan needs no id and makes nothing" {
    run zind plan --bundle "$BUNDLE"
    expect_ok
    [ -z "$(leaked_state)" ] || fail "plan left a state folder"
    [ -z "$(leaked_cgroups)" ] || fail "plan left a cgroup"
}

# runtime.md, "Errors": all that is wrong is told at once, before anything is done.
@test "plan refuses what create would refuse" {
    edit_config '.process.cwd = "relative"'
    run zind plan --bundle "$BUNDLE" "$CONTAINER"
    expect_error process.cwd
}

@test "a step that a container does not need is left out" {
    edit_config 'del(.hostname)'
    run zind plan --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_no_match 'hooks_run_prestart' 'hostname_set'
}

@test "plan names the flags of clone3 and how the cgroup is entered" {
    run zind plan --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_match 'clone3 flags 0x[0-9a-f]+ .*CLONE_NEWPID CLONE_NEWNET' "INIT is .*(tasks|cgroup.procs)"
}
