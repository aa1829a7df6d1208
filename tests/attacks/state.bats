#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Files that the runtime reads or writes and somebody else got hold of: the state folder, config.json and
# process.json, the image's passwd, pid files and sockets of the caller.
load ../lib/bundle

# What a hostile record would make root do: run a hook, remove a cgroup.
plant_container()
{
    mkdir -p "$ZIND_ROOT/planted"
    # shellcheck disable=SC2016
    jq --arg mark "$BATS_TEST_TMPDIR/ran" '.hooks.poststop = [{ path: "/usr/bin/touch", args: ["touch", $mark] }]' \
        "$BUNDLE/config.json" >"$ZIND_ROOT/planted/config.json"
    set_args /bin/true
    create_container
    jq -c '.init.startTime = 1 | .id = "planted"' "$ZIND_ROOT/$CONTAINER/record.json" >"$ZIND_ROOT/planted/record.json"
    chmod 700 "$ZIND_ROOT/planted"
}

expect_not_trusted()
{
    local command

    for command in state start kill delete "delete --force" pause "exec"; do
        # shellcheck disable=SC2086
        case $command in
        exec) run quick exec planted /bin/true ;;
        *) run quick $command planted ;;
        esac
        [ "$status" -ne 0 ] || fail "$command trusts it"
    done
    run quick list
    expect_ok
    [ ! -e "$BATS_TEST_TMPDIR/ran" ] || fail "its hook was run"
    [ -e "$ZIND_ROOT/planted" ] || fail "it was removed"
}

@test "a state folder of another user's is not believed, nor one that others may write to" {
    plant_container
    chown -R 1000 "$ZIND_ROOT/planted"
    expect_not_trusted
    chown -R 0 "$ZIND_ROOT/planted"
    chmod 777 "$ZIND_ROOT/planted"
    expect_not_trusted
    chmod 700 "$ZIND_ROOT/planted"
    # As it is ours: the test's own proof.
    run quick delete planted
    expect_ok
    [ -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "a state folder that is a link is not followed" {
    plant_container
    mv "$ZIND_ROOT/planted" "$BATS_TEST_TMPDIR/elsewhere"
    ln -s "$BATS_TEST_TMPDIR/elsewhere" "$ZIND_ROOT/planted"
    expect_not_trusted
    [ -e "$BATS_TEST_TMPDIR/elsewhere/record.json" ] || fail "its target was touched"
    rm "$ZIND_ROOT/planted"
    # create does not use what is there either.
    ln -s "$BATS_TEST_TMPDIR/elsewhere" "$ZIND_ROOT/$CONTAINER-2"
    run quick create --bundle "$BUNDLE" "$CONTAINER-2"
    expect_status 1
    expect_error "already exists"
    rm "$ZIND_ROOT/$CONTAINER-2"
}

@test "links and hard links in a state folder: delete removes the name, not what it leads to" {
    start_idle
    echo precious >"$BATS_TEST_TMPDIR/precious"
    mkdir "$BATS_TEST_TMPDIR/folder"
    cp "$BATS_TEST_TMPDIR/precious" "$BATS_TEST_TMPDIR/folder/precious"
    ln "$BATS_TEST_TMPDIR/precious" "$ZIND_ROOT/$CONTAINER/hard"
    ln -s "$BATS_TEST_TMPDIR/folder" "$ZIND_ROOT/$CONTAINER/soft"
    ln -s "$BATS_TEST_TMPDIR/precious" "$ZIND_ROOT/$CONTAINER/.record.json.1"
    run quick delete --force "$CONTAINER"
    expect_ok
    expect_equal "$(cat "$BATS_TEST_TMPDIR/precious" "$BATS_TEST_TMPDIR/folder/precious")" $'precious\nprecious'
}

@test "a record that points at a process or cgroup of others kills and removes nothing" {
    local other=$CONTAINER pid

    start_idle
    pid=$(container_pid)
    CONTAINER=$(new_id)
    set_args /bin/probe pause
    create_container
    # The other's pid, though not its start time.
    jq -c --argjson pid "$pid" '.init.pid = $pid' "$ZIND_ROOT/$CONTAINER/record.json" >"$BATS_TEST_TMPDIR/new"
    cat "$BATS_TEST_TMPDIR/new" >"$ZIND_ROOT/$CONTAINER/record.json"
    expect_equal "$(container_status)" stopped
    run quick kill "$CONTAINER" KILL
    expect_status 1
    run quick delete --force "$CONTAINER"
    expect_ok
    expect_equal "$(container_status "$other")" running
}

# --- files that are read ---

@test "config.json and process.json that are fifos, devices or folders are refused at once" {
    local kind

    start_idle
    for kind in fifo device folder; do
        rm -rf "$BATS_TEST_TMPDIR/file"
        case $kind in
        fifo) mkfifo "$BATS_TEST_TMPDIR/file" ;;
        device) mknod "$BATS_TEST_TMPDIR/file" c 1 5 ;;
        folder) mkdir "$BATS_TEST_TMPDIR/file" ;;
        esac
        run timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" exec --process "$BATS_TEST_TMPDIR/file" "$CONTAINER" 3>&-
        expect_status 255
        # A pipe may be read (<(…)), but nobody waits for one who would write to it.
        [ "$kind" = fifo ] || expect_error "neither a regular file nor a pipe"
    done
}

