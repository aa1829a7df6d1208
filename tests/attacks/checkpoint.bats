#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# criu works as root on directories that may lie below somebody else's: it gets what was checked, not its path.
load ../lib/bundle

setup()
{
    setup_bundle
    # Below a directory of another user, who replaces what is in it while criu starts.
    THEIRS=$BATS_TEST_TMPDIR/theirs
    chmod 755 "$BATS_TEST_TMPDIR"
    mkdir -p "$THEIRS" "$BATS_TEST_TMPDIR/trap"
    chown 1000 "$THEIRS"
    # Stands in the place of criu for one mount namespace: swaps the directory, tells what it was given, and fails.
    cat >"$BATS_TEST_TMPDIR/criu" <<END
#!/bin/bash
[ "\$1" != --version ] || { echo "Version: 4.0"; exit 0; }
mv "$THEIRS/images" "$THEIRS/gone"
ln -s "$BATS_TEST_TMPDIR/trap" "$THEIRS/images"
while [ \$# -gt 0 ]; do
    case \$1 in --images-dir|--work-dir) : >"\$2/written-by-criu"; readlink "\$2" ;; esac
    shift
done >"$BATS_TEST_TMPDIR/given"
exit 1
END
    chmod 755 "$BATS_TEST_TMPDIR/criu"
}

# With the stand-in as /usr/sbin/criu.
with_criu()
{
    # shellcheck disable=SC2016
    run timeout 60 unshare --mount --propagation slave sh -c '[ -e /usr/sbin/criu ] || mount -t tmpfs none /usr/sbin
        [ -e /usr/sbin/criu ] || : >/usr/sbin/criu; mount --bind "$1" /usr/sbin/criu && shift && exec "$@"' _ \
        "$BATS_TEST_TMPDIR/criu" "$ZIND_OCI" --root "$ZIND_ROOT" "$@" 3>&-
}

expect_nothing_in_trap()
{
    expect_equal "$(ls -A "$BATS_TEST_TMPDIR/trap")" ""
    expect_equal "$(sort -u "$BATS_TEST_TMPDIR/given")" "$THEIRS/gone"
}

@test "criu dumps into the directory that was checked, though another has its name" {
    start_idle
    with_criu checkpoint --image-path "$THEIRS/images" "$CONTAINER"
    expect_status 1
    expect_nothing_in_trap
}

@test "criu restores from the directory that was checked, though another has its name" {
    mkdir -m 700 "$THEIRS/images"
    with_criu restore --bundle "$BUNDLE" --image-path "$THEIRS/images" "$CONTAINER"
    expect_status 1
    [ ! -e "$BATS_TEST_TMPDIR/given" ] || expect_nothing_in_trap
    expect_equal "$(ls -A "$BATS_TEST_TMPDIR/trap")" ""
}
