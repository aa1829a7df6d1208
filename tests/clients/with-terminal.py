# SPDX-License-Identifier: Apache-2.0
"""Runs a command on a terminal of 24 rows and 80 columns, copies what it prints, exits as it does.

with-terminal.py [--type TEXT] COMMAND...: TEXT is typed once the command has made the terminal raw; what is no line (keys
to leave by) again every five seconds until it ends, for a command that does not read yet takes it for one word.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

words = sys.argv[1:]
typed = b""
if words[0] == "--type":
    typed = words[1].encode()
    words = words[2:]
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp(words[0], words)
due = time.monotonic()
while True:
    ready = select.select([terminal], [], [], 0.1 if typed else None)[0]
    is_raw = not termios.tcgetattr(terminal)[3] & termios.ICANON
    if typed and is_raw and time.monotonic() >= due:
        # One by one: engines know the keys to leave by only when they come so.
        for n in range(len(typed)):
            os.write(terminal, typed[n:n + 1])
            time.sleep(0.05)
        due = time.monotonic() + 5
        if typed.endswith(b"\n"):
            typed = b""
    if not ready:
        continue
    try:
        data = os.read(terminal, 4096)
    except OSError:  # EIO: the last process closed the other side
        break
    if not data:
        break
    os.write(1, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
