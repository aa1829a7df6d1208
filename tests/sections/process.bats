#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process: user, capabilities, limits, scores, scheduling; what config.json says is what the program is.
load ../lib/bundle

# config.md, "POSIX-platform User".
@test "user, groups and umask" {
    edit_config '.process.user = {"uid": 1000, "gid": 1001, "additionalGids": [5, 44], "umask": 63}'
    run_container ids
    expect_ok
    expect_line "uid 1000" "gid 1001" "groups 5 44" "umask 0077"
}

# config.md, "Linux Process": capabilities; an ordinary user keeps the ambient ones over execve.
@test "the five capability sets" {
    edit_config '.process.user = {"uid": 1000, "gid": 1000} | .process.capabilities = {
        "bounding": ["CAP_KILL", "CAP_CHOWN", "CAP_NET_RAW"], "permitted": ["CAP_KILL", "CAP_CHOWN"],
        "effective": ["CAP_KILL", "CAP_CHOWN"], "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]}'
    run_container caps
    expect_ok
    expect_match '^bounding 0*2021 ' '^effective 0*20 CAP_KILL$' '^permitted 0*20 CAP_KILL$' \
        '^inheritable 0*20 CAP_KILL$' '^ambient 0*20 CAP_KILL$'
}

@test "without capabilities there are none, not even for root" {
    edit_config 'del(.process.capabilities)'
    run_container caps
    expect_ok
    expect_match '^effective 0+$' '^permitted 0+$'
}

# config.md, "POSIX process": rlimits; a type that is there twice MUST be an error.
@test "limits are set, soft and hard" {
    edit_config '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
        {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}, {"type": "RLIMIT_STACK", "soft": 1048576, "hard": 2097152}]'
    run_container rlimits
    expect_ok
    expect_line "RLIMIT_NOFILE 100 200" "RLIMIT_CORE 0 0" "RLIMIT_STACK 1048576 2097152"
}

@test "an unknown limit is refused" {
    edit_config '.process.rlimits = [{"type": "RLIMIT_NOSUCH", "soft": 1, "hard": 1}]'
    run_container true
    expect_error RLIMIT_NOSUCH
}

# config.md, "Linux Process": oomScoreAdj; unset leaves it as it is.
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
@test "no_new_privs is on or off as asked" {
    run_container seccomp
    expect_line "nnp 1"
    edit_config '.process.noNewPrivileges = false'
    CONTAINER=$(new_id)
    run_container seccomp
    expect_line "nnp 0"
}

# config.md, "Process": cwd, env; args[0] is looked for in the container's PATH.
@test "the program is found through the PATH of the container" {
    edit_config '.process.env = ["PATH=/nowhere:/bin"] | .process.args = ["probe", "env"]'
    run_container
    expect_ok
    expect_line "PATH=/nowhere:/bin"
}

@test "a program is found relative to cwd" {
    edit_config '.process.cwd = "/bin" | .process.args = ["./probe", "cwd"]'
    run_container
    expect_line "cwd /bin"
}

# config.md, "Process": cwd MUST be absolute.
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
