#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# run and exec in the foreground: signals, stdin and stdout, the terminal, the exit status.
load ../lib/bundle

# A program with its own terminal, driven by python: until(TEXT), attributes(), is_raw(WANTED), converse(). Bash is
# between the two, where it is told in $SHELL_COMMAND what to do with the "$@" that the program is.
on_terminal()
{
    local shell=()

    [ -z "${SHELL_COMMAND-}" ] || shell=(bash --norc -mc "$SHELL_COMMAND" _)
    needs_command python3
    timeout -k 1 "120${ZIND_SLOW:+0}" python3 -c '
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
def until(text, timeout=30):
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
    os.execvp(sys.argv[2], sys.argv[2:])
def ends(timeout=30):
    end = time.time() + timeout
    while time.time() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done: return os.waitstatus_to_exitcode(status)
        read(0.05)
    os.kill(pid, signal.SIGKILL)
    sys.exit("it does not end; the last: %r" % got[-300:])
def is_raw(wanted):
    end = time.time() + 30
    while bool(attributes()[3] & termios.ICANON) == wanted:
        if time.time() > end: sys.exit("raw: %r" % (not wanted))
        read(0.05)
def converse():
    os.write(master, b"to the program\n")
    until(b"to the program\r\nto the program\r\n")
    os.write(master, b"\x04")
    print("status", ends(), "restored", attributes() == before)
exec(sys.argv[1])
' "$1" "${shell[@]}" "$ZIND_OCI" --root "$ZIND_ROOT" "${@:2}" 3>&-
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

# pid_namespaces(7): PID 1 gets only signals that it handles.
@test "the third ^C within two seconds kills a program that ignores it, and says so" {
    set_args /bin/sh -c 'echo ready; exec sleep 1000'
    run on_terminal '
until(b"ready"); time.sleep(1)
# Two, and after more than two seconds another: the program lives.
for i in range(2):
    os.write(master, b"\x03"); read(0.3); read(0.3)
until(b"another ^C within 2 seconds kills it")
time.sleep(2.2)
os.write(master, b"\x03")
read(0.5); read(0.5)
if os.waitpid(pid, os.WNOHANG)[0]: sys.exit("killed by a slow third ^C")
for i in range(2):
    os.write(master, b"\x03"); read(0.3); read(0.3)
print("status", ends(), "says", b"^C typed three times: the program is killed" in got)
' run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line "status 137 says True"
    expect_no_leaks
}

@test "signals that a process sends are never taken for ^C" {
    set_args /bin/sleep 1000
    "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" </dev/null \
        >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
    wait_for_status running
    for _ in 1 2 3 4; do
        kill -INT $!
        sleep 0.1
    done
    expect_equal "$(container_status)" running
    expect_equal "$(cat "$BATS_TEST_TMPDIR/output")" ""
    zind kill "$CONTAINER" KILL
    wait $! || true
}

# The second Ctrl-C of somebody impatient, or a service manager's TERM that comes late.
@test "a signal that comes when the program has ended does not keep run from deleting the container" {
    # shellcheck disable=SC2016
    edit_config '.hooks.poststop = [{ path: "/bin/sh", timeout: 60, env: ["PATH=/bin:/usr/bin"],
        args: ["sh", "-c", "touch $0/begun; while [ ! -e $0/go ]; do sleep 0.1; done; touch $0/done", $folder] }]' \
        --arg folder "$BATS_TEST_TMPDIR"
    set_args /bin/probe exit 7
    "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" </dev/null \
        >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
    eventually [ -e "$BATS_TEST_TMPDIR/begun" ]
    kill -INT $!
    kill -TERM $!
    touch "$BATS_TEST_TMPDIR/go"
    status=0
    wait $! || status=$?
    expect_status 7
    [ -e "$BATS_TEST_TMPDIR/done" ] || fail "the hook was not done"
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
    expect_error "$BATS_TEST_TMPDIR/fifo"
}

