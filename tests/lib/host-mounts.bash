# SPDX-License-Identifier: Apache-2.0
# Containers without a mount namespace: their mounts are the host's, here those of a place of its own.

# without_mount_namespace COMMAND: as bash -c, in a place of its own, whose mounts are shared with a
# peer; the runtime there is "zind". Fails when the place or its peer has other mounts afterwards.
without_mount_namespace()
{
    edit_config 'del(.linux.namespaces[] | select(.type == "mount"))'
    export -f zind
    export ZIND_OCI ZIND_ROOT BUNDLE CONTAINER
    # shellcheck disable=SC2016
    run unshare --mount --propagation private bash -c '
        mount --make-rshared /
        coproc peer { exec unshare --mount --propagation unchanged cat; }
        until [ "$(readlink /proc/self/ns/mnt)" != "$(readlink "/proc/$peer_PID/ns/mnt")" ]; do :; done
        before=$(cat /proc/self/mountinfo "/proc/$peer_PID/mountinfo")
        eval "$1"
        after=$(cat /proc/self/mountinfo "/proc/$peer_PID/mountinfo")
        kill "$peer_PID"
        if [ "$before" != "$after" ]; then
            diff <(echo "$before") <(echo "$after")
            echo "there are other mounts now"
        fi' _ "$1"
    expect_no_match 'there are other mounts now'
}
