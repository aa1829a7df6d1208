#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Callers as they come: stdio closed, signals ignored, descriptors and variables left lying around.
load ../lib/bundle

quick()
{
    timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" "$@"
}

# with_closed "REDIRECTIONS" COMMAND...: each in its own shell, for the sake of bats' descriptors.
with_closed()
{
    local closed=$1

    shift
    timeout -k 1 "30${ZIND_SLOW:+0}" bash -c "exec $closed 3>&- 4>&-; exec \"\$@\"" _ "$ZIND_OCI" --root "$ZIND_ROOT" "$@"
}

@test "whichever of 0, 1 and 2 the caller has closed, the container has /dev/null there" {
    local closed

    for closed in "<&-" ">&-" "2>&-" "<&- >&-" "<&- 2>&-" ">&- 2>&-" "<&- >&- 2>&-"; do
        set_args /bin/sh -c '/bin/probe fds >/tmp/fds'
        with_closed "$closed" run --bundle "$BUNDLE" "$CONTAINER" ||
            fail "run fails with $closed"
        output=$(cat "$BUNDLE/rootfs/tmp/fds")
        expect_equal "$(grep -c '^fd [0-2] ' <<<"$output")" 3
        expect_no_match '^fd ([3-9]|[1-9][0-9])' "$TOKEN.*(record|lock|config)"
        [[ $closed != *"2>&-"* ]] || expect_line "fd 2 /dev/null"
    done
    with_closed "<&- >&- 2>&-" create --bundle "$BUNDLE" "$CONTAINER"
    with_closed "<&- >&- 2>&-" start "$CONTAINER"
    wait_for_status stopped
    with_closed "<&- >&- 2>&-" delete "$CONTAINER"
    expect_no_leaks
}

# config.md, "POSIX-platform Hooks": a hook that fails is an error, whoever calls.
@test "a failing hook is an error though the caller ignores SIGCHLD" {
    set_args /bin/probe true
    edit_config '.hooks.createRuntime = [{ path: "/bin/false" }]'
    run timeout -k 1 "30${ZIND_SLOW:+0}" env --ignore-signal=CHLD,PIPE \
        "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    expect_status 1
    expect_error "createRuntime" "/bin/false" "exit status 1"
}

@test "the exit status arrives though the caller ignores SIGCHLD" {
    set_args /bin/probe exit 7
    run timeout -k 1 "30${ZIND_SLOW:+0}" env --ignore-signal=CHLD,PIPE,TERM \
        "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    expect_status 7
    start_idle
    run timeout -k 1 "30${ZIND_SLOW:+0}" env --ignore-signal=CHLD \
        "$ZIND_OCI" --root "$ZIND_ROOT" exec "$CONTAINER" /bin/probe exit 9 3>&-
    expect_status 9
}

@test "what the caller ignores or blocks is at its default for the program and the hooks" {
    printf '#!/bin/sh\ngrep -E "^Sig(Ign|Blk)" /proc/self/status >%s\n' "$BATS_TEST_TMPDIR/hook.out" \
        >"$BATS_TEST_TMPDIR/hook"
    chmod +x "$BATS_TEST_TMPDIR/hook"
    # shellcheck disable=SC2016
    edit_config '.hooks.createRuntime = [{ path: $path, env: ["PATH=/bin:/usr/bin"] }]' \
        --arg path "$BATS_TEST_TMPDIR/hook"
    set_args /bin/probe proc-status
    run timeout -k 1 "30${ZIND_SLOW:+0}" env --ignore-signal=CHLD,PIPE,HUP,USR1,INT \
        "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    expect_ok
    expect_match '^SigIgn:.0000000000000000$' '^SigBlk:.0000000000000000$'
    output=$(cat "$BATS_TEST_TMPDIR/hook.out")
    expect_match '^SigIgn:.0000000000000000$' '^SigBlk:.0000000000000000$'
}

