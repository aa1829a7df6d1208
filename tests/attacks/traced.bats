#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# INIT on its way, before it is the program, has descriptors of the host. Root of the host without any capability, as
# a container with the host's processes has it, owns every user namespace that root makes (user_namespaces(7)): all
# that keeps it off is that INIT may not be traced (ptrace(2), PR_SET_DUMPABLE).
load ../lib/bundle

# Whose working folder this root can see, of all processes that name the container, goes to $SEEN.
start_looking()
{
    SEEN=$BATS_TEST_TMPDIR/seen
    setpriv --bounding-set=-all --inh-caps=-all timeout 120 bash -c 'until [ -e "$1/enough" ]; do
            for process in $(grep -lsF -f "$1/token" /proc/[0-9]*/cmdline); do
                readlink "${process%/cmdline}/cwd"
            done
        done' _ "$BATS_TEST_TMPDIR" >"$SEEN" 2>/dev/null 3>&- &
    LOOKER=$!
}

stop_looking()
{
    touch "$BATS_TEST_TMPDIR/enough"
    wait "$LOOKER" || true
    rm "$BATS_TEST_TMPDIR/enough"
}

teardown()
{
    touch "$BATS_TEST_TMPDIR/enough"
    teardown_bundle
}

@test "in a new user namespace INIT cannot be traced before it is the program" {
    needs_command strace
    [ -e /proc/self/ns/time ] || skip "this kernel has no time namespaces"
    edit_config '.linux.namespaces += [{type: "user"}, {type: "time"}] | .linux.timeOffsets = {monotonic: {secs: 5}} |
        .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    set_args /bin/sh -c 'sleep 100; :' "$CONTAINER"
    start_looking
    # Before INIT is root of its user namespace, and around the offsets of its clocks.
    strace -f -qq -o /dev/null -e trace=setresuid,openat2,write -e inject=setresuid:delay_enter=300000 \
        -e inject=openat2,write:delay_enter=200000:when=1..2 "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" \
        "$CONTAINER" </dev/null >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
    eventually has_status created
    stop_looking
    expect_equal "$(sort -u "$SEEN")" ""
    # It does see what it may: the program is the container's alone.
    start_looking
    zind start "$CONTAINER"
    eventually grep -q / "$SEEN"
    stop_looking
}
