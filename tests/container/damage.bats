#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What should not be there: broken bundles, broken state roots, broken state folders. runtime.md,
# "Errors": an error leaves the host as if nothing was tried.
load ../lib/bundle

# expect_refused TEXT...: create fails in time, says each, and leaves nothing.
expect_refused()
{
    run quick create --bundle "$BUNDLE" "$CONTAINER"
    expect_status 1
    expect_error "$@"
    expect_no_leaks
}

@test "a config.json that is no regular file is refused" {
    rm "$BUNDLE/config.json"
    expect_refused config.json "No such file"
    mkfifo "$BUNDLE/config.json"
    expect_refused config.json "not a regular file"
    rm "$BUNDLE/config.json"
    mkdir "$BUNDLE/config.json"
    expect_refused config.json "not a regular file"
    rmdir "$BUNDLE/config.json"
    mknod "$BUNDLE/config.json" c 1 5
    expect_refused config.json "not a regular file"
    rm "$BUNDLE/config.json"
    ln -s /dev/zero "$BUNDLE/config.json"
    expect_refused config.json "not a regular file"
    rm "$BUNDLE/config.json"
    ln -s config.json "$BUNDLE/config.json"
    expect_refused config.json
}

@test "a config.json that is empty, too long, too deep or followed by garbage is refused" {
    cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
    : >"$BUNDLE/config.json"
    expect_refused create
    { cat "$BATS_TEST_TMPDIR/good"; head -c $((17 << 20)) /dev/zero | tr '\0' ' '; } \
        >"$BUNDLE/config.json"
    expect_refused config.json "more than"
    head -c 1000000 /dev/zero | tr '\0' '[' >"$BUNDLE/config.json"
    expect_refused config.json:1:
    { printf '{"x":'; head -c 1000000 /dev/zero | tr '\0' '['; } >"$BUNDLE/config.json"
    expect_refused config.json:1:
    { cat "$BATS_TEST_TMPDIR/good"; echo garbage; } >"$BUNDLE/config.json"
    expect_refused config.json:
    { cat "$BATS_TEST_TMPDIR/good"; printf '\0'; } >"$BUNDLE/config.json"
    expect_refused config.json:
    jq '.hostname = "a\u0000b"' "$BATS_TEST_TMPDIR/good" >"$BUNDLE/config.json"
    expect_refused config.json:
    sed 's/"inside"/"in\x00side"/' "$BATS_TEST_TMPDIR/good" >"$BUNDLE/config.json"
    expect_refused config.json:
    echo '[]' >"$BUNDLE/config.json"
    expect_refused config.json:1:
}

@test "a bundle that is missing or a file is refused" {
    BUNDLE=$BATS_TEST_TMPDIR/none
    expect_refused "$BUNDLE" "No such file"
    : >"$BUNDLE"
    expect_refused "$BUNDLE"
}

# In a mount namespace of its own: OPTIONS of the tmpfs, SIZE-FILLER
create_on_tmpfs()
{
    mkdir -p "$BATS_TEST_TMPDIR/small"
    # shellcheck disable=SC2016
    run timeout -k 1 "30${ZIND_SLOW:+0}" unshare -m bash -c '
        mount -t tmpfs -o "$1" tmpfs "$2/small" && mkdir "$2/small/root"
        eval "$5"
        "$3" --root "$2/small/root" create --bundle "$2/bundle" --pid-file "$2/pid" "$4" </dev/null
        status=$?
        find "$2/small/root" -mindepth 1
        exit $status' _ "$1" "$BATS_TEST_TMPDIR" "$ZIND_OCI" "$CONTAINER" "$2" 3>&-
}

@test "a state root on a full file system is a clear error that leaves nothing" {
    local filler

    # shellcheck disable=SC2016
    filler='head -c 100M /dev/zero >"$2/small/fill" 2>/dev/null'
    create_on_tmpfs size=64k "$filler"
    expect_status 1
    expect_error "No space left"
    expect_no_match "$CONTAINER\$" "left behind"
    # Not even a name.
    create_on_tmpfs size=64k,nr_inodes=2 ""
    expect_status 1
    expect_error "No space left"
    # The folder and one file, but not all.
    create_on_tmpfs size=64k,nr_inodes=4 ""
    expect_status 1
    expect_error "No space left"
    expect_no_leaks
    [ ! -e "$BATS_TEST_TMPDIR/pid" ]
}