@test "delete goes on to its end though nobody reads what it says" {
    edit_config '.hooks.poststop = [{ path: "/bin/false" }, { path: "/bin/sh", args: ["sh", "-c",
        "echo much; exit 3"] }]'
    start_idle
    # The reader is gone before delete warns of the hooks.
    { sleep 0.3; quick delete --force "$CONTAINER" 2>&1 3>&-; echo $? >"$BATS_TEST_TMPDIR/rc"; } | true
    expect_equal "$(cat "$BATS_TEST_TMPDIR/rc")" 0
    expect_no_leaks
}

@test "the program has 0, 1 and 2 only, and of LISTEN_FDS what is passed on" {
    set_args /bin/probe each fds env
    # shellcheck disable=SC2016
    run timeout -k 1 "30${ZIND_SLOW:+0}" bash -c 'exec 3<"$3" 7</etc/passwd 9</; export NOTIFY_SOCKET=/run/nobody
        LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" --root "$1" run --bundle "$2" "$4"' \
        "$ZIND_OCI" "$ZIND_ROOT" "$BUNDLE" "$BUNDLE/config.json" "$CONTAINER"
    expect_ok
    expect_match '^fd 3 .*config.json' '^LISTEN_FDS=1$' '^LISTEN_PID=1$'
    expect_no_match '^fd ([4-9]|[1-9][0-9])' /run/nobody passwd
}

@test "LISTEN_FDS meant for another process is not passed on" {
    set_args /bin/probe each fds env
    # shellcheck disable=SC2016
    run timeout -k 1 "30${ZIND_SLOW:+0}" bash -c 'exec 3<"$3"
        LISTEN_FDS=1 LISTEN_PID=1 exec "$0" --root "$1" run --bundle "$2" "$4"' \
        "$ZIND_OCI" "$ZIND_ROOT" "$BUNDLE" "$BUNDLE/config.json" "$CONTAINER"
    expect_ok
    expect_no_match '^fd 3' LISTEN_
}

@test "--preserve-fds that counts more than is open is refused, also by absurd numbers" {
    local n

    for n in 1 2147483647 2147483648 4294967293 4294967295 18446744073709551616 -1; do
        run timeout -k 1 "30${ZIND_SLOW:+0}" bash -c 'exec 3>&-; exec "$@"' _ "$ZIND_OCI" --root "$ZIND_ROOT" \
            run --bundle "$BUNDLE" --preserve-fds="$n" "$CONTAINER"
        expect_status 1
        expect_error preserve-fds
        [ -z "$(leaked_state)" ] || fail "state left"
    done
}

# CVE-2024-21626.
@test "a working folder that is an open descriptor is refused" {
    local n path

    for n in 3 4 5 6 7 8 9; do
        for path in "/proc/self/fd/$n" "/proc/self/fd/$n/../../.." "/proc/1/fd/$n"; do
            # shellcheck disable=SC2016
            edit_config '.process.cwd = $path' --arg path "$path"
            # shellcheck disable=SC2016
            run timeout -k 1 "30${ZIND_SLOW:+0}" bash -c 'exec 3</ 7</; exec "$@"' _ "$ZIND_OCI" --root "$ZIND_ROOT" \
                run --bundle "$BUNDLE" "$CONTAINER"
            expect_status 1
            expect_error cwd
        done
    done
    edit_config '.process.cwd = "/"'
    start_idle
    run quick exec --cwd /proc/self/fd/3 "$CONTAINER" /bin/true 3</
    expect_status 255
    expect_error cwd
}

@test "a bad id is refused by every command, and nothing is made" {
    local id command long

    mkdir "$BATS_TEST_TMPDIR/x"
    long=$(printf 'a%.0s' {1..2000})
    for id in ../x "" . .. / a/b "a b" "$long" $'a\nb'; do
        for command in "create --bundle $BUNDLE" "run --bundle $BUNDLE" start state "delete" \
            "delete --force" kill pause resume ps "exec"; do
            # shellcheck disable=SC2086
            case $command in
            exec) run quick exec "$id" /bin/true 3>&- ;;
            *) run quick $command "$id" 3>&- ;;
            esac
            [ "$status" -ne 0 ] && [ "$status" -lt 124 ] || [ "$status" -eq 255 ] ||
                fail "$command takes the id '$id'"
            expect_match 'not a container id: use up to 240 letters, '
        done
    done
    [ -d "$BATS_TEST_TMPDIR/x" ]
    [ ! -e "$ZIND_ROOT" ] || expect_equal "$(find "$ZIND_ROOT" -mindepth 1)" ""
}

