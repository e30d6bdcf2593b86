"""One visitor who asks the same addresses over and over on one connection, in a process of its own.

Run as `python -m bench.client` with a JSON task on standard input; prints the seconds each answer took as JSON.
"""

from __future__ import annotations

import json
import socket
import sys
import time

CHUNK = 1 << 16


class Line:
    """A connection that stays open: sends a question, reads the whole answer, returns its status and body."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, question: bytes) -> tuple[int, bytes]:
        self._socket.sendall(question)
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._received()
        head, _gap, body = got.partition(b"\r\n\r\n")
        length = _length(head)
        while len(body) < length:
            body += self._received()
        return int(head[9:12]), body

    def _received(self) -> bytes:
        got = self._socket.recv(CHUNK)
        if not got:
            raise ConnectionError("the server closed the connection")
        return got


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("an answer without a length")


def question(path: str, *, host: str, port: int, headers: dict[str, str]) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}:{port}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def main() -> None:
    task = json.load(sys.stdin)
    line = Line(task["host"], task["port"])
    questions = [
        question(path, host=task["host"], port=task["port"], headers=task["headers"])
        for path in task["paths"]
    ]
    took = []
    time.sleep(max(0.0, task["begin"] - time.monotonic()))
    # Whole rounds through all addresses, so that a question that takes many answers is counted whole; one at least.
    while not took or time.monotonic() < task["end"]:
        began = time.perf_counter()
        for one in questions:
            status, _body = line.ask(one)
            if status != 200:
                raise SystemExit(f"an answer with status {status}")
        took.append(time.perf_counter() - began)
    json.dump(took, sys.stdout)


if __name__ == "__main__":
    main()