@test "a config.json as large or deep as can be costs bounded memory and time" {
    local before=$SECONDS

    { printf '{"x":'; head -c 15000000 /dev/zero | tr '\0' '['; } >"$BUNDLE/config.json"
    run bash -c 'ulimit -v 300000; exec timeout -k 1 "30${ZIND_SLOW:+0}" "$@"' _ "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" 3>&-
    expect_status 1
    expect_error config.json
    [ $((SECONDS - before)) -lt "20${ZIND_SLOW:+0}" ] || fail "it took long"
    # Two hundred thousand strings are still below the limit, and fit.
    jq '.annotations = ([range(100000)] | map({ key: "k\(.)", value: "v" }) | from_entries)' "$TESTS_LIB/config.json" >"$BUNDLE/config.json"
    run bash -c 'ulimit -v 600000; exec timeout -k 1 "30${ZIND_SLOW:+0}" "$@"' _ "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    [ "$status" -lt 124 ] || fail "it crashed or hung"
    expect_no_leaks
}

# CVE-2019-14271 is the same file read with the image's own code; here nobody but us reads it.
@test "the image's passwd and group: fifo, device, endless, link out, one line of 20 MB" {
    local kind

    set_args /bin/probe env
    echo 'root:x:0:0::/leaked:/bin/sh' >"$BATS_TEST_TMPDIR/passwd"
    for kind in fifo device link magic huge nothing; do
        rm -f "$BUNDLE/rootfs/etc/passwd" "$BUNDLE/rootfs/etc/group"
        case $kind in
        fifo) mkfifo "$BUNDLE/rootfs/etc/passwd" "$BUNDLE/rootfs/etc/group" ;;
        device) mknod "$BUNDLE/rootfs/etc/passwd" c 1 5 ;;
        link) ln -s "$BATS_TEST_TMPDIR/passwd" "$BUNDLE/rootfs/etc/passwd" ;;
        magic) ln -s "/proc/self/fd/../root$BATS_TEST_TMPDIR/passwd" "$BUNDLE/rootfs/etc/passwd" ;;
        huge) { head -c 20000000 /dev/zero | tr '\0' a; echo; cat "$BATS_TEST_TMPDIR/passwd"; } >"$BUNDLE/rootfs/etc/passwd" ;;
        esac
        run timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&-
        expect_ok
        expect_line HOME=/
    done
}

# --- files that are written ---

@test "a pid file that is a link or a fifo is replaced, never written through" {
    echo precious >"$BATS_TEST_TMPDIR/precious"
    ln -s precious "$BATS_TEST_TMPDIR/pid"
    start_idle
    expect_equal "$(cat "$BATS_TEST_TMPDIR/precious")" precious
    [ ! -L "$BATS_TEST_TMPDIR/pid" ]
    zind delete --force "$CONTAINER"
    rm "$BATS_TEST_TMPDIR/pid"
    mkfifo "$BATS_TEST_TMPDIR/pid"
    start_idle
    [ -f "$BATS_TEST_TMPDIR/pid" ]
}