# receive_pidfd PATH: prints the pid that the pidfd stands for which comes there.
receive_pidfd()
{
    needs_command python3
    python3 -c '
import os, socket, sys
at = socket.socket(socket.AF_UNIX)
at.bind(sys.argv[1])
at.listen()
connection = at.accept()[0]
fds = socket.recv_fds(connection, 100, 2)[1]
for line in open("/proc/self/fdinfo/%d" % fds[0]):
    if line.startswith("Pid:"): print(line.split()[1])
' "$1" >"$BATS_TEST_TMPDIR/pidfd" 2>&1 </dev/null 3>&- &
    eventually listens "$1"
}

# runc: --pidfd-socket; crun: an annotation.
@test "a --pidfd-socket where nobody listens is named" {
    run zind run --bundle "$BUNDLE" --pidfd-socket "$BATS_TEST_TMPDIR/nobody" "$CONTAINER"
    expect_status 1
    expect_error "connect to $BATS_TEST_TMPDIR/nobody" "hint: --pidfd-socket wants a unix socket"
}

@test "a pidfd of the program goes to --pidfd-socket, or where the annotation says" {
    receive_pidfd "$BATS_TEST_TMPDIR/a"
    start_container --pidfd-socket "$BATS_TEST_TMPDIR/a"
    wait $!
    expect_equal "$(cat "$BATS_TEST_TMPDIR/pidfd")" "$(container_pid)"
    zind delete --force "$CONTAINER"
    edit_config '.annotations["run.oci.pidfd_receiver"] = $path' --arg path "$BATS_TEST_TMPDIR/b"
    set_args /bin/probe pause
    receive_pidfd "$BATS_TEST_TMPDIR/b"
    start_container
    wait $!
    expect_equal "$(cat "$BATS_TEST_TMPDIR/pidfd")" "$(container_pid)"
    run zind exec "$CONTAINER" /bin/probe true
    expect_ok
}

# Engines merge the two streams of what they call, or take anything on stderr for a failure: CRI-O
# of features, go-runc of state.
@test "what succeeds says nothing on stderr" {
    local words

    quietly()
    {
        run --separate-stderr timeout "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" "$@" 3>&-
        expect_ok
        expect_equal "$stderr" ""
    }
    start_idle
    for words in features --version list "list --format json" "list --quiet" "state $CONTAINER" \
        "ps $CONTAINER" "ps --format json $CONTAINER" "pause $CONTAINER" "resume $CONTAINER" \
        "events --stats $CONTAINER" "update --pids-limit 50 $CONTAINER" "kill $CONTAINER 0" \
        "exec $CONTAINER /bin/true" "plan --bundle $BUNDLE" "kill --all $CONTAINER KILL"; do
        # shellcheck disable=SC2086
        quietly $words
    done
    wait_for_status stopped
    quietly kill --all "$CONTAINER" 9
    quietly delete "$CONTAINER"
    quietly delete --force "$CONTAINER"
}

