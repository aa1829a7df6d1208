#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hooks: when they run, where, what they read, and what a failure does.
load ../lib/bundle

# hook KIND SCRIPT: a shell script on the host that runs as a hook.
hook()
{
    edit_config '.hooks[$kind] += [{"path": "/bin/sh", "args": ["sh", "-c", $script], "env": ["OF=" + $kind]}]' \
        --arg kind "$1" --arg script "$2"
}

# config.md, "POSIX-platform Hooks"; runtime.md, "Lifecycle".
@test "the hooks of the host run in the order of the life of a container" {
    local kind log=$BATS_TEST_TMPDIR/order

    for kind in prestart createRuntime poststart poststop; do
        hook "$kind" "echo \$OF >>$log"
    done
    set_args /bin/probe pause
    create_container
    expect_ok
    expect_equal "$(cat "$log")" "prestart
createRuntime"
    zind start "$CONTAINER"
    eventually grep -q poststart "$log"
    zind delete --force "$CONTAINER"
    expect_equal "$(cat "$log")" "prestart
createRuntime
poststart
poststop"
}

# runtime.md, "State": the hook reads it from its standard input.
# spec: hooks.createRuntime.env
@test "a hook gets the state on standard input and only its own environment" {
    hook createRuntime "cat >$BATS_TEST_TMPDIR/state; env >$BATS_TEST_TMPDIR/env"
    create_container
    expect_ok
    jq -e --arg id "$CONTAINER" --arg bundle "$BUNDLE" --argjson pid "$(container_pid)" \
        '.id == $id and .bundle == $bundle and .pid == $pid and .ociVersion' "$BATS_TEST_TMPDIR/state"
    grep -qx OF=createRuntime "$BATS_TEST_TMPDIR/env"
    [ -z "$(grep -E '^(BATS_|HOME=)' "$BATS_TEST_TMPDIR/env")" ] || fail "more than its environment"
}

# config.md, "POSIX-platform Hooks", env: optional, and then what runc and crun do.
@test "without env a hook of the host has the caller's environment, and one of the image the program's" {
    edit_config '.process.env = ["PATH=/bin", "OF=program"] |
        .hooks.createRuntime = [{ path: "/bin/sh", args: ["sh", "-c", $script] }] |
        .hooks.createContainer = [{ path: "/bin/sh", args: ["sh", "-c", $script + "2"], env: [] }] |
        .hooks.startContainer = [{ path: "/bin/sh", args: ["sh", "-c", "echo $OF >/tmp/of"] }]' \
        --arg script "echo \$OF >$BATS_TEST_TMPDIR/of"
    set_args /bin/probe read /tmp/of
    OF=caller run quick run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_equal "$output" program
    expect_equal "$(cat "$BATS_TEST_TMPDIR/of")" caller
    expect_equal "$(cat "$BATS_TEST_TMPDIR/of2")" ""
}

# config.md, "StartContainer Hooks": in the container, as part of start.
# spec: hooks.startContainer.path
@test "startContainer runs inside, before the program" {
    hook startContainer '/bin/cat /proc/sys/kernel/hostname >/tmp/hook'
    run_container read /tmp/hook
    expect_line inside
}

# config.md, "POSIX process", rlimits: of the process, and of what runs in its place before it; not of the runtime's own work.
# spec: process.rlimits.soft hooks.startContainer.args
@test "startContainer runs within the program's limits, however low they are" {
    edit_config '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 4, "hard": 4}, {"type": "RLIMIT_FSIZE", "soft": 0, "hard": 0}]'
    hook startContainer 'ulimit -n; ulimit -f; exit 3'
    run_container true
    expect_error "hooks.startContainer[0]" "exit status 3" "ms: 4 0"
    edit_config '.hooks.startContainer[0].args = ["sh", "-c", "exit 0"]'
    CONTAINER=$(new_id)
    run_container rlimits
    expect_ok
    expect_line "RLIMIT_NOFILE 4 4" "RLIMIT_FSIZE 0 0"
}

