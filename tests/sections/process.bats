#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process: user, capabilities, limits, scores, scheduling; what config.json says is what the program is.
load ../lib/bundle

# config.md, "POSIX-platform User".
# spec: process.user.uid process.user.gid process.user.additionalGids process.user.umask
@test "user, groups and umask" {
    edit_config '.process.user = {"uid": 1000, "gid": 1001, "additionalGids": [5, 44], "umask": 63}'
    run_container ids
    expect_ok
    expect_line "uid 1000" "gid 1001" "groups 5 44" "umask 0077"
}

# config.md, "Linux Process": capabilities; an ordinary user keeps the ambient ones over execve.
# spec: process.capabilities.*
@test "the five capability sets" {
    edit_config '.process.user = {"uid": 1000, "gid": 1000} | .process.capabilities = {
        "bounding": ["CAP_KILL", "CAP_CHOWN", "CAP_NET_RAW"], "permitted": ["CAP_KILL", "CAP_CHOWN"],
        "effective": ["CAP_KILL", "CAP_CHOWN"], "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]}'
    run_container caps
    expect_ok
    expect_match '^bounding 0*2021 ' '^effective 0*20 CAP_KILL$' '^permitted 0*20 CAP_KILL$' \
        '^inheritable 0*20 CAP_KILL$' '^ambient 0*20 CAP_KILL$'
}

# spec: process.capabilities.*
@test "without capabilities there are none, not even for root" {
    edit_config 'del(.process.capabilities)'
    run_container caps
    expect_ok
    expect_match '^effective 0+$' '^permitted 0+$'
}

# config.md, "POSIX process": rlimits; a type that is there twice MUST be an error.
# spec: process.rlimits.*
@test "limits are set, soft and hard" {
    edit_config '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
        {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}, {"type": "RLIMIT_STACK", "soft": 1048576, "hard": 2097152}]'
    run_container rlimits
    expect_ok
    expect_line "RLIMIT_NOFILE 100 200" "RLIMIT_CORE 0 0" "RLIMIT_STACK 1048576 2097152"
}

# config.md, "POSIX process", rlimits: of the process. What the runtime does before it has its own.
@test "limits that forbid what the runtime does in the container do not keep it from that" {
    echo copied >"$BUNDLE/rootfs/mnt/file"
    edit_config '.mounts += [{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]}] |
        .process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 4, "hard": 4}, {"type": "RLIMIT_FSIZE", "soft": 0, "hard": 0}]'
    set_args /bin/sh -c '/bin/probe rlimits; exec cat /mnt/file'
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line "RLIMIT_NOFILE 4 4" "RLIMIT_FSIZE 0 0" copied
    edit_config 'del(.process.rlimits[1])'
    start_idle
    exec_probe rlimits
    expect_line "RLIMIT_NOFILE 4 4"
}

# spec: process.rlimits.type
@test "an unknown limit is refused" {
    edit_config '.process.rlimits = [{"type": "RLIMIT_NOSUCH", "soft": 1, "hard": 1}]'
    run_container true
    expect_error RLIMIT_NOSUCH
}

# config.md, "Linux Process": oomScoreAdj; unset leaves it as it is.
# spec: process.oomScoreAdj
@test "the out-of-memory score is set, or left alone" {
    edit_config '.process.oomScoreAdj = 321'
    run_container oom
    expect_line "oom_score_adj 321"
    edit_config 'del(.process.oomScoreAdj)'
    CONTAINER=$(new_id)
    run_container oom
    expect_line "oom_score_adj $(cat /proc/self/oom_score_adj)"
}

# config.md, "Linux Process": noNewPrivileges.
# spec: process.noNewPrivileges
@test "no_new_privs is on or off as asked" {
    run_container seccomp
    expect_line "nnp 1"
    edit_config '.process.noNewPrivileges = false'
    CONTAINER=$(new_id)
    run_container seccomp
    expect_line "nnp 0"
}

# config.md, "Process": cwd, env; args[0] is looked for in the container's PATH.
# spec: process.args process.env
@test "the program is found through the PATH of the container" {
    edit_config '.process.env = ["PATH=/nowhere:/bin"] | .process.args = ["probe", "env"]'
    run_container
    expect_ok
    expect_line "PATH=/nowhere:/bin"
}

# spec: process.args process.cwd
@test "a program is found relative to cwd" {
    edit_config '.process.cwd = "/bin" | .process.args = ["./probe", "cwd"]'
    run_container
    expect_line "cwd /bin"
}

# config.md, "Process": cwd MUST be absolute.
# spec: process.cwd
@test "a relative cwd is refused" {
    edit_config '.process.cwd = "tmp"'
    run_container true
    expect_error
    expect_match '[Cc]wd'
}