@test "nor is its temporary name, for who can guess the number" {
    local kind

    set_args /bin/true
    for kind in hard soft fifo; do
        echo precious >"$BATS_TEST_TMPDIR/precious"
        # The number is that of the shell, which becomes the runtime.
        # shellcheck disable=SC2016
        timeout -k 1 "30${ZIND_SLOW:+0}" bash -c 'cd "$1" && case $2 in
            hard) ln precious ".pid.$$" ;; soft) ln -s precious ".pid.$$" ;; *) mkfifo ".pid.$$" ;; esac
            exec "$3" --root "$4" create --pid-file "$1/pid" --bundle "$5" "$6"' _ \
            "$BATS_TEST_TMPDIR" "$kind" "$ZIND_OCI" "$ZIND_ROOT" "$BUNDLE" "$CONTAINER" </dev/null >/dev/null 2>&1 3>&-
        zind delete --force "$CONTAINER"
        expect_equal "$(cat "$BATS_TEST_TMPDIR/precious")" precious
        [ -f "$BATS_TEST_TMPDIR/pid" ] || fail "no pid file: $kind"
    done
}

@test "a console socket that is a fifo, a file or nobody's is refused at once" {
    local kind

    edit_config '.process.terminal = true'
    for kind in fifo file missing dead; do
        rm -f "$BATS_TEST_TMPDIR/socket"
        case $kind in
        fifo) mkfifo "$BATS_TEST_TMPDIR/socket" ;;
        file) : >"$BATS_TEST_TMPDIR/socket" ;;
        dead) python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$BATS_TEST_TMPDIR/socket" ;;
        esac
        run timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" \
            --console-socket "$BATS_TEST_TMPDIR/socket" "$CONTAINER" 3>&-
        expect_status 1
        expect_error socket
        expect_no_leaks
    done
}

# config-linux.md, "seccomp": the agent is trusted with the calls, not with the runtime's time.
@test "a seccomp agent that never reads, or goes away at once, holds up nobody but the program" {
    local how

    needs_command python3
    for how in never closes; do
        CONTAINER=$(new_id)
        rm -f "$BATS_TEST_TMPDIR/agent"
        python3 - "$BATS_TEST_TMPDIR/agent" "$how" 3>&- >/dev/null 2>&1 <<'PY' &
import socket, sys, time
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
if sys.argv[2] == "closes":
    server.accept()[0].close()
time.sleep(1000)
PY
        eventually listens "$BATS_TEST_TMPDIR/agent"
        # shellcheck disable=SC2016
        edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $path,
            syscalls: [{names: ["getpgid"], action: "SCMP_ACT_NOTIFY"}]}' --arg path "$BATS_TEST_TMPDIR/agent"
        set_args /bin/probe syscall getpgid
        create_container
        timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" start "$CONTAINER" 3>&- || [ $? -lt 124 ] || fail "start hangs"
        run timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" delete --force "$CONTAINER" 3>&-
        expect_ok
        expect_no_leaks
        kill %% 2>/dev/null || true
    done
}

# The XDG base directory is the user's own: root, called with it, changes nothing that a link of the user's leads to.
@test "a state root behind a link of another user is refused, and what the link leads to stays as it is" {
    local target run=$BATS_TEST_TMPDIR/run-user before

    mkdir -m 755 "$run" "$BATS_TEST_TMPDIR/folder"
    chmod 755 "$BATS_TEST_TMPDIR"
    cp /bin/true "$BATS_TEST_TMPDIR/setuid"
    chmod 4755 "$BATS_TEST_TMPDIR/setuid"
    chown 1000 "$run"
    before=$(stat -c '%n %a %u %Y' "$BATS_TEST_TMPDIR"/{setuid,folder})
    for target in setuid folder nothing nothing/deep; do
        ln -sfn "$BATS_TEST_TMPDIR/$target" "$run/link"
        chown -h 1000 "$run/link"
        for path in "$run/link" "$run/link/below"; do
            run env XDG_RUNTIME_DIR="$run" timeout 30 "$ZIND_OCI" --root "$path" create --bundle "$BUNDLE" "$CONTAINER"
            expect_status 1
            expect_error "link is a link of user 1000"
            expect_equal "$(stat -c '%n %a %u %Y' "$BATS_TEST_TMPDIR"/{setuid,folder})" "$before"
            [ ! -e "$BATS_TEST_TMPDIR/nothing" ] || fail "the link's target was made"
        done
    done
    # A link of root's own is followed.
    ln -s "$BATS_TEST_TMPDIR/folder" "$BATS_TEST_TMPDIR/own"
    ZIND_ROOT=$BATS_TEST_TMPDIR/own/deep/root
    create_container
    expect_ok
    zind delete --force "$CONTAINER"
    [ -d "$BATS_TEST_TMPDIR/folder/deep/root" ] || fail "the state root is elsewhere"
}
