# SPDX-License-Identifier: Apache-2.0
"""A console socket: listens at argv[1], takes the terminal it is sent, copies its output to argv[2].

Prints the name that came with the terminal in a file beside the output (.name), ends with the terminal.
"""
import array
import os
import socket
import sys

path, output = sys.argv[1:3]
starter = os.getppid()  # should nothing ever be sent, we end soon after it
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(path)
listener.listen(1)
listener.settimeout(1)
while True:
    try:
        connection, _ = listener.accept()
        break
    except socket.timeout:
        if os.getppid() != starter:
            sys.exit()
connection.settimeout(None)
name, control, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(4 * 4))
descriptors = array.array("i")
for level, kind, data in control:
    if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
        descriptors.frombytes(data[:len(data) - len(data) % descriptors.itemsize])
with open(output + ".name", "w") as file:
    file.write(f"{len(descriptors)} {name.decode()}\n")
with open(output, "wb", buffering=0) as file:
    while True:
        try:
            data = os.read(descriptors[0], 4096)
        except OSError:  # EIO: nobody has the other side open
            break
        if not data:
            break
        file.write(data)