# runtime.md, "Lifecycle": a failing hook before start ends the container.
@test "a hook that fails makes create fail and leaves nothing" {
    local kind

    for kind in prestart createRuntime createContainer; do
        CONTAINER=$(new_id)
        edit_config 'del(.hooks)'
        hook "$kind" 'exit 7'
        create_container
        [ "$status" -ne 0 ] || fail "$kind: create went on"
        expect_no_leaks
    done
}

# On cgroup v1 the rules for devices are written one by one, and the first denies all.
@test "a createContainer hook has its /dev/null, however long the rules for devices take" {
    needs_command strace
    hook createContainer 'echo to nobody >/dev/null && cat /dev/null'
    status=0
    strace -qq -o /dev/null -P "/sys/fs/cgroup/devices/zind-oci-$CONTAINER/devices.allow" -e trace=write \
        -e inject=write:delay_enter=30000 "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" \
        </dev/null >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/output")
    expect_ok
}

# config.md, "POSIX-platform Hooks": timeout, in seconds.
# spec: hooks.createRuntime.timeout
@test "a hook that takes too long is ended and fails" {
    local before=$SECONDS

    hook createRuntime 'exec sleep 1000'
    edit_config '.hooks.createRuntime[0].timeout = 1'
    create_container
    [ "$status" -ne 0 ] || fail "create went on"
    [ $((SECONDS - before)) -lt 100 ] || fail "it took $((SECONDS - before)) seconds"
}

# runtime.md, "Lifecycle", step 13: a failing poststop hook is only warned of.
@test "a poststop hook that fails does not stop delete" {
    hook poststop 'exit 1'
    set_args /bin/true
    start_container
    wait_for_status stopped
    run zind delete "$CONTAINER"
    expect_ok
    expect_no_leaks
}

# Docker's network comes by a prestart hook: a warning would stand at each of its containers.
@test "a prestart hook that works leaves nothing on stderr" {
    edit_config '.hooks.prestart = [{path: "/bin/true"}]'
    set_args /bin/true
    run --separate-stderr zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_equal "$stderr" ""
}

# note_hooks: all six kinds write a line: kind, status and pid they were told, mount namespace they are in.
# Those of the host say so to the file, the one inside to a file of the rootfs.
note_hooks()
{
    local kind

    LOG=$BATS_TEST_TMPDIR/notes
    # In a user namespace createContainer hooks are not run by whoever runs the others.
    install -m 666 /dev/null "$LOG"
    cat >"$BATS_TEST_TMPDIR/note" <<'END'
#!/bin/bash
PATH=/bin:/usr/bin
echo "$1 $(jq -r '[.status, .pid // "none"] | join(" ")') $(readlink /proc/self/ns/mnt)" >>"$2"
END
    chmod +x "$BATS_TEST_TMPDIR/note"
    for kind in prestart createRuntime createContainer poststart poststop; do
        # shellcheck disable=SC2016
        edit_config '.hooks[$kind] = [{ path: $note, args: ["note", $kind, $log] }]' --arg kind "$kind" \
            --arg note "$BATS_TEST_TMPDIR/note" --arg log "$LOG"
    done
    # shellcheck disable=SC2016
    hook startContainer 'exec >/tmp/notes; /bin/cat; echo; echo "$OF $PWD"'
}

# runtime.md, "Lifecycle"; config.md, "POSIX-platform Hooks": when, where, and what they are told.
@test "all six kinds run in their order, in the namespaces and with the state of their moment" {
    local host

    note_hooks
    host=$(readlink /proc/self/ns/mnt | tr "[]" "..")
    set_args /bin/probe pause
    create_container
    expect_ok
    # The program has not run, and of start nothing has.
    [ ! -e "$BUNDLE/rootfs/tmp/notes" ]
    expect_equal "$(awk '{ print $1, $2 }' "$LOG")" $'prestart created\ncreateRuntime created\ncreateContainer created'
    zind start "$CONTAINER"
    wait_for_output ready
    eventually grep -q ^poststart "$LOG"
    zind delete --force "$CONTAINER"
    output=$(cat "$LOG")
    expect_equal "$(awk '{ print $1, $2 }' "$LOG" | tail -n 2)" $'poststart running\npoststop stopped'
    # The pid is the one that the hook itself would find it by.
    expect_match "^prestart created $(container_pid) $host" "^createRuntime created $(container_pid) $host" \
        "^poststart running $(container_pid) $host" "^poststop stopped none $host" '^createContainer created 1 '
    expect_no_match "^createContainer .*$host"
    jq -e '.pid == 1 and .status == "created"' <(head -n 1 "$BUNDLE/rootfs/tmp/notes")
    grep -qx 'startContainer /' "$BUNDLE/rootfs/tmp/notes"
}

