#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Descriptors and folders of the host that a program could find in its hands: CVE-2024-21626, and the
# caller's terminal: LXC CVE-2016-10124, bubblewrap CVE-2017-5226.
load ../lib/bundle

quick()
{
    timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" "$@"
}

@test "whatever the caller has left open, the program has 0, 1 and 2" {
    set_args /bin/probe fds
    exec 8</ 9<"$BATS_TEST_TMPDIR" 33</etc/passwd
    run quick run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    expect_ok
    expect_no_match '^fd ([3-9]|[1-9][0-9])'
    start_idle
    run quick exec "$CONTAINER" /bin/probe fds 3>&-
    expect_no_match '^fd ([3-9]|[1-9][0-9])'
}

@test "a working folder that a link leads out by is refused or inside" {
    local target n

    for target in /proc/self/fd/7 /proc/self/cwd /proc/1/root /proc/self/fd/7/../.. /proc/thread-self/fd/8/..; do
        ln -sfn "$target" "$BUNDLE/rootfs/link"
        edit_config '.process.cwd = "/link"'
        set_args /bin/sh -c 'ls; ls ..'
        run quick run --bundle "$BUNDLE" "$CONTAINER" 3>&- 7</ 8<"$BATS_TEST_TMPDIR"
        expect_no_match '^(boot|usr|var|bundle|token)$'
    done
    edit_config '.process.cwd = "/"'
    start_idle
    for n in 3 4 5 6 7 8 9 10 11 12 13 14; do
        run quick exec --cwd "/proc/self/fd/$n/../../../.." "$CONTAINER" /bin/ls 3>&- 7</ 8<"$BATS_TEST_TMPDIR"
        expect_no_match '^(boot|usr|var|bundle|token)$'
        [ "$status" -ne 0 ] || fail "fd $n is a working folder"
    done
}

@test "a program reached through somebody's descriptor or root is refused" {
    local path

    for path in /proc/self/fd/7/bin/sh /proc/1/root/bin/sh /proc/self/cwd/bin/sh /link/bin/sh; do
        ln -sfn /proc/self/fd/7 "$BUNDLE/rootfs/link"
        set_args "$path" -c 'echo out'
        run quick run --bundle "$BUNDLE" "$CONTAINER" 3>&- 7</
        expect_status 1
        expect_no_match '^out'
    done
}

# The caller's terminal is on stdin, and root of the host types into it.
@test "the program cannot type into the terminal of its caller" {
    needs_command python3
    set_args /bin/probe type-ahead
    cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/plain"
    # shellcheck disable=SC2016
    run timeout -k 1 "30${ZIND_SLOW:+0}" python3 - "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&- <<'EOF2'
import os, pty, sys
pid, master = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b""
try:
    while chunk := os.read(master, 4096):
        said += chunk
except OSError:
    pass
os.waitpid(pid, 0)
print(said.decode().replace("\r", ""))
EOF2
    expect_match '^(EPERM|EIO|ENOTTY)$'
    expect_no_match '^ok$'
}

# Nothing of the image is loaded into the runtime, CVE-2019-14271: there is nothing that could load it.
@test "the runtime has no interpreter to load libraries by" {
    needs_command readelf
    readelf -l "$ZIND_OCI" >"$BATS_TEST_TMPDIR/headers"
    ! grep -q INTERP "$BATS_TEST_TMPDIR/headers" || skip "linked dynamically: libc's static archive is not there"
    ! grep -q "dlopen" <(readelf -Ws "$ZIND_OCI") || echo "dlopen is linked in"
}

# runtime.md leaves it open; the state is the caller's alone.
@test "nobody else can read or write what the runtime keeps" {
    umask 0
    start_idle
    expect_equal "$(stat -c %a "$ZIND_ROOT/$CONTAINER")" 700
    expect_equal "$(find "$ZIND_ROOT/$CONTAINER" -type f -perm /077)" ""
    expect_equal "$(find "$ZIND_ROOT" -maxdepth 0 -perm /022)" ""
}
