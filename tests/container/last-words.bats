#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# runtime.md, "Errors", "Start": what goes wrong before the program runs is said, under any seccomp filter: one may deny
# every call by which it could be told.
load ../lib/bundle

# deny CALL...: with EPERM. kill_for CALL...: the whole process.
deny()
{
    # shellcheck disable=SC2016
    edit_config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: $ARGS.positional, action: "SCMP_ACT_ERRNO" }] }' --args -- "$@"
}

allow_only()
{
    # shellcheck disable=SC2016
    edit_config '.linux.seccomp = { defaultAction: "SCMP_ACT_KILL_PROCESS",
        syscalls: [{ names: $ARGS.positional, action: "SCMP_ACT_ALLOW" }] }' --args -- "$@"
}

setup()
{
    setup_bundle
    printf '#!/no/such/interpreter\n' >"$BUNDLE/rootfs/bin/script"
    chmod 755 "$BUNDLE/rootfs/bin/script"
    set_args /bin/script
}

expect_said()
{
    expect_status 1
    expect_error "/bin/script" "process.args[0]"
}

# Each way in: run, run -d, create and start, exec, exec -d.
expect_all_say()
{
    run_container
    expect_said
    status=0
    output=$(zind run -d --bundle "$BUNDLE" "$CONTAINER" 2>&1 </dev/null) || status=$?
    expect_said
    create_container
    expect_ok
    run zind start "$CONTAINER"
    expect_said
    eventually is_stopped
    zind delete "$CONTAINER"
    expect_no_leaks
}

is_stopped()
{
    [ "$(container_status)" = stopped ]
}

@test "a program that cannot run is told of though the filter denies all that sends" {
    deny sendto sendmsg sendmmsg write writev pwrite64
    expect_all_say
    edit_config '.process.noNewPrivileges = false'
    expect_all_say
}

@test "and though the filter kills for each call but execve" {
    allow_only execve
    edit_config '.process.noNewPrivileges = true'
    run_container
    expect_said
    create_container
    expect_ok
    run zind start "$CONTAINER"
    expect_said
    zind delete --force "$CONTAINER"
    expect_no_leaks
}

@test "exec says so, too, in front and in the background" {
    local option

    set_args /bin/probe pause
    deny sendto sendmsg
    start_container
    for option in "" -d; do
        # shellcheck disable=SC2086
        run zind exec $option "$CONTAINER" /bin/script
        [ "$status" -ne 0 ] || fail "exec $option is content"
        expect_error "/bin/script"
    done
}

# Without no_new_privs the capabilities are dropped under the filter.
@test "what fails between the filter and the program is told" {
    set_args /bin/probe true
    deny capset sendto sendmsg
    edit_config '.process.noNewPrivileges = false'
    run_container
    expect_status 1
    expect_error "capabilities"
    create_container
    expect_ok
    run zind start "$CONTAINER"
    expect_status 1
    expect_error "capabilities"
}