@test "a state root that is read-only or a file is a clear error" {
    # shellcheck disable=SC2016
    create_on_tmpfs size=64k 'mount -o remount,ro "$2/small"'
    expect_status 1
    expect_error "Read-only file system"
    : >"$BATS_TEST_TMPDIR/file"
    ZIND_ROOT=$BATS_TEST_TMPDIR/file
    run quick create --bundle "$BUNDLE" "$CONTAINER"
    expect_status 1
    expect_error "Not a directory"
    ZIND_ROOT=$BATS_TEST_TMPDIR/root
}

# expect_survivable WHAT: list goes on, state says what is wrong, delete --force removes all, twice.
expect_survivable()
{
    local pid

    pid=$(container_pid)
    run quick list
    expect_ok
    expect_match "$OTHER"
    run quick list --format json
    expect_ok
    expect_match "$OTHER"
    run quick state "$CONTAINER"
    [ "$1" = start ] || {
        expect_status 1
        expect_error "$1"
    }
    run quick delete --force "$CONTAINER"
    expect_ok
    [ ! -e "$ZIND_ROOT/$CONTAINER" ] || fail "the state folder is left"
    eventually is_gone "$pid"
    expect_equal "$(find /sys/fs/cgroup -type d -name "*$CONTAINER*")" ""
    run quick delete --force "$CONTAINER"
    expect_ok
}

is_gone()
{
    ! grep -qs '^State:.[^ZX]' "/proc/$1/status"
}

make_other()
{
    OTHER=$CONTAINER
    start_idle
}

@test "a state folder damaged in any way keeps list going and is gone after delete --force" {
    local damage folder

    make_other
    for damage in "record.json:>" "record.json:rm -f" "record.json:echo garbage >" \
        "record.json:echo {} >" "record.json:mkdir -p x; mv -fT x" "record.json:replace" \
        "record.json:echo '{\"version\":1}' >" "config.json:>" "config.json:rm -f" \
        "config.json:echo '{\"' >" "record.json:weird" "config.json:folder" "start:rm -f" \
        "start:ln -sf /dev/zero"; do
        CONTAINER=$(new_id)
        start_idle
        folder=$ZIND_ROOT/$CONTAINER
        case ${damage#*:} in
        replace | folder)
            rm "$folder/${damage%%:*}"
            mkdir -p "$folder/${damage%%:*}/deep/deeper"
            touch "$folder/${damage%%:*}/deep/file"
            ;;
        weird)
            jq -c '.cgroup.manager = 77' "$folder/record.json" >"$folder/new"
            mv "$folder/new" "$folder/record.json"
            ;;
        mkdir*) mkfifo "$folder/fifo" && mv -f "$folder/fifo" "$folder/record.json" ;;
        *) (cd "$folder" && eval "${damage#*:} ${damage%%:*}") ;;
        esac
        expect_survivable "${damage%%:*}" || fail "after $damage"
    done
    expect_equal "$(container_status "$OTHER")" running
}

@test "an empty state folder, as after a death at the very first step, can be deleted" {
    local folder=$ZIND_ROOT/$CONTAINER

    mkdir -p "$folder"
    run quick state "$CONTAINER"
    expect_status 1
    expect_error record.json "in the state folder $folder" "delete --force"
    run quick start "$CONTAINER"
    expect_status 1
    run quick list
    expect_ok
    run quick delete --force "$CONTAINER"
    expect_ok
    [ ! -e "$folder" ]
}

@test "a file among the state folders disturbs nobody" {
    start_idle
    : >"$ZIND_ROOT/stray"
    run quick list
    expect_ok
    expect_match "$CONTAINER.*running"
    run quick state stray
    expect_status 1
    rm "$ZIND_ROOT/stray"
}
