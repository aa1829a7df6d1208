# SPDX-License-Identifier: Apache-2.0
"""cri-stream.py URL [TEXT]: speaks with what Exec or Attach of the CRI opened, over its WebSocket; TEXT goes in first.

Prints what the program prints; exits as it does, or with 1 and the server's words.
"""
import base64
import json
import os
import socket
import struct
import sys
from urllib.parse import urlsplit

url = urlsplit(sys.argv[1])
text = sys.argv[2].encode() if len(sys.argv) > 2 else b""
connection = socket.create_connection((url.hostname, url.port), timeout=30)
connection.sendall((
    f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n").encode())
stream = connection.makefile("rb")
answer = stream.readline().decode()
while stream.readline().strip():
    pass
if " 101 " not in answer:
    sys.exit(answer)


def send(channel, data):
    """One masked binary frame: the channel's number, then what goes into it."""
    body = bytes([channel]) + data
    mask = os.urandom(4)
    length = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + struct.pack(">H", len(body))
    connection.sendall(b"\x82" + length + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(body)))


def receive():
    """The content of the next frame, or nothing at the end."""
    head = stream.read(2)
    if len(head) < 2 or head[0] & 15 == 8:
        return b""
    length = head[1] & 127
    if length == 126:
        length = struct.unpack(">H", stream.read(2))[0]
    elif length == 127:
        length = struct.unpack(">Q", stream.read(8))[0]
    return stream.read(length) if length else b"\0"


def exit_status(answer):
    """Of the status object that channel 3 brings."""
    if answer.get("status") == "Success":
        return 0
    causes = answer.get("details", {}).get("causes", [])
    codes = [int(cause["message"]) for cause in causes if cause.get("reason") == "ExitCode"]
    if not codes:
        sys.stderr.write(answer.get("message", str(answer)) + "\n")
    return codes[0] if codes else 1


if text:
    send(0, text)
status = 0
while True:
    data = receive()
    if not data:
        break
    if data[0] in (1, 2):
        os.write(1, data[1:])
    elif data[0] == 3 and len(data) > 1:
        status = exit_status(json.loads(data[1:]))
sys.exit(status)