# runtime.md, "State": all of it, and nothing of the caller's.
@test "the state has the version, bundle and annotations of config.json" {
    edit_config '.annotations = { "org.example/a": "b\nc" } | .ociVersion = "1.2.0"'
    hook createContainer "/bin/cat >$BATS_TEST_TMPDIR/inner"
    hook poststop "cat >$BATS_TEST_TMPDIR/last"
    run_container true
    expect_ok
    for name in inner last; do
        # shellcheck disable=SC2016
        jq -e --arg id "$CONTAINER" --arg bundle "$BUNDLE" '.ociVersion == "1.2.0" and .id == $id and .bundle == $bundle and
            .annotations["org.example/a"] == "b\nc"' "$BATS_TEST_TMPDIR/$name" || fail "$name: $(cat "$BATS_TEST_TMPDIR/$name")"
    done
}

# config.md: "args" as execv, "env" as environ; given as nothing it is nothing, and no shell's PATH is added.
@test "arguments and environment are exact" {
    edit_config '.hooks.createRuntime = [{ path: $probe, args: ["other name", "args", "a b", ""] },
        { path: $probe, args: ["x", "env"], env: [] }, { path: $probe, args: ["x", "env"], env: ["A=1", "B=", "A=2"] }] |
        .hooks.poststop = [{ path: "/bin/false", args: [] }]' --arg probe "$("$TESTS_LIB/build-probe")"
    # Their output is nobody's; strace would see it, so does a failing one.
    edit_config '.hooks.createRuntime[1].args = ["x", "each", "env", "false"]'
    set_args /bin/true
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_status 1
    expect_error "hooks.createRuntime[1]" "exit status 1"
    expect_no_match "PATH=|HOME=|BATS"
    edit_config '.hooks.createRuntime = [.hooks.createRuntime[2] | .args = ["x", "each", "env", "args", "false"]]'
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_error "A=1 B= A=2"
}

# runtime.md, "Lifecycle": poststart too; then the container is destroyed and poststop runs.
@test "whichever kind fails: the container is destroyed and every poststop hook runs" {
    local kind

    for kind in prestart createRuntime createContainer startContainer poststart; do
        CONTAINER=$(new_id)
        rm -f "$BATS_TEST_TMPDIR/stopped"
        edit_config 'del(.hooks)'
        hook "$kind" 'echo reason >&2; exit 3'
        hook poststop 'exit 4'
        hook poststop "/bin/cat >>$BATS_TEST_TMPDIR/stopped"
        set_args /bin/probe pause
        run quick run --bundle "$BUNDLE" "$CONTAINER"
        expect_status 1
        expect_error "hooks.$kind[0]" /bin/sh "exit status 3" reason "hooks.poststop[0]" "exit status 4"
        expect_match 'after [0-9]+ ms'
        expect_equal "$(jq -r .status "$BATS_TEST_TMPDIR/stopped")" stopped
        expect_no_leaks
    done
}

@test "a later hook of a kind does not run after one that failed" {
    hook createRuntime 'exit 1'
    hook createRuntime "touch $BATS_TEST_TMPDIR/second"
    run_container true
    expect_status 1
    [ ! -e "$BATS_TEST_TMPDIR/second" ]
}

@test "the error ends with the last 2 KB of what the hook said" {
    # shellcheck disable=SC2016
    hook createRuntime 'i=0; while [ $i -lt 400 ]; do echo "line $i" >&2; i=$((i + 1)); done; exit 9'
    run_container true
    expect_error "exit status 9" "line 399" "line 200"
    expect_no_match 'line 1[0-4][0-9] '
    # 2048 bytes, less the line that was cut.
    [ "$(grep -o 'line [0-9]*' <<<"$output" | wc -l)" -gt 200 ]
    hook startContainer 'exit 1'
}

