# SPDX-License-Identifier: Apache-2.0
# What a test does otherwise where tests/modes/run runs it: it may be skipped, and others than root
# reach its files.
# shellcheck shell=bash disable=SC2154

# setup_mode: a line of the table is MODE|FILE|DESCRIPTION|REASON, with patterns of the shell.
setup_mode()
{
    local mode file description reason name=${BATS_TEST_FILENAME##*/}

    if [ -n "${ZIND_MODE_SKIPS-}" ]; then
        while IFS='|' read -r mode file description reason; do
            # shellcheck disable=SC2053
            [[ $ZIND_MODE != $mode || $name != $file || $BATS_TEST_DESCRIPTION != $description ]] || skip "$reason"
        done <"$ZIND_MODE_SKIPS"
    fi
    chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
    # The files that the runtime is told to write are its caller's.
    touch "$BATS_TEST_TMPDIR"/{log,pid}
    export BATS_TEST_TMPDIR
}
