#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# run and exec in the foreground: signals, stdin and stdout, the terminal, the exit status.
load ../lib/bundle

quick()
{
    timeout -k 1 20 "$ZIND_OCI" --root "$ZIND_ROOT" "$@" 3>&-
}

# A program with its own terminal, driven by python: typed(BYTES), until(TEXT), attributes().
on_terminal()
{
    needs_command python3
    timeout -k 1 40 python3 -c '
import fcntl, os, select, signal, sys, termios, time
master, slave = os.openpty()
before = termios.tcgetattr(slave)
got = b""
def read(timeout):
    global got
    if select.select([master], [], [], timeout)[0]:
        try:
            got += os.read(master, 65536)
        except OSError:
            return False
        return True
    return False
def until(text, timeout=10):
    end = time.time() + timeout
    while text not in got:
        if time.time() > end:
            sys.exit("never seen: %r in the last of %d bytes: %r" % (text, len(got), got[-300:]))
        read(0.1)
def attributes():
    return termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in 0, 1, 2: os.dup2(slave, fd)
    os.closerange(3, 256)
    os.execv(sys.argv[2], sys.argv[2:])
def ends(timeout=10):
    end = time.time() + timeout
    while time.time() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done: return os.waitstatus_to_exitcode(status)
        read(0.05)
    os.kill(pid, signal.SIGKILL)
    sys.exit("it does not end; the last: %r" % got[-300:])
exec(sys.argv[1])
' "$1" "$ZIND_OCI" --root "$ZIND_ROOT" "${@:2}" 3>&-
}

@test "run hands stdin, stdout and the exit status on" {
    set_args /bin/sh -c 'cat; echo to stderr >&2; exit 42'
    status=0
    output=$(printf 'one\ntwo\n' | quick run --bundle "$BUNDLE" "$CONTAINER" 2>"$BATS_TEST_TMPDIR/err") ||
        status=$?
    expect_status 42
    expect_equal "$output" $'one\ntwo'
    expect_equal "$(cat "$BATS_TEST_TMPDIR/err")" "to stderr"
}

@test "a program that a signal ends is 128 and its number" {
    local number

    start_idle
    for number in 6 9 15; do
        run quick exec "$CONTAINER" /bin/sh -c "kill -$number \$\$"
        expect_status $((128 + number))
    done
    CONTAINER=$(new_id)
    set_args /bin/probe pause
    "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" </dev/null \
        >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
    wait_for_output ready
    quick kill "$CONTAINER" KILL
    status=0
    wait $! || status=$?
    expect_status 137
}

@test "run forwards what signals it gets" {
    local signal

    set_args /bin/probe pause
    "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" </dev/null \
        >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
    wait_for_output ready
    for signal in HUP INT USR1 USR2 QUIT CONT; do
        kill -"$signal" $!
        wait_for_output "signal $signal"
    done
    kill -TERM $!
    status=0
    wait $! || status=$?
    expect_ok
    expect_no_leaks
}

@test "exec forwards what signals it gets" {
    start_idle
    "$ZIND_OCI" --root "$ZIND_ROOT" exec "$CONTAINER" /bin/probe pause </dev/null \
        >"$BATS_TEST_TMPDIR/errors" 2>&1 3>&- &
    eventually grep -qx ready "$BATS_TEST_TMPDIR/errors"
    kill -HUP $!
    eventually grep -qx "signal HUP" "$BATS_TEST_TMPDIR/errors"
    kill -TERM $!
    status=0
    wait $! || status=$?
    expect_ok
}

# What engines match: oci-facts, "podman", "moby".
@test "exec of what is not there is 255 and says so, and the container goes on" {
    start_idle
    run quick exec "$CONTAINER" nothing-of-that-name
    expect_status 255
    expect_error "executable file not found in \$PATH"
    run quick exec "$CONTAINER" /bin/nothing
    expect_status 255
    expect_error "no such file or directory"
    run quick exec "$CONTAINER" /etc/passwd
    expect_status 255
    expect_error "permission denied"
    run quick exec "$CONTAINER" /etc
    expect_status 255
    expect_error "is a directory"
    expect_equal "$(container_status)" running
}