@test "a hook that cannot be run says so with its path" {
    edit_config '.hooks.createContainer = [{ path: "/no/such/hook" }]'
    run_container true
    expect_status 1
    expect_error "hooks.createContainer[0]" /no/such/hook "No such file"
}

@test "a hook that floods its output, never reads, or closes its pipes works" {
    local i script

    i=0
    for script in 'head -c 100000000 /dev/zero' 'head -c 100000000 /dev/zero >&2' ':' 'exec 0<&- 1>&- 2>&-; sleep 0.1' \
        'exec 1>&-; sleep 0.1; echo late >&2' '(until grep -q "^State:.T" /proc/$$/status; do sleep 0.05; done; kill -CONT $$) & kill -STOP $$' 'trap "" TERM HUP; kill 0' \
        'exec /bin/sh -c "sleep 0.05"'; do
        edit_config 'del(.hooks)'
        hook prestart "PATH=/bin:/usr/bin; $script"
        hook poststart "PATH=/bin:/usr/bin; $script"
        run quick run --bundle "$BUNDLE" "$CONTAINER"
        expect_ok || fail "$script"
        i=$((i + 1))
    done
    expect_equal "$i" 8
}

@test "a hook that ends its own process group ends itself, not us" {
    hook createRuntime 'kill -KILL 0; sleep 10'
    run quick run --bundle "$BUNDLE" "$CONTAINER"
    expect_status 1
    expect_error "hooks.createRuntime[0]" "signal 9"
    expect_no_leaks
}

@test "a timeout ends a hook that is stopped or ignores signals, and all of its group" {
    local script

    # shellcheck disable=SC2016
    for script in 'kill -STOP $$' 'trap "" TERM INT HUP; sleep 1000' "sleep 1000 & echo \$! >$BATS_TEST_TMPDIR/child; wait"; do
        CONTAINER=$(new_id)
        edit_config 'del(.hooks)'
        hook createRuntime "PATH=/bin:/usr/bin; $script"
        edit_config '.hooks.createRuntime[0].timeout = 1'
        run timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" 3>&-
        expect_status 1
        expect_error "hooks.createRuntime[0]" "timeout of 1 s"
    done
    eventually is_over "$(cat "$BATS_TEST_TMPDIR/child")"
}

is_over()
{
    ! grep -qs '^State:.[^ZX]' "/proc/$1/status"
}

