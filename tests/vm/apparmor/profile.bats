#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.apparmorProfile, runtime-spec config.md "Linux Process", on a kernel that has AppArmor.

load ../../lib/bundle

setup()
{
    setup_bundle
    OUTER=zind-outer-$BATS_TEST_NUMBER
    INNER=zind-inner-$BATS_TEST_NUMBER
    load_profile "$INNER" 'file, deny /etc/passwd r, signal, ptrace, unix, capability, network, mount, umount,'
}

teardown()
{
    teardown_bundle
    printf 'profile %s { }\nprofile %s { }\n' "$INNER" "$OUTER" | apparmor_parser --remove 2>/dev/null || true
}

load_profile()
{
    printf 'profile %s flags=(attach_disconnected,mediate_deleted) { %s }\n' "$1" "$2" |
        apparmor_parser --replace --skip-cache
}

use_inner()
{
    # shellcheck disable=SC2016
    edit_config '.process.apparmorProfile = $name' --arg name "$INNER"
}

@test "the program runs under its profile, and so does what exec runs" {
    use_inner
    start_idle
    expect_equal "$(cat "/proc/$(container_pid)/attr/apparmor/current")" "$INNER (enforce)"
    exec_probe read /etc/passwd
    expect_match 'EACCES|Permission denied'
    exec_probe lsm
    expect_match "$INNER"
}

@test "exec --apparmor takes the place of the container's profile" {
    use_inner
    load_profile "$OUTER" 'file, signal, unix, capability,'
    start_idle
    run zind exec --apparmor "$OUTER" "$CONTAINER" /bin/probe lsm
    expect_match "$OUTER"
}

@test "a profile that is not loaded is refused, with what to do" {
    edit_config '.process.apparmorProfile = "zind-nobody-has-it"'
    run_container true
    expect_error process.apparmorProfile zind-nobody-has-it apparmor_parser
}

# run_confined: as run_container, by a runtime that is under $OUTER.
run_confined()
{
    CONTAINER=$(new_id)
    set_args /bin/probe lsm
    # shellcheck disable=SC2016
    run bash -c 'echo "exec $1" >/proc/self/attr/apparmor/exec && exec "$2" --root "$3" run --bundle "$4" "$5"' _ \
        "$OUTER" "$ZIND_OCI" "$ZIND_ROOT" "$BUNDLE" "$CONTAINER" 3>&-
}

confine_runtime()
{
    load_profile "$OUTER" "file, signal, ptrace, unix, capability, network, mount, umount, pivot_root, remount, $1"
}

@test "a runtime that may leave its own profile does, but for no_new_privs, which stacks them" {
    use_inner
    confine_runtime 'change_profile,'
    edit_config '.process.noNewPrivileges = false'
    run_confined
    expect_ok
    expect_match "$INNER"
    expect_no_match "$OUTER"
    edit_config '.process.noNewPrivileges = true'
    run_confined
    expect_ok
    expect_match "$OUTER.*//&.*$INNER|$INNER.*//&.*$OUTER"
}

@test "a runtime that may not leave its own profile is told so" {
    use_inner
    confine_runtime ''
    run_confined
    expect_error process.apparmorProfile "Permission denied"
}
