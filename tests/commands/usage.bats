#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line: spellings that engines use, help, and how a wrong one is answered.
# shellcheck disable=SC2154
load ../lib/bundle

# Engines that ask with --help take exit status 0 for "knows this command".
@test "help goes to stdout, for every command that help names" {
    local command

    run --separate-stderr zind --help
    expect_ok
    expect_equal "$stderr" ""
    for command in create run start state kill delete exec list ps pause resume mounts spec features plan validate; do
        expect_match "^  $command "
    done
    for command in create run start state kill delete exec list ps pause resume mounts spec features plan validate; do
        run --separate-stderr zind "$command" --help
        expect_ok
        expect_equal "$stderr" ""
        expect_match "^Usage: zind-oci $command "
    done
    run zind help exec
    expect_ok
    expect_match '^Usage: zind-oci exec '
}

@test "a command that does not exist has no help" {
    run zind frobnicate --help
    expect_status 1
}

@test "a wrong command line says what is wrong, what may be meant, and the usage" {
    run --separate-stderr zind create --bundel "$BUNDLE" "$CONTAINER"
    expect_status 1
    expect_equal "$output" ""
    output=$stderr
    expect_line "zind-oci: create: unknown option --bundel" "hint: did you mean --bundle?" \
        "usage: zind-oci create [OPTION]... ID"
    run zind state
    expect_error "ID is missing" "usage: zind-oci state"
    run zind --root
    expect_error "requires an argument"
}

# go-runc sends single-dash long options; crun and runc take all the other spellings.
@test "all spellings of an option mean the same" {
    local spelling

    for spelling in "--bundle $BUNDLE" "--bundle=$BUNDLE" "-b $BUNDLE" "-b$BUNDLE" "-bundle $BUNDLE"; do
        # shellcheck disable=SC2086
        run zind plan $spelling "$CONTAINER"
        expect_ok
        expect_match init_spawn
    done
}

@test "with --log an error is in the file and on stderr" {
    run --separate-stderr zind --log "$BATS_TEST_TMPDIR/log" state nowhere
    expect_status 1
    [[ $stderr == "zind-oci: state nowhere: "* ]] || fail "stderr: $stderr"
    output=$(cat "$BATS_TEST_TMPDIR/log")
    expect_match '^zind-oci: state nowhere: '
}

# podman parses the whole file as one JSON object.
@test "with --log-format json the file is one object" {
    run --separate-stderr zind --log "$BATS_TEST_TMPDIR/log" --log-format json state nowhere
    expect_status 1
    [[ $stderr == "zind-oci: state nowhere: "* ]] || fail "stderr: $stderr"
    run jq -r '.level + " " + .msg' "$BATS_TEST_TMPDIR/log"
    expect_ok
    expect_match '^error state nowhere: .*does not exist'
    run jq -r .time "$BATS_TEST_TMPDIR/log"
    expect_match '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)$'
    expect_equal "$(wc -l <"$BATS_TEST_TMPDIR/log")" 1
}

@test "json without a file is one line on stderr" {
    run --separate-stderr zind --log-format json state nowhere
    expect_status 1
    expect_equal "$output" ""
    expect_equal "$(jq -r .level <<<"$stderr")" error
    expect_equal "$(wc -l <<<"$stderr")" 1
}

@test "a log that cannot be written is refused, and a fifo that nobody reads is not waited for" {
    run zind --log /nowhere/log list
    expect_error "open log /nowhere/log"
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    run timeout "10${ZIND_SLOW:+0}" "$ZIND_OCI" --log "$BATS_TEST_TMPDIR/fifo" list
    expect_status 1
    expect_error "open log" "nobody reads this fifo"
    # A reader that has stopped reading: the fifo is full.
    run timeout "10${ZIND_SLOW:+0}" python3 -c '
import fcntl, os, subprocess, sys
reader = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
writer = os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK)
try:
    while True: os.write(writer, b"x" * 4096)
except BlockingIOError: pass
sys.exit(subprocess.run([sys.argv[2], "--log", sys.argv[1], "state", "nowhere"]).returncode)
' "$BATS_TEST_TMPDIR/fifo" "$ZIND_OCI"
    expect_status 1
    expect_error "state nowhere: "
}

# runc's users say --log /dev/stderr; in a service of systemd that is a socket, which cannot be opened.
@test "a log that is stderr itself gets the error once" {
    local log=/dev/stderr

    for log in /dev/stderr /proc/self/fd/2 "$BATS_TEST_TMPDIR/log"; do
        zind --log "$log" --log-format json state nowhere 2>"$BATS_TEST_TMPDIR/log" || true
        run jq -r .msg "$BATS_TEST_TMPDIR/log"
        expect_ok
        expect_equal "$output" "state nowhere: container nowhere does not exist"
        zind --log "$log" state nowhere 2>"$BATS_TEST_TMPDIR/log" || true
        expect_equal "$(cat "$BATS_TEST_TMPDIR/log")" "zind-oci: state nowhere: container nowhere does not exist"
    done
    needs_command python3
    run timeout "10${ZIND_SLOW:+0}" python3 -c '
import socket, subprocess, sys
ours, its = socket.socketpair()
subprocess.run(sys.argv[1:], stderr=its)
its.close()
print(ours.recv(65536).decode(), end="")
' "$ZIND_OCI" --log /dev/stderr state nowhere
    expect_equal "$output" "zind-oci: state nowhere: container nowhere does not exist"
}