# podman takes the whole log for one object; a reader that looks while it is written sees all of
# the line or nothing, also of a line that is long.
@test "an error as JSON is one write of one line, whatever is in it" {
    local noise fd

    needs_command strace
    noise=$(printf '"\\\n\t\x01%.0s' {1..200})
    run strace -f -e trace=write -o "$BATS_TEST_TMPDIR/trace" "$ZIND_OCI" --root "$ZIND_ROOT" \
        --log "$BATS_TEST_TMPDIR/json" --log-format json create --bundle "/nowhere/$noise" "$CONTAINER" 3>&-
    expect_status 1
    expect_equal "$(jq -r .level "$BATS_TEST_TMPDIR/json")" error
    expect_equal "$(wc -l <"$BATS_TEST_TMPDIR/json")" 1
    expect_equal "$(grep -c 'write([0-9]*, "{' "$BATS_TEST_TMPDIR/trace")" 1
    fd=$(sed -n 's/.*write(\([0-9]*\), "{.*/\1/p' "$BATS_TEST_TMPDIR/trace")
    expect_equal "$(grep -c "write($fd," "$BATS_TEST_TMPDIR/trace")" 1
}

# config.md, "POSIX-platform User", umask: of the program and of hooks, not of what the runtime makes for them.
@test "what is made in the rootfs is for all users, whatever the caller's umask" {
    local made

    edit_config '.process.user = { uid: 1000, gid: 1000 } | .mounts += [
        { destination: "/opt/app/data", type: "bind", source: $source, options: ["bind"] },
        { destination: "/opt/app/file", type: "bind", source: ($source + "/file"), options: ["bind"] },
        { destination: "/opt/tmp/data", type: "tmpfs", source: "tmpfs", options: ["mode=1777"] } ] |
        .process.cwd = "/var/made/by/cwd"' --arg source "$BATS_TEST_TMPDIR/source"
    mkdir -p "$BATS_TEST_TMPDIR/source"
    echo content >"$BATS_TEST_TMPDIR/source/file"
    hook_umask=$BATS_TEST_TMPDIR/hook-umask
    edit_config '.hooks.createRuntime = [{ path: "/bin/sh", args: ["sh", "-c", ("umask >" + $to)] }]' --arg to "$hook_umask"
    set_args /bin/sh -c '/bin/probe each ids; /bin/cat /opt/app/data/file'
    umask 077
    run quick run --pid-file "$BATS_TEST_TMPDIR/pid" --bundle "$BUNDLE" "$CONTAINER"
    umask 022
    expect_ok
    expect_line content "umask 0077"
    expect_equal "$(cat "$hook_umask")" 0077
    for made in opt opt/app opt/app/data opt/tmp opt/tmp/data var/made var/made/by var/made/by/cwd; do
        expect_equal "$made $(stat -c %a "$BUNDLE/rootfs/$made")" "$made 755"
    done
    expect_equal "$(stat -c %a "$BUNDLE/rootfs/opt/app/file" "$BATS_TEST_TMPDIR/pid")" "644
644"
}

# setrlimit(2), RLIMIT_STACK: some callers leave 64 KiB.
@test "a stack of 64 KiB is enough, with right configurations and with wrong ones" {
    small()
    {
        run timeout 60 bash -c 'ulimit -s 64 && exec "$@"' _ "$ZIND_OCI" --root "$ZIND_ROOT" "$@" 3>&-
    }

    small run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    start_idle
    small exec "$CONTAINER" /bin/probe true
    expect_ok
    small state "$CONTAINER"
    expect_ok
    small update --pids-limit 50 "$CONTAINER"
    expect_ok
    small delete --force "$CONTAINER"
    expect_ok
    edit_config '.mounts = [range(100) | {destination: "", type: "tmpfs"}] | .process.user.gid = -1'
    for command in "validate --bundle $BUNDLE" "run --bundle $BUNDLE $CONTAINER" "--log-format json run --bundle $BUNDLE $CONTAINER"; do
        # shellcheck disable=SC2086
        small $command
        expect_status 1
        expect_error "mounts"
    done
    expect_no_leaks
}

# in_folder FOLDER ARG...: zind-oci from there, within 60 seconds.
in_folder()
{
    # shellcheck disable=SC2016
    run timeout 60 bash -c 'cd "$1" && { [ ! -e gone ] || rmdir "$1/gone" "$1"; } && exec "${@:2}"' _ "$1" \
        "$ZIND_OCI" --root "$ZIND_ROOT" "${@:2}" 3>&-
}

# The caller's folder may be closed to the root of the container's user namespace, or be no more.
@test "the caller's working folder is never needed" {
    local namespaces folder sleeper

    unshare --user sleep 100 3>&- &
    sleeper=$!
    eventually test "$(readlink /proc/self/ns/user)" != "$(readlink /proc/$sleeper/ns/user)"
    echo 0 100000 65536 >"/proc/$sleeper/uid_map"
    echo 0 100000 65536 >"/proc/$sleeper/gid_map"
    namespaces=$(jq -c .linux.namespaces "$BUNDLE/config.json")
    for kind in joined new none; do
        edit_config '.linux.namespaces = $plain' --argjson plain "$namespaces"
        case $kind in
        joined) edit_config '.linux.namespaces += [{ type: "user", path: $path }] | del(.linux.resources)' \
            --arg path "/proc/$sleeper/ns/user" ;;
        new) edit_config '.linux.namespaces += [{ type: "user" }] | del(.linux.resources) |
            .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] | .linux.gidMappings = .linux.uidMappings' ;;
        none) edit_config 'del(.linux.uidMappings, .linux.gidMappings)' ;;
        esac
        for folder in closed going; do
            mkdir -p -m 700 "$BATS_TEST_TMPDIR/$folder"
            [ $folder = closed ] || mkdir "$BATS_TEST_TMPDIR/$folder/gone"
            in_folder "$BATS_TEST_TMPDIR/$folder" run --bundle "$BUNDLE" "$CONTAINER"
            [ "$status" -eq 0 ] || fail "$kind, $folder: $output"
        done
    done
    kill "$sleeper"
}