@test "the terminal of run is as it was once the container was killed" {
    edit_config '.process.terminal = true'
    set_args /bin/probe pause
    run on_terminal '
until(b"ready"); time.sleep(1)
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

@test "a lot that is typed at once does not stop a program that answers" {
    edit_config '.process.terminal = true'
    set_args /bin/sh -c 'stty raw -echo; echo ready; exec head -c 500008'
    run on_terminal '
until(b"ready"); time.sleep(1)
line = b"x" * 99 + b"\n"
text, sent = line * 5000 + b"the end\n", 0
os.set_blocking(master, False)
end = time.time() + 30
while sent < len(text) or b"the end" not in got:
    if time.time() > end: sys.exit("stuck at %d of %d, %d came back" % (sent, len(text), len(got)))
    ready = select.select([master], [master] if sent < len(text) else [], [], 0.1)
    if ready[0]: got = got[-100:] + os.read(master, 65536)
    if ready[1]: sent += os.write(master, text[sent:sent + 4096])
print("status", ends())' run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line "status 0"
}

@test "exec with a terminal ends with its program, whoever goes on writing" {
    start_idle
    run on_terminal '
until(b"begun")
print("status", ends())' exec --tty "$CONTAINER" /bin/sh -c \
        'trap "" HUP; cat /dev/zero & echo begun; exit 3'
    expect_ok
    expect_line "status 3"
}

@test "a caller's non-blocking stdout loses nothing" {
    needs_command python3
    edit_config '.process.terminal = true'
    set_args /bin/sh -c 'i=0; while [ $i -lt 3000 ]; do echo "line $i of many, many, many"; i=$((i + 1)); done'
    run timeout -k 1 "30${ZIND_SLOW:+0}" python3 -c '
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

# A pager that nobody turns the pages of.
@test "a caller who does not read for a while loses nothing either" {
    needs_command python3
    edit_config '.process.terminal = true'
    set_args /bin/sh -c 'i=0; while [ $i -lt 9000 ]; do echo "line $i of many, many, many"; i=$((i + 1)); done'
    run timeout -k 1 "60${ZIND_SLOW:+0}" python3 -c '
import os, subprocess, sys, time
r, w = os.pipe()
os.set_blocking(w, False)
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=w, stderr=subprocess.DEVNULL)
os.close(w)
time.sleep(12)
data = b""
while True:
    piece = os.read(r, 65536)
    if not piece: break
    data += piece
print(p.wait(), data.count(b"line "))' "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" 3>&-
    expect_line "0 9000"
}

# with_no_room KIND PYTHON: run with a terminal, and a stdout (KIND: pipe, socket, terminal) that nobody reads until rest()
# does, for which PYTHON decides; status(WANTED) waits for that of the container.
with_no_room()
{
    local kind=$1 script=$2

    needs_command python3
    edit_config '.process.terminal = true'
    set_args /bin/sh -c "$PROGRAM"
    run timeout -k 1 "60${ZIND_SLOW:+0}" python3 -c '
import atexit, json, os, pty, signal, socket, subprocess, sys, time, tty
kind, runtime, root, bundle, container, script = sys.argv[1:]
if kind == "socket": r, w = [s.detach() for s in socket.socketpair()]
elif kind == "terminal": r, w = pty.openpty()
else: r, w = os.pipe()
if kind == "terminal": tty.setraw(w)
p = subprocess.Popen([runtime, "--root", root, "run", "--bundle", bundle, container], stdin=subprocess.DEVNULL, stdout=w,
    stderr=subprocess.DEVNULL)
os.close(w)
atexit.register(p.kill)
def state():
    said = subprocess.run([runtime, "--root", root, "state", container], capture_output=True).stdout
    return json.loads(said)["status"] if said else "none"
def status(wanted):
    end = time.time() + 20
    while state() != wanted:
        if time.time() > end: sys.exit("it is %s, not %s" % (state(), wanted))
        time.sleep(0.05)
def rest():
    data = b""
    while True:
        try: piece = os.read(r, 65536)
        except OSError: piece = b""
        if not piece: return data
        data += piece
status("running")
time.sleep(1)
exec(script)' "$kind" "$ZIND_OCI" "$ZIND_ROOT" "$BUNDLE" "$CONTAINER" "$script" 3>&-
}

@test "while stdout has no room signals reach the program, its end is noticed, and nothing is lost" {
    local kind
    # shellcheck disable=SC2034
    local PROGRAM='i=0; (while [ $i -lt 20000 ]; do echo "line $i of many, many"; i=$((i + 1)); done) &
        trap "exit 7" TERM; while :; do sleep 0.1; done'

    for kind in pipe socket terminal; do
        with_no_room "$kind" '
p.send_signal(signal.SIGTERM)
status("stopped")
time.sleep(0.5)
if p.poll() is not None: sys.exit("it did not wait for who reads")
data = rest()
lines = [l for l in data.decode().replace("\r", "").split("\n") if l.startswith("line ")]
whole = all(l == "line %d of many, many" % i for i, l in enumerate(lines[:-1]))
print("status", p.wait(), "whole", whole, len(lines) > 300)'
        expect_line "status 7 whole True True"
    done
}

@test "who waits with what its program wrote, and for whom nobody reads, can be told to end" {
    # shellcheck disable=SC2034
    local PROGRAM='trap "exit 7" USR1; i=0; (while [ $i -lt 20000 ]; do echo "line $i of many, many"; i=$((i + 1)); done) &
        while :; do sleep 0.1; done'

    with_no_room pipe '
p.send_signal(signal.SIGUSR1)
status("stopped")
p.send_signal(signal.SIGTERM)
print("status", p.wait(20), state())'
    expect_line "status 7 none"
}

# The terminal would be full, and the program wait for somebody to read, for ever.
@test "a program is hung up on when nobody will ever read its terminal" {
    edit_config '.process.terminal = true'
    set_args /bin/sh -c 'i=0; while [ $i -lt 9000 ]; do echo "line $i of many, many, many" || exit 3; i=$((i + 1)); done'
    status=0
    quick run --bundle "$BUNDLE" "$CONTAINER" </dev/null >/dev/full 2>"$BATS_TEST_TMPDIR/said" || status=$?
    expect_status 3
    edit_config '.process.terminal = false'
    start_idle
    status=0
    quick exec --tty "$CONTAINER" /bin/cat /dev/zero </dev/null > >(exec head -c 1 >/dev/null 3>&-) || status=$?
    expect_status 129
}

@test "a signal to run or exec with a terminal reaches the program, and the terminal is given back" {
    edit_config '.process.terminal = true'
    set_args /bin/probe pause
    run on_terminal '
until(b"ready"); time.sleep(1)
os.kill(pid, signal.SIGHUP)
until(b"signal HUP")
os.kill(pid, signal.SIGTERM)
print("status", ends(), "restored", attributes() == before)' run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line "status 0 restored True"
    edit_config '.process.terminal = false'
    start_idle
    run on_terminal '
until(b"begun")
if attributes()[3] & termios.ICANON: sys.exit("it is not raw while the program runs")
os.kill(pid, signal.SIGTERM)
print("status", ends(), "restored", attributes() == before)' exec --tty "$CONTAINER" /bin/sh -c \
        'echo begun; exec sleep 60'
    expect_ok
    expect_line "status 143 restored True"
}

@test "the terminal is given back when exec cannot start its program" {
    start_idle
    run on_terminal 'print("status", ends(), "restored", attributes() == before)' \
        exec --tty "$CONTAINER" /bin/nothing
    expect_ok
    expect_line "status 255 restored True"
}

@test "run in the background of its terminal leaves it alone until it is in front" {
    edit_config '.process.terminal = true'
    set_args /bin/sh -c 'echo begun; cat'
    # shellcheck disable=SC2016
    SHELL_COMMAND='"$@" & read -r; echo "the shell got: $REPLY"; fg >/dev/null'
    run on_terminal '
until(b"begun")
if attributes() != before: sys.exit("it changed the terminal of others")
os.write(master, b"to the shell\n")
until(b"the shell got: to the shell")
is_raw(True)
converse()' run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line "status 0 restored True"
}

@test "run that was stopped takes its terminal again when it goes on in front" {
    edit_config '.process.terminal = true'
    set_args /bin/sh -c 'echo begun; cat'
    # shellcheck disable=SC2016
    SHELL_COMMAND='was=$(stty -g); "$@" & echo "pid: $!."; fg >/dev/null; stty "$was"; echo back; read -r; fg >/dev/null'
    run on_terminal '
until(b"begun")
is_raw(True)
until(b".\r\n")
job = int(got.split(b"pid: ")[1].split(b".")[0])
os.kill(job, signal.SIGSTOP)
until(b"back")
is_raw(False)
os.write(master, b"to the shell\n")
is_raw(True)
converse()' run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_line "status 0 restored True"
}

@test "the window's size is the program's from the start, and after each change" {
    edit_config '.process.terminal = true'
    set_args /bin/sh -c 'trap "stty size" WINCH; stty size; echo ready; while :; do sleep 0.1; done'
    run on_terminal '
import struct
until(b"ready"); time.sleep(1)
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
os.kill(pid, signal.SIGWINCH)
until(b"33 77")
os.system("%s --root %s kill %s KILL" % (sys.argv[2], sys.argv[4], sys.argv[-1]))
ends()' run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
}

# Who becomes the parent of what the container's first process leaves behind, in the host's pid
# namespace: runc's --no-subreaper, which containerd gives.
@test "run adopts the orphans of the container, but not with --no-subreaper" {
    local option parent

    edit_config 'del(.linux.namespaces[] | select(.type == "pid"))'
    # The shell between the two has ended when the first goes on.
    set_args /bin/sh -c '(sh -c "until [ -e /tmp/orphan ]; do sleep 0.05; done; grep PPid /proc/\$\$/status; echo >/tmp/told" &)
        echo >/tmp/orphan; until [ -e /tmp/told ]; do sleep 0.05; done'
    for option in "" --no-subreaper; do
        rm -f "$BUNDLE/rootfs/tmp"/{orphan,told}
        # shellcheck disable=SC2086
        "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" $option "$CONTAINER" </dev/null \
            >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
        eventually grep -q PPid "$BATS_TEST_TMPDIR/output"
        parent=$(awk '/PPid/ { print $2 }' "$BATS_TEST_TMPDIR/output")
        if [ -z "$option" ]; then
            expect_equal "$parent" $!
        else
            [ "$parent" != $! ] || fail "adopted"
        fi
        wait $! || fail "run failed"
    done
}

# A terminal has no end of file: who reads from it is told by what a person would type (termios(3), VEOF).
@test "with a terminal, the end of the input reaches the program" {
    local said

    edit_config '.process.terminal = true'
    set_args /bin/sh -c 'cat; echo over'
    run quick run --bundle "$BUNDLE" "$CONTAINER" </dev/null
    expect_ok
    expect_match over
    for said in 'one\n' 'no end of line' 'one\nand more' ''; do
        # shellcheck disable=SC2059
        output=$(printf "$said" | quick run --bundle "$BUNDLE" "$CONTAINER")
        expect_match over
        [ -z "$said" ] || expect_match "${said##*\\n}"
    done
    # A shell that nobody talks to ends.
    set_args /bin/sh
    run quick run --bundle "$BUNDLE" "$CONTAINER" </dev/null
    expect_ok
    expect_no_leaks
}

@test "a change of the caller's window is no signal to a program without a terminal" {
    set_args /bin/probe pause
    "$ZIND_OCI" --root "$ZIND_ROOT" run --bundle "$BUNDLE" "$CONTAINER" </dev/null >"$BATS_TEST_TMPDIR/output" 3>&- &
    wait_for_output ready
    kill -WINCH $!
    kill -USR1 $!
    wait_for_output "signal USR1"
    kill -TERM $!
    wait $!
    output=$(cat "$BATS_TEST_TMPDIR/output")
    expect_match USR1
    expect_no_match WINCH
}
