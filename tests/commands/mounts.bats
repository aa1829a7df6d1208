#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mounts add and mounts remove: what config.json's `mounts` can say, in a container that is there.
# The file is a JSON array of mount objects, as for crun. config.md, "Mounts".
load ../lib/bundle

# list JSON: the file.
list()
{
    printf '%s\n' "$1" >"$BATS_TEST_TMPDIR/list"
}

mounts()
{
    run timeout "20${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" mounts "$1" "$CONTAINER" "$BATS_TEST_TMPDIR/list" 3>&-
}

inside()
{
    run zind exec "$CONTAINER" "$@"
}

mounted_inside()
{
    zind exec "$CONTAINER" /bin/probe mounts | awk '{ print $2 }' | sort
}

@test "a folder, a file and a new file system are mounted into a running container, and removed" {
    mkdir "$BATS_TEST_TMPDIR/data"
    echo hello >"$BATS_TEST_TMPDIR/data/file"
    start_idle
    before=$(mounted_inside)
    list '[{"destination": "/mnt/folder", "type": "bind", "source": "'"$BATS_TEST_TMPDIR/data"'", "options": ["rbind", "ro"]},
        {"destination": "/mnt/file", "source": "'"$BATS_TEST_TMPDIR/data/file"'", "options": ["bind"]},
        {"destination": "/mnt/new", "type": "tmpfs", "source": "tmpfs", "options": ["size=64k", "nosuid", "ro"]}]'
    mounts add
    expect_ok
    expect_equal "$output" ""
    inside cat /mnt/folder/file /mnt/file
    expect_equal "$output" $'hello\nhello'
    inside touch /mnt/folder/x /mnt/new/x
    [ "$(grep -c "Read-only" <<<"$output")" -eq 2 ] || fail "writable"
    inside /bin/probe mounts
    expect_match '^mount /mnt/new tmpfs [^ ]*nosuid'
    mounts remove
    expect_ok
    expect_equal "$output" ""
    expect_equal "$(mounted_inside)" "$before"
    ! grep -q "$BATS_TEST_TMPDIR/data" /proc/self/mountinfo || fail "mounted on the host"
    expect_equal "$(container_status)" running
}

@test "a source is looked up on the host, relative ones in the bundle" {
    mkdir "$BUNDLE/etc"
    echo of the host >"$BUNDLE/etc/marker"
    start_idle
    list '[{"destination": "/mnt", "type": "bind", "source": "etc", "options": ["bind"]}]'
    mounts add
    expect_ok
    inside cat /mnt/marker
    expect_equal "$output" "of the host"
}

@test "all of it or nothing: where one fails, those before it are taken away" {
    start_idle
    before=$(mounted_inside)
    list '[{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs"},
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"},
        {"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": ["no-such-option"]}]'
    mounts add
    expect_status 1
    expect_error "mounts[2]" "/run" "no-such-option"
    expect_equal "$(mounted_inside)" "$before"
    list '[{"destination": "/mnt", "type": "bind", "source": "/nowhere", "options": ["bind"]}]'
    mounts add
    expect_error "mounts[0]" "/nowhere"
    expect_equal "$(mounted_inside)" "$before"
}

@test "what is not mounted cannot be removed, and nothing of the list is" {
    start_idle
    list '[{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs"}]'
    mounts add
    expect_ok
    before=$(mounted_inside)
    list '[{"destination": "/mnt"}, {"destination": "/bin"}]'
    mounts remove
    expect_error "mounts[1]" "nothing is mounted there"
    expect_equal "$(mounted_inside)" "$before"
    # The same twice: the second fails when the first is gone, and that comes back.
    list '[{"destination": "/mnt"}, {"destination": "/mnt"}]'
    mounts remove
    expect_error "mounts[1]"
    expect_equal "$(mounted_inside)" "$before"
}

@test "all that is wrong with a list is said at once, before anything is done" {
    start_idle
    before=$(mounted_inside)
    list '[{"destination": "", "type": "tmpfs"}, {"destination": "/mnt"}, {"destination": "/mnt", "type": "cgroup"},
        {"destination": "/../", "type": "tmpfs"}, {"destination": "/mnt", "options": ["remount", "ro"]}]'
    mounts add
    expect_status 1
    expect_error "mounts[0].destination" "mounts[1].type" "mounts[2].type" "mounts[4].options"
    for text in '{}' '[' '[{"type": "tmpfs"}]' '[], "x": 1' '[]]' ''; do
        list "$text"
        mounts add
        expect_error "$BATS_TEST_TMPDIR/list"
        mounts remove
        expect_error "$BATS_TEST_TMPDIR/list"
    done
    expect_equal "$(mounted_inside)" "$before"
    list '[]'
    mounts add
    expect_ok
    run zind mounts replace "$CONTAINER" "$BATS_TEST_TMPDIR/list"
    expect_error "neither add nor remove"
}

# The container's links lead to where they lead in the container.
@test "a destination that is a link stays in the container" {
    ln -s /../../../../../../../escape "$BUNDLE/rootfs/link"
    start_idle
    list '[{"destination": "/link/below", "type": "tmpfs", "source": "tmpfs"}]'
    mounts add
    expect_ok
    [ ! -e /escape ] || fail "made on the host"
    inside /bin/probe mounts
    expect_match '^mount /escape/below tmpfs '
}

@test "nothing but a procfs goes to /proc" {
    start_idle
    list '[{"destination": "/proc", "type": "tmpfs", "source": "tmpfs"}]'
    mounts add
    expect_error "mounts[0]" "only a procfs"
    # One made from outside would show the host's processes.
    list '[{"destination": "/mnt", "type": "proc", "source": "proc"}]'
    mounts add
    expect_error "mounts[0].type" "by create only"
}

@test "in a user namespace, too" {
    edit_config '.linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
        .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
    mkdir "$BATS_TEST_TMPDIR/data"
    echo hello >"$BATS_TEST_TMPDIR/data/file"
    start_idle
    before=$(mounted_inside)
    list '[{"destination": "/mnt", "type": "bind", "source": "'"$BATS_TEST_TMPDIR/data"'", "options": ["bind", "ro"]},
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"}]'
    mounts add
    expect_ok
    inside cat /mnt/file
    expect_equal "$output" hello
    inside touch /tmp/x
    expect_ok
    mounts remove
    expect_ok
    expect_equal "$(mounted_inside)" "$before"
}

@test "a stopped or unknown container, and one in the host's mount namespace, are refused" {
    list '[{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs"}]'
    mounts add
    expect_error "does not exist"
    edit_config 'del(.linux.namespaces[] | select(.type == "mount"))'
    create_container
    if [ "$status" -eq 0 ]; then
        mounts add
        expect_error "has no mount namespace of its own"
        zind delete --force "$CONTAINER"
    fi
    cp "$TESTS_LIB/config.json" "$BUNDLE/config.json"
    set_args /bin/probe true
    start_container
    wait_for_status stopped
    mounts add
    expect_error "container not running"
}

@test "a created container can be mounted into, and its program sees it" {
    set_args cat /mnt/marker
    mkdir "$BUNDLE/etc"
    echo there >"$BUNDLE/etc/marker"
    create_container
    expect_ok
    list '[{"destination": "/mnt", "source": "etc", "options": ["bind"]}]'
    mounts add
    expect_ok
    zind start "$CONTAINER"
    wait_for_output there
}
