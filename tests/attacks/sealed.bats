#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The host's binary must be out of reach for writing, whatever the container is allowed to do:
# CVE-2019-5736. The strongest container: root of the host, all capabilities, no user namespace.
load ../lib/bundle

ALL="CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
    NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT
    SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE
    AUDIT_CONTROL SETFCAP"

setup()
{
    setup_bundle
    # A copy: an attack that succeeds ruins this one only.
    cp "$ZIND_OCI" "$BATS_TEST_TMPDIR/zind-oci"
    ZIND_OCI=$BATS_TEST_TMPDIR/zind-oci
    # shellcheck disable=SC2016
    edit_config '.process.noNewPrivileges = false | .process.capabilities = (
        [$names | split("[ \n]+"; null)[] | "CAP_" + .]
        | { bounding: ., effective: ., permitted: . })' --arg names "$ALL"
    printf '#!/proc/self/exe\n' >"$BUNDLE/rootfs/bin/again"
    chmod +x "$BUNDLE/rootfs/bin/again"
}

expect_read_only()
{
    expect_match "^(EROFS|EPERM)$"
    expect_no_match "^(ok|nothing)$"
}

grabbed()
{
    container_output | grep -vx ready | grep -q .
}

@test "a process in the container cannot write to the runtime that execs into it" {
    set_args /bin/probe grab-exe "60${ZIND_SLOW:+0}"
    start_container
    wait_for_output ready
    # The kernel runs the runtime's own file once more, as the script's interpreter.
    run quick exec "$CONTAINER" /bin/again
    [ "$status" -ne 124 ] || fail "the exec hangs"
    for _ in {1..50}; do
        ! grabbed || break
        quick exec "$CONTAINER" /bin/again || true
    done
    eventually grabbed
    output=$(container_output)
    expect_read_only
}

@test "a program that is the runtime itself cannot be written to by its neighbour" {
    local neighbour=$CONTAINER

    set_args /bin/probe grab-exe "60${ZIND_SLOW:+0}"
    start_container
    wait_for_output ready
    # In the neighbour's pid namespace, like the containers of a pod that share one.
    CONTAINER=$(new_id)
    # shellcheck disable=SC2016
    edit_config '(.linux.namespaces[] | select(.type == "pid")).path = $path |
        .process.args = ["/bin/again"]' --arg path "/proc/$(container_pid)/ns/pid"
    for _ in {1..50}; do
        ! grabbed || break
        quick run --bundle "$BUNDLE" "$CONTAINER" </dev/null >/dev/null 2>&1 || true
    done
    CONTAINER=$neighbour
    eventually grabbed
    output=$(container_output)
    expect_read_only
}

@test "the executable of the INIT that waits is on a read-only mount, even once it has ended" {
    needs_command python3
    set_args /bin/probe true
    create_container
    expect_ok
    run python3 -c '
import os, subprocess, sys
fd = os.open("/proc/%s/exe" % sys.argv[1], os.O_PATH)
os.set_inheritable(fd, False)
subprocess.run(sys.argv[2:], check=True, timeout=300)
try:
    os.open("/proc/self/fd/%d" % fd, os.O_WRONLY)
    print("ok")
except OSError as e:
    print("EROFS" if e.errno == 30 else "EPERM" if e.errno == 1 else e)
' "$(container_pid)" "$ZIND_OCI" --root "$ZIND_ROOT" delete --force "$CONTAINER"
    expect_read_only
}

@test "a read-only mount of the host that holds the runtime is not trusted to stay so" {
    needs_command python3 unshare
    mkdir "$BATS_TEST_TMPDIR/usr"
    mv "$ZIND_OCI" "$BATS_TEST_TMPDIR/usr/"
    set_args /bin/probe true
    # The administrator updates: the mount becomes writable while somebody holds on to INIT's file.
    run timeout -k 1 "30${ZIND_SLOW:+0}" unshare -m bash -c '
        set -e
        mount --bind "$1/usr" "$1/usr"
        mount -o remount,bind,ro "$1/usr"
        "$1/usr/zind-oci" --root "$2" create --bundle "$3" --pid-file "$1/pid" "$4" >/dev/null 2>&1
        python3 - "$1" "$2" "$4" <<EOF
import os, subprocess, sys
top, root, name = sys.argv[1:]
fd = os.open("/proc/%s/exe" % open(top + "/pid").read(), os.O_PATH)
subprocess.run([top + "/usr/zind-oci", "--root", root, "delete", "--force", name], check=True)
subprocess.run(["mount", "-o", "remount,bind,rw", top + "/usr"], check=True)
try:
    os.open("/proc/self/fd/%d" % fd, os.O_WRONLY)
    print("ok")
except OSError as e:
    print("EROFS" if e.errno == 30 else e)
EOF
' _ "$BATS_TEST_TMPDIR" "$ZIND_ROOT" "$BUNDLE" "$CONTAINER" 3>&-
    mv "$BATS_TEST_TMPDIR/usr/zind-oci" "$ZIND_OCI"
    expect_ok
    expect_read_only
}