@test "--log file:PATH is a file" {
    run zind --log "file:$BATS_TEST_TMPDIR/log" state nowhere
    expect_status 1
    grep -q '^zind-oci: state nowhere: ' "$BATS_TEST_TMPDIR/log"
}

# What the daemons get when the words are given to zind-oci; nobody else's sockets are touched.
log_to_daemons()
{
    needs_command python3
    run timeout "20${ZIND_SLOW:+0}" unshare -m --propagation private python3 -c '
import os, socket, subprocess, sys
subprocess.check_call(["mount", "-t", "tmpfs", "none", "/run"])
subprocess.check_call(["mount", "-t", "tmpfs", "none", "/dev"])
os.makedirs("/run/systemd/journal")
daemons = []
for path in "/run/systemd/journal/socket", "/dev/log":
    daemons.append(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    daemons[-1].bind(path)
    daemons[-1].setblocking(False)
result = subprocess.run(sys.argv[1:], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
for name, daemon in zip(["journald", "syslog"], daemons):
    try:
        while True: print(name + " " + repr(daemon.recv(65536)))
    except BlockingIOError: pass
sys.exit(result.returncode)
' "$ZIND_OCI" "$@" 3>&-
}

@test "--log journald:NAME and --systemd-log send one datagram to the journal" {
    log_to_daemons --log journald:web state nowhere
    expect_status 1
    expect_equal "${#lines[@]}" 1
    expect_match '^journald b.PRIORITY=3.nSYSLOG_IDENTIFIER=web.nMESSAGE=state nowhere: .*does not exist.n.$'
    log_to_daemons --systemd-log --log-format json state nowhere
    expect_equal "${#lines[@]}" 1
    expect_match '^journald b.PRIORITY=3.nSYSLOG_IDENTIFIER=zind-oci.n'
    log_to_daemons --systemd-log list
    expect_ok
    expect_no_match '^journald'
}

@test "--log syslog:NAME sends one datagram to /dev/log" {
    log_to_daemons --log syslog:web state $'no\nwhere'
    expect_status 1
    expect_equal "${#lines[@]}" 1
    expect_match '^syslog b.<11>[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} web\[[0-9]+\]: state no\?where: '
}

@test "a log daemon that is not there, or a name that is none, is refused" {
    # Root with nothing on /run and /dev.
    # shellcheck disable=SC2016
    run unshare -m --propagation private sh -c '
        mount -t tmpfs none /run && mount -t tmpfs none /dev && mknod /dev/null c 1 3 || exit 99
        "$1" --log journald:web list; "$1" --log syslog:web list; "$1" --systemd-log list' _ "$ZIND_OCI"
    expect_status 1
    expect_line "zind-oci: list: reach journald at /run/systemd/journal/socket: No such file or directory" \
        "zind-oci: list: reach syslog at /dev/log: No such file or directory"
    run zind --log journald: list
    expect_error "is no name for a log"
    run zind --log $'journald:a\nPRIORITY=0' list
    expect_error "is no name for a log"
}

# crun's names, youki's and those of logrus; containers.conf and users give any of them.
@test "all names of log levels are known" {
    local level

    for level in error warning debug warn info trace fatal panic; do
        run zind --log-level "$level" list
        expect_ok
    done
    run zind --log-level loud list
    expect_error "--log-level loud"
}

# crun: -?, --usage; runc: a hidden --criu PATH that go-runc still sends.
@test "spellings that only crun or older callers have" {
    run zind create '-?'
    expect_ok
    expect_match '^Usage: zind-oci create '
    run zind --usage
    expect_ok
    run zind --criu /usr/sbin/criu --rootless=false list
    expect_ok
}

# moby reads the first two lines.
@test "--version begins with name and commit" {
    local spelling

    for spelling in --version -v -V; do
        run zind $spelling
        expect_ok
        expect_match '^zind-oci version [0-9]+\.' '^commit: .' '^spec: 1\.3'
        [[ ${lines[0]} == "zind-oci version "* ]] || fail "the first line"
    done
}

@test "output that cannot be written is an error" {
    run bash -c '"$1" features >/dev/full' _ "$ZIND_OCI"
    expect_error "write to stdout"
    run bash -c '"$1" --help >/dev/full' _ "$ZIND_OCI"
    expect_error "write to stdout"
}

# exec: 255 is ours, everything else the program's.
@test "exec fails with 255 before the program, other commands with 1" {
    run zind exec nowhere true
    expect_status 255
    run zind exec --user 1:x nowhere true
    expect_status 255
    expect_error "UID or UID:GID"
    run zind start nowhere
    expect_status 1
}