# user_namespaces(7): id 0 need not be mapped.
@test "masks are made in a user namespace that has no id 0" {
    edit_config '.linux.namespaces += [{ type: "user" }] | del(.linux.resources) |
        .linux.uidMappings = [{ containerID: 1000, hostID: 101000, size: 1 }] |
        .linux.gidMappings = .linux.uidMappings | .process.user = { uid: 1000, gid: 1000 } |
        .mounts |= map(select(.destination == "/proc" or .destination == "/dev")) | .linux.maskedPaths = ["/proc/keys", "/proc/acpi"]'
    set_args /bin/probe read /proc/keys
    run_container
    expect_ok
    expect_equal "$output" ""
}

# execve(2), capabilities(7): CAP_DAC_OVERRIDE opens what the user may not, as long as anybody may execute it.
@test "a program that only CAP_DAC_OVERRIDE lets the user run is run, and without it refused" {
    cp "$BUNDLE/rootfs/bin/probe" "$BUNDLE/rootfs/bin/roots"
    chmod 744 "$BUNDLE/rootfs/bin/roots"
    edit_config '.process.user = { uid: 1000, gid: 1000 } | .process.args = ["/bin/roots", "caps"] |
        .process.capabilities = (["CAP_DAC_OVERRIDE"] as $all |
            { bounding: $all, effective: $all, permitted: $all, inheritable: $all, ambient: $all })'
    run_container
    expect_ok
    expect_match "CAP_DAC_OVERRIDE"
    edit_config 'del(.process.capabilities.effective)'
    run_container
    expect_status 1
    expect_error "ermission denied"
}

# user_namespaces(7): one write of less than a page.
@test "more id mappings than the kernel takes are refused in these words" {
    edit_config '.linux.namespaces += [{ type: "user" }] | del(.linux.resources) |
        .linux.uidMappings = [range(340) | { containerID: (100000 + 2 * .), hostID: (4000000 + 2 * .), size: 1 }] |
        .linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 1 }]'
    run_container true
    expect_error "340 mappings" "the kernel takes 4095" "linux.uidMappings"
    expect_no_leaks
}

# seccomp(2): Docker's filter, as many a unit's, says ENOSYS to clone3 for the sake of clone.
@test "where clone3 is said not to be there, clone is used" {
    command -v strace >/dev/null || skip "strace is not installed"
    run timeout 60 strace -o /dev/null -e trace=clone3 -e inject=clone3:error=ENOSYS \
        "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    expect_ok
    start_idle
    run timeout 60 strace -o /dev/null -f -e trace=clone3 -e inject=clone3:error=ENOSYS \
        "$ZIND_OCI" --root "$ZIND_ROOT" exec "$CONTAINER" /bin/probe true 3>&-
    expect_ok
}
