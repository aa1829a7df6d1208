# SPDX-License-Identifier: Apache-2.0
# What the tests of containerd have in common: the daemon, the image, and `ctr run` with the runtime under test.
# shellcheck shell=bash disable=SC2034,SC2154

IMAGE=docker.io/library/bb:1

setup_file()
{
    needs_root
    needs_command containerd ctr jq
    place_start
    archive_image "$IMAGE"
    containerd_start
    ctr images import --snapshotter native "$PLACE/archive.tar"
}

teardown_file()
{
    place_stop
}

setup()
{
    # Its cgroup is the whole host's, so is its name.
    NAME=c$BATS_TEST_NUMBER-${PLACE##*.}
}

teardown()
{
    local id

    for id in $(ctr tasks list --quiet); do
        ctr tasks kill --all --signal KILL "$id" >/dev/null 2>&1 || true
        ctr tasks delete --force "$id" >/dev/null 2>&1 || true
    done
    for id in $(ctr containers list --quiet); do
        ctr containers delete "$id"
    done
}

# Sets $CTR_RUN: the words of `ctr run` that make it ours; ctr takes systemd's cgroup from the command line, too.
ctr_words()
{
    local word previous=""

    CTR_RUN=(run --snapshotter native --runtime io.containerd.runc.v2 --runc-binary "$ZIND_OCI")
    [ $CGROUP_DRIVER = systemd ] || return 0
    for word in "$@"; do
        [ "$previous" != "$IMAGE" ] || CTR_RUN+=(--runc-systemd-cgroup --cgroup "system.slice:ctr:$word")
        previous=$word
    done
}

ctr_run()
{
    ctr_words "$@"
    ctr "${CTR_RUN[@]}" "$@"
}

task_status()
{
    ctr tasks list | awk -v name="$NAME" '$1 == name {print $3}'
}

# run_exec EXEC-ID WORD...: sets $status and $output. On a busy host ctr may close the pipes before it has read
# them, whatever the runtime (runc: one of 200), so what printed nothing runs again.
run_exec()
{
    run ctr tasks exec --exec-id "$1" "${@:2}"
    [ "$status" -ne 0 ] || [ -n "$output" ] || run ctr tasks exec --exec-id "$1-again" "${@:2}"
}