@test "exec works in a created container, and start does after it" {
    set_args /bin/probe pause
    create_container
    run quick exec "$CONTAINER" /bin/probe exit 5
    expect_status 5
    expect_equal "$(container_status)" created
    quick start "$CONTAINER"
    wait_for_output ready
}

@test "exec with a process.json that lacks things is refused, not obeyed halfway" {
    start_idle
    printf '{"cwd":"/","args":["/bin/true"]}' >"$BATS_TEST_TMPDIR/p.json"
    run quick exec --process "$BATS_TEST_TMPDIR/p.json" "$CONTAINER"
    [ "$status" -eq 255 ] || [ "$status" -eq 0 ] || fail "a crash"
    printf '{}' >"$BATS_TEST_TMPDIR/p.json"
    run quick exec --process "$BATS_TEST_TMPDIR/p.json" "$CONTAINER"
    expect_status 255
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    run quick exec --process "$BATS_TEST_TMPDIR/fifo" "$CONTAINER"
    expect_status 255
    expect_error "not a regular file"
}

@test "the terminal of run is as it was once the container was killed" {
    edit_config '.process.terminal = true'
    set_args /bin/probe pause
    run on_terminal '
until(b"ready")
if attributes()[3] & termios.ICANON: sys.exit("it is not raw while the program runs")
os.system("%s --root %s kill %s KILL" % (sys.argv[2], sys.argv[4], sys.argv[-1]))
print("status", ends(), "restored", attributes() == before)' run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line "status 137 restored True"
}

@test "the terminal of run is as it was when the program cannot be started" {
    edit_config '.process.terminal = true | .process.args = ["/bin/nothing"]'
    run on_terminal 'print("status", ends(), "restored", attributes() == before)' \
        run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line "status 1 restored True"
}

@test "a lot that is typed at once does not stop a program that answers each line" {
    edit_config '.process.terminal = true'
    set_args /bin/sh -c 'stty -echo; echo ready; exec cat'
    run on_terminal '
until(b"ready")
line = b"x" * 99 + b"\n"
text, sent = line * 5000 + b"the end\n", 0
os.set_blocking(master, False)
end = time.time() + 15
while sent < len(text) or b"the end" not in got:
    if time.time() > end: sys.exit("stuck at %d of %d, %d came back" % (sent, len(text), len(got)))
    ready = select.select([master], [master] if sent < len(text) else [], [], 0.1)
    if ready[0]: got = got[-100:] + os.read(master, 65536)
    if ready[1]: sent += os.write(master, text[sent:sent + 4096])
os.set_blocking(master, True)
os.write(master, b"\x04")
print("status", ends())' run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line "status 0"
}

@test "exec with a terminal ends with its program, whoever goes on writing" {
    start_idle
    run on_terminal '
until(b"begun")
print("status", ends(10))' exec --tty "$CONTAINER" /bin/sh -c \
        'trap "" HUP; (while :; do /bin/echo more || exit; done) & echo begun; exit 3'
    expect_ok
    expect_line "status 3"
}

@test "a caller's non-blocking stdout loses nothing" {
    needs_command python3
    edit_config '.process.terminal = true'
    set_args /bin/sh -c 'i=0; while [ $i -lt 3000 ]; do echo "line $i of many, many, many"; i=$((i + 1)); done'
    run timeout -k 1 30 python3 -c '
import os, subprocess, sys, time
r, w = os.pipe()
os.set_blocking(w, False)
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=w)
os.close(w)
time.sleep(1)
data = b""
while True:
    piece = os.read(r, 65536)
    if not piece: break
    data += piece
print(p.wait(), data.count(b"line "))' "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    expect_line "0 3000"
}