# runtime-linux.md, "File descriptors": --preserve-fds hands more over, from 3 on.
@test "descriptors are closed unless they are asked for" {
    set_args /bin/probe fds
    run bash -c 'exec 3</dev/null 4</dev/null 5</dev/null
        exec "$ZIND_OCI" --root "$1" run --preserve-fds 2 --bundle "$2" "$3"' _ "$ZIND_ROOT" "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_match '^fd 3 ' '^fd 4 '
    expect_no_match '^fd [5-9] '
}

# As with runc and crun, for whom Go leaves out what is nothing: config.md, "User", "I/O Priority".
@test "a user, a group or an I/O priority that is absent is 0" {
    edit_config 'del(.process.user) | .process.ioPriority = { class: "IOPRIO_CLASS_BE" }'
    run_container each ids sched
    expect_ok
    expect_line "uid 0" "gid 0"
    edit_config '.process.user = { uid: 5 }'
    run_container ids
    expect_ok
    expect_line "uid 5" "gid 0"
    run zind validate --strict --bundle "$BUNDLE"
    expect_ok
    start_idle
    echo '{ "args": ["/bin/probe", "ids"], "cwd": "/" }' >"$BATS_TEST_TMPDIR/process.json"
    run zind exec --process "$BATS_TEST_TMPDIR/process.json" "$CONTAINER"
    expect_ok
    expect_line "uid 0" "gid 0"
}

# podman --preserve-fd=9,40 says how far they go: --preserve-fds 38.
@test "preserved descriptors may have holes, which are closed in the program" {
    set_args /bin/sh -c '/bin/probe fds; exec /bin/cat /proc/self/fd/9 /proc/self/fd/40'
    edit_config '(.process.rlimits) = []'
    echo nine >"$BATS_TEST_TMPDIR/nine"
    echo forty >"$BATS_TEST_TMPDIR/forty"
    # shellcheck disable=SC2016
    for command in run "exec"; do
        if [ $command = exec ]; then
            set_args /bin/probe pause
            start_container
            set -- exec --preserve-fds 38 "$CONTAINER" /bin/sh -c '/bin/probe fds; exec /bin/cat /proc/self/fd/9 /proc/self/fd/40'
        else
            set -- run --preserve-fds 38 --bundle "$BUNDLE" "$CONTAINER"
        fi
        run bash -c 'for fd in {3..40}; do eval "exec $fd>&-"; done; exec 9<"$1" 40<"$2" && exec "${@:3}"' _ \
            "$BATS_TEST_TMPDIR/nine" "$BATS_TEST_TMPDIR/forty" "$ZIND_OCI" --root "$ZIND_ROOT" "$@"
        expect_ok
        expect_line nine forty
        expect_equal "$(grep -cE '^fd ([3-9]|[1-9][0-9]) ' <<<"$output")" 2
    done
}

# config.md, "POSIX-platform User", umask: "If unspecified, the umask should not be changed".
@test "without a umask the caller's stays" {
    edit_config 'del(.process.user.umask)'
    set_args /bin/probe ids
    umask 0027
    run_container
    umask 0022
    expect_line "umask 0027"
}

# config.md, "Linux Process", capabilities: what cannot be mapped MUST be logged as a warning, no error.
@test "a capability that nobody knows is a warning" {
    edit_config '.process.capabilities.bounding += ["CAP_FLY"]'
    run_container caps
    expect_ok
    expect_match 'CAP_FLY'
}

# config.md, "POSIX process", rlimits: duplicates MUST be an error.
@test "a limit that is there twice is refused" {
    edit_config '.process.rlimits = [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}, {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]'
    run_container true
    expect_error 'process.rlimits[1].type' twice
}

@test "additional groups in a user namespace" {
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" "$BUNDLE"
    chown -R 100000:100000 "$BUNDLE/rootfs"
    edit_config '.process.user = {"uid": 5, "gid": 6, "additionalGids": [7, 44]} | .linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'
    run_container ids
    expect_ok
    expect_line "uid 5" "gid 6" "groups 7 44"
    edit_config '.process.user.additionalGids = [70000]'
    CONTAINER=$(new_id)
    run_container ids
    expect_error process.user.additionalGids
}

# An engine's annotation (crun's): groups of the caller stay.
@test "run.oci.keep_original_groups keeps the caller's groups" {
    edit_config '.annotations = {"run.oci.keep_original_groups": "1"} | .process.user.additionalGids = [5]'
    set_args /bin/probe pause
    setpriv --groups 33,34 "$ZIND_OCI" --root "$ZIND_ROOT" run --detach --bundle "$BUNDLE" \
        --pid-file "$BATS_TEST_TMPDIR/pid" "$CONTAINER" </dev/null >"$BATS_TEST_TMPDIR/output" 2>&1 3>&-
    wait_for_output ready
    # As the host numbers them: a user namespace need not have them.
    expect_equal "$(awk '$1 == "Groups:" { print $2, $3 }' "/proc/$(container_pid)/status")" "33 34"
}
