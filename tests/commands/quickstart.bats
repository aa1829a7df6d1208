#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# contrib/quickstart, the first thing that a newcomer runs.
# shellcheck disable=SC2030,SC2031
load ../lib/bundle

setup_quickstart()
{
    QUICKSTART=$BATS_TEST_DIRNAME/../../contrib/quickstart
    command -v busybox >/dev/null || skip "no busybox"
    needs_command python3
    [ -f "$BATS_TEST_DIRNAME/../../Makefile" ] || skip "not built here"
    export ZIND_NO_INSTALL=1
    unset SUDO_USER
}

@test "quickstart shows the script that it runs, and its next steps work as typed" {
    local steps

    setup_quickstart
    run env ZIND_OCI="$ZIND_OCI" timeout "60${ZIND_SLOW:+0}" "$QUICKSTART" 3>&-
    expect_ok
    expect_match 'config\["process"\]\["terminal"\] = False' '^ +hello from process 1$' 'zind-oci stands for: '
    steps=$(sed -n '/^Done/,$s/^    //p' <<<"$output")
    expect_equal "$(wc -l <<<"$steps")" 2
    run bash -c "$(sed -n 1p <<<"$steps")"
    expect_ok
    expect_match '^Usage: zind-oci'
    # Into a directory of the test: the command is looked at, not obeyed.
    run bash -c "$(sed -n 2p <<<"$steps") -n DESTDIR=$BATS_TEST_TMPDIR/installed"
    expect_ok
    expect_no_match 'sudo'
}

@test "quickstart shows progress while it builds, and what was printed when that fails" {
    setup_quickstart
    mkdir "$BATS_TEST_TMPDIR/bin"
    printf '#!/bin/sh\necho "  CC src/slow.o"\nsleep 7\necho "the end of it"\nexit 3\n' >"$BATS_TEST_TMPDIR/bin/make"
    chmod +x "$BATS_TEST_TMPDIR/bin/make"
    run env -u ZIND_OCI PATH="$BATS_TEST_TMPDIR/bin:$PATH" timeout "60${ZIND_SLOW:+0}" "$QUICKSTART" 3>&-
    expect_status 1
    expect_match '^   \.\.\. 5 s:   CC src/slow.o' '^the end of it$' '^quickstart: build failed'
}