# The caller's pipes are not the daemon's: conmon waits for their end.
@test "a daemon of a hook keeps neither us nor the caller's pipes, and reads no fd of ours" {
    hook createRuntime "PATH=/bin:/usr/bin; sleep 1000 & ls -l /proc/self/fd >$BATS_TEST_TMPDIR/fds; echo \$! >$BATS_TEST_TMPDIR/daemon"
    hook poststop "PATH=/bin:/usr/bin; setsid sleep 1000 & echo \$! >$BATS_TEST_TMPDIR/last"
    set_args /bin/probe true
    before=$SECONDS
    output=$( { timeout -k 1 "30${ZIND_SLOW:+0}" "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 2>&1 8<&0; } 8</etc/passwd 3>&- | cat)
    [ $((SECONDS - before)) -lt "20${ZIND_SLOW:+0}" ] || fail "somebody waited for the daemon"
    expect_equal "$(grep -cE ' (memfd|/memfd|pipe|/memfd:state|/proc)|->' "$BATS_TEST_TMPDIR/fds" | xargs test 5 -ge && echo few)" few
    ! grep -E "passwd|$TOKEN.*(record|config)|socket:" "$BATS_TEST_TMPDIR/fds" || fail "an fd of ours leaked"
    kill "$(cat "$BATS_TEST_TMPDIR/daemon")" "$(cat "$BATS_TEST_TMPDIR/last")" || fail "a daemon did not survive"
}

# run.oci.hooks.stdout and run.oci.hooks.stderr: files of the host, as crun has them.
@test "annotations send the output of hooks to files" {
    # shellcheck disable=SC2016
    edit_config '.annotations = {"run.oci.hooks.stdout": "\($dir)/out", "run.oci.hooks.stderr": "\($dir)/err"} |
        .hooks = (reduce ("createRuntime", "createContainer", "poststop") as $kind ({};
            .[$kind] = [{"path": "/bin/sh", "args": ["sh", "-c", "echo out-\($kind); echo err-\($kind) >&2"]}]))' \
        --arg dir "$BATS_TEST_TMPDIR"
    run_container true
    expect_ok
    expect_equal "$(tr '\n' ' ' <"$BATS_TEST_TMPDIR/out")" "out-createRuntime out-createContainer out-poststop "
    expect_equal "$(tr '\n' ' ' <"$BATS_TEST_TMPDIR/err")" "err-createRuntime err-createContainer err-poststop "
    expect_equal "$(stat -c %a "$BATS_TEST_TMPDIR/out")" 600
}

# createContainer hooks run as the container's root, the files are the caller's.
@test "annotations send the output of hooks in a user namespace to files that only the caller may open" {
    mkdir -m 700 "$BATS_TEST_TMPDIR/closed"
    # shellcheck disable=SC2016
    edit_config '.annotations = {"run.oci.hooks.stdout": "\($dir)/out", "run.oci.hooks.stderr": "\($dir)/err"} |
        .linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings |
        .hooks.createContainer = [{"path": "/bin/sh", "args": ["sh", "-c", "id -u; echo err >&2"]}]' \
        --arg dir "$BATS_TEST_TMPDIR/closed"
    chown -R 100000:100000 "$BUNDLE/rootfs"
    run_container true
    expect_ok
    expect_equal "$(cat "$BATS_TEST_TMPDIR/closed/out")" 0
    expect_equal "$(cat "$BATS_TEST_TMPDIR/closed/err")" err
    # No program of the container has them.
    run_container fds
    expect_no_match closed
}

@test "the error of a hook whose stderr goes to a file names the file" {
    # shellcheck disable=SC2016
    edit_config '.annotations = {"run.oci.hooks.stderr": "\($dir)/err"} |
        .hooks = {"createRuntime": [{"path": "/bin/sh", "args": ["sh", "-c", "echo reason >&2; exit 3"]}]}' \
        --arg dir "$BATS_TEST_TMPDIR"
    run_container true
    expect_error "exit status 3" "hint: what it said is in $BATS_TEST_TMPDIR/err"
    expect_equal "$(cat "$BATS_TEST_TMPDIR/err")" reason
}

@test "a file for the output of hooks that cannot be opened is an error, a relative one is refused" {
    edit_config '.annotations = {"run.oci.hooks.stdout": "/nowhere/out"} |
        .hooks = {"createRuntime": [{"path": "/bin/true"}]}'
    run_container true
    expect_error run.oci.hooks.stdout /nowhere/out
    edit_config '.annotations = {"run.oci.hooks.stdout": "out"}'
    run_container true
    expect_error run.oci.hooks.stdout "not an absolute path"
    edit_config '.annotations = {"run.oci.hooks.stdout": "/tmp/../out"}'
    run_container true
    expect_error run.oci.hooks.stdout "without \"..\""
}

# docs/security.md, rule 1: a container could have laid the link, and would have root append to a file of the host.
@test "the output of hooks goes through no link, and not into the rootfs" {
    edit_config '.hooks = {"poststop": [{"path": "/bin/echo", "args": ["echo", "written"]}]}'
    echo kept >"$BATS_TEST_TMPDIR/precious"
    ln -s precious "$BATS_TEST_TMPDIR/link"
    ln -s . "$BATS_TEST_TMPDIR/folder"
    for path in "$BATS_TEST_TMPDIR/link" "$BATS_TEST_TMPDIR/folder/precious"; do
        # shellcheck disable=SC2016
        edit_config '.annotations = {"run.oci.hooks.stdout": $path}' --arg path "$path"
        run_container true
        expect_match "is a link: the output of hooks follows none"
        expect_equal "$(cat "$BATS_TEST_TMPDIR/precious")" kept
    done
    for path in "$(realpath "$BUNDLE")/rootfs/out" "/$(realpath "$BUNDLE")/./rootfs//out"; do
        # shellcheck disable=SC2016
        edit_config '.annotations = {"run.oci.hooks.stdout": $path}' --arg path "$path"
        run_container true
        expect_match "is in the rootfs"
    done
    [ ! -e "$BUNDLE/rootfs/out" ]
}
