"""A line to the database that breaks at the worst moment: a socket between us and the server that sees each COMMIT pass."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from django.db import connections

COMMIT, COMMITTED = b"COMMIT", b"COMMIT\0"
When = Literal["before", "after", "arrived"]


@dataclass
class Line:
    """What the line does. `cuts` counts how many more commits it breaks at, and `when`: before the server has one, after that
    but before its answer arrives, or once it arrived. With `stays_broken` nobody gets through from the first cut on."""

    server: str
    cuts: int = 0
    when: When = "after"
    stays_broken: bool = False
    broke: int = 0
    connected: int = 0
    _ends: list[socket.socket] = field(default_factory=list)

    def carry(self, listener: socket.socket) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                near, _address = listener.accept()
            except OSError:
                return
            self.connected += 1
            if self.stays_broken and self.broke:
                near.close()
                continue
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.server)
            self._ends += [near, far]
            threading.Thread(target=self._ask, args=(near, far), daemon=True).start()
            threading.Thread(target=self._answer, args=(near, far), daemon=True).start()

    def end(self) -> None:
        for end in self._ends:
            _hang_up(end)

    def _ask(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                if self.when == "before" and COMMIT in data and self._cut():
                    break
                far.sendall(data)
        _hang_up(near, far)

    def _answer(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                over = self.when != "before" and COMMITTED in data and self._cut()
                if not over or self.when == "arrived":
                    near.sendall(data)
                if over:
                    break
        _hang_up(near, far)

    def _cut(self) -> bool:
        if not self.cuts:
            return False
        self.cuts -= 1
        self.broke += 1
        return True


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextmanager
def broken_line(*, cuts: int = 1, when: When = "after", stays_broken: bool = False) -> Iterator[Line]:
    """Lead Django's connection over a line that breaks; afterwards it leads straight to the server again."""
    told = connections["default"].settings_dict
    kept = told["HOST"]
    name = f".s.PGSQL.{told['PORT']}"
    line = Line(os.path.join(kept, name), cuts, when, stays_broken)
    connections["default"].close()
    with tempfile.TemporaryDirectory(dir="/tmp") as directory, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(Path(directory) / name))
        listener.listen()
        thread = threading.Thread(target=line.carry, args=(listener,), daemon=True)
        thread.start()
        told["HOST"] = directory
        try:
            yield line
        finally:
            connections["default"].close()
            told["HOST"] = kept
            _hang_up(listener)
            thread.join()
            line.end()


@contextmanager
def no_database() -> Iterator[None]:
    """Let nobody answer where Django looks for the database."""
    told = connections["default"].settings_dict
    kept = {name: told[name] for name in ("HOST", "PORT")}
    connections["default"].close()
    told |= {"HOST": "/nowhere", "PORT": "1"}
    try:
        yield
    finally:
        connections["default"].close()
        told |= kept
