#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# list: what a person sees on a terminal, and what a program reads from a pipe.
load ../lib/bundle

# What list writes on a terminal of COLUMNS.
list_on_terminal()
{
    needs_command python3
    run timeout "20${ZIND_SLOW:+0}" python3 -c '
import fcntl, os, pty, struct, subprocess, sys, termios
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
subprocess.run(sys.argv[2:], stdout=slave, check=True)
os.close(slave)
text = b""
try:
    while True:
        more = os.read(master, 65536)
        if not more: break
        text += more
except OSError: pass
print(text.decode().replace("\r", ""), end="")
' "$1" "$ZIND_OCI" --root "$ZIND_ROOT" list
    expect_ok
}

@test "on a terminal the table fits, and says how long ago a container was created" {
    local line columns

    mv "$BUNDLE" "$BATS_TEST_TMPDIR/a-bundle-of-a-rather-long-name-which-alone-would-fill-most-of-the-line"
    BUNDLE=$BATS_TEST_TMPDIR/a-bundle-of-a-rather-long-name-which-alone-would-fill-most-of-the-line
    create_container
    for columns in 80 100; do
        list_on_terminal "$columns"
        expect_equal "${#lines[@]}" 2
        for line in "${lines[@]}"; do
            [ "${#line}" -le "$columns" ] || fail "wider than $columns: $line"
        done
        expect_match "^$CONTAINER +[0-9]+ +created +\.\.\.[^ ]*of-the-line +(just now|[0-9]+ seconds? ago) +root"
    done
    # Wide enough for all of it.
    list_on_terminal 400
    expect_match " $BUNDLE "
    # An unset size (serial lines) counts as 80.
    list_on_terminal 0
    for line in "${lines[@]}"; do
        [ "${#line}" -le 80 ] || fail "wider than 80: $line"
    done
}

@test "a long id is cut on a terminal where the bundle alone does not make enough space" {
    local id=$CONTAINER-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef line

    zind create --bundle "$BUNDLE" "$id" 3>&-
    list_on_terminal 80
    for line in "${lines[@]}"; do
        [ "${#line}" -le 80 ] || fail "wider than 80: $line"
    done
    expect_match "^zt[0-9-]+.*\.\.\. "
    zind delete --force "$id"
}

@test "in a pipe the table has the whole bundle and the time as in the state" {
    create_container
    run zind list
    expect_ok
    expect_match "^$CONTAINER   [0-9]+ +created   $BUNDLE   20[0-9-]+T[0-9:.]+Z   root$"
}
