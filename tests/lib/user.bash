# SPDX-License-Identifier: Apache-2.0
# An ordinary user of the host, who is in no file of it: privileges are really dropped.
# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317

TEST_UID=64321
SUB_ID=3000000

# Call after setup_bundle: the bundle and the runtime go where the user can reach them, and
# config.json asks for a user namespace in which the user is root. From here on `zind` is the user's.
setup_user()
{
    local place=$BATS_TEST_TMPDIR/user

    needs_command setpriv unshare
    chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
    mkdir "$place"
    cp "$ZIND_OCI" "$place/zind-oci"
    mv "$BUNDLE" "$place/bundle"
    BUNDLE=$place/bundle
    ZIND_ROOT=$place/state
    map_ids '[{"containerID": 0, "hostID": $uid, "size": 1}]'
    edit_config '.linux.namespaces += [{"type": "user"}]'
    chown -R "$TEST_UID:$TEST_UID" "$place"
    # What create_container asks the user to write.
    touch "$BATS_TEST_TMPDIR"/{log,pid}
    chown "$TEST_UID" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR"/{log,pid}
    USER_FILES=""
    USER_CGROUP=""
    zind()
    {
        as_user "$BATS_TEST_TMPDIR/user/zind-oci" --root "$ZIND_ROOT" "$@" 3>&-
    }
}

# map_ids LIST: of uids and gids; $uid is the user, $sub the first of the ids below.
map_ids()
{
    edit_config ".linux.uidMappings = $1 | .linux.gidMappings = .linux.uidMappings" \
        --argjson uid "$TEST_UID" --argjson sub "$SUB_ID"
}

# grant_ids COUNT: lines for the user in passwd, subuid and subgid, which only as_user sees.
grant_ids()
{
    needs_command newuidmap newgidmap
    USER_FILES=$BATS_TEST_TMPDIR/etc
    mkdir -p "$USER_FILES"
    printf 'root:x:0:0::/root:/bin/sh\nztuser:x:%s:%s::/:/bin/sh\n' "$TEST_UID" "$TEST_UID" >"$USER_FILES/passwd"
    printf 'ztuser:%s:%s\n' "$SUB_ID" "$1" | tee "$USER_FILES/subuid" >"$USER_FILES/subgid"
}

# as_user COMMAND...: in $USER_CGROUP, a folder of cgroup v2, where that is set.
as_user()
{
    unshare --mount --propagation private bash -c '
        files=$1 cgroup=$2 uid=$3
        shift 3
        for file in ${files:+passwd subuid subgid}; do
            [ -e "/etc/$file" ] && mount --bind "$files/$file" "/etc/$file" || exit 99
        done
        [ -z "$cgroup" ] || echo $$ >"$cgroup/cgroup.procs" || exit 98
        eval "${PLACE-}"
        exec setpriv --reuid "$uid" --regid "$uid" --clear-groups --inh-caps=-all "$@"' \
        _ "$USER_FILES" "$USER_CGROUP" "$TEST_UID" "$@"
}
