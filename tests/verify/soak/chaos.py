"""Breaks things on purpose while people work: which, in what order and for how long is decided by the seed alone."""

from __future__ import annotations

import http.client
import os
import random
import resource
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from urllib.parse import urlencode

from tests.verify.soak.history import History, Trouble, real_time
from tests.verify.soak.installation import Installation
from tests.verify.soak.smtp_server import MOODS, Letterbox

EVERY = (1.0, 4.0)
"""Seconds from one fault's end to the next one's beginning: at least, at most."""
PAUSES = (1.0, 4.0)
MOODS_LAST = (1.5, 4.0)
JUMPS = (2 * 86_400.0, -3_600.0, 600.0, -30.0)
JUMPS_LAST = (3.0, 6.0)
VISITS_LAST = (2.0, 4.0)
SLOW, SILENT = 64, 1_000
FORM = (
    b"POST /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: raincheck_csrf=" + b"a" * 32 + b"\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
)
"""The head of a form whose body never comes to its end."""
TOKEN = "a" * 32
VICTIM = "provider0@harbor.example"
RECOVERY = 20.0
"""Seconds a killed database has to answer again."""


class Chaos(threading.Thread):
    """Makes one fault after the other until told to stop, each kind as often as the others, and then mends everything."""

    def __init__(
        self,
        installation: Installation,
        letterbox: Letterbox,
        *,
        seed: int,
        history: History,
        over: threading.Event,
    ) -> None:
        super().__init__(name="chaos", daemon=True)
        self.chance = random.Random(f"{seed} chaos")
        self.installation, self.letterbox, self.history, self.over = installation, letterbox, history, over
        self.kinds: dict[str, Callable[[float], str]] = {
            "web server killed": self._kill(installation.web_masters),
            "web process killed": self._kill(installation.web_processes),
            "web process paused": self._pause(installation.web_processes),
            "worker killed": self._kill(installation.workers),
            "worker paused": self._pause(installation.workers),
            "database killed": self._kill_database,
            "clock jumps": self._jump,
            "slow visitors": self._visitors(SLOW, FORM),
            "silent visitors": self._visitors(SILENT, b""),
            "guessing visitors": self._guess,
            **{f"mail server {mood}": self._mood(mood) for mood in MOODS},
        }

    def run(self) -> None:
        round_of_all: list[str] = []
        while not self.over.wait(self.chance.uniform(*EVERY)):
            if not round_of_all:
                round_of_all = list(self.kinds)
                self.chance.shuffle(round_of_all)
            self._make(round_of_all.pop(), self.chance.random())

    def _make(self, kind: str, how: float) -> None:
        began = real_time()
        try:
            about = self.kinds[kind](how)
        except Exception as error:  # noqa: BLE001  # a fault that could not be made is a fault of the harness, told at the end
            self.history.complain(f"the fault “{kind}” could not be made: {type(error).__name__}: {error}")
            return
        if about:
            self.history.trouble(Trouble(kind, about, began, real_time()))

    def _one(self, found: list[int], how: float) -> int | None:
        return sorted(found)[int(how * len(found))] if found else None

    def _kill(self, whom: Callable[[], list[int]]) -> Callable[[float], str]:
        def kill(how: float) -> str:
            pid = self._one(whom(), how)
            if pid is None:
                return ""
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            return str(pid)

        return kill

    def _pause(self, whom: Callable[[], list[int]]) -> Callable[[float], str]:
        def pause(how: float) -> str:
            pid = self._one(whom(), how)
            if pid is None:
                return ""
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
            try:
                self.over.wait(self._between(PAUSES, how))
            finally:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            return str(pid)

        return pause

    def _kill_database(self, how: float) -> str:
        """Kill the database's first process and wait until its supervisor has brought another one up."""
        pid = self.installation.database_pid()
        if pid is None:
            return ""
        os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + RECOVERY
        while self.installation.database_pid() in (None, pid) and time.monotonic() < until:
            time.sleep(0.05)
        return str(pid)

    def _jump(self, how: float) -> str:
        """Set the clock of one server, its web processes and its worker, wrong for a while, and right again."""
        offset = JUMPS[int(how * len(JUMPS))]
        self.installation.set_clock(offset)
        try:
            self.over.wait(self._between(JUMPS_LAST, how))
        finally:
            self.installation.set_clock(0)
        return f"{offset:+.0f} s"

    def _visitors(self, number: int, sent: bytes) -> Callable[[float], str]:
        """Open so many lines to one server at once; what was begun goes on byte by byte, until all of them go."""

        def come(how: float) -> str:
            port = self.installation.ports[int(how * len(self.installation.ports))]
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            if soft < number + 1_024:
                resource.setrlimit(resource.RLIMIT_NOFILE, (number + 1_024, hard))
            with ExitStack() as stack:
                lines = []
                for _visitor in range(number):
                    with suppress(OSError):  # the server may just be dead
                        lines.append(
                            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=1))
                        )
                until = time.monotonic() + self._between(VISITS_LAST, how)
                piece = sent
                while time.monotonic() < until and not self.over.wait(0.2):
                    for line in lines if piece else []:
                        with suppress(OSError):
                            line.sendall(piece)
                    piece = piece and b"x"
                return f"{len(lines)} at {port}"

        return come

    def _guess(self, how: float) -> str:
        """Try passwords of a provider from many networks, and links that are nobody's, as fast as they are answered."""
        port = self.installation.ports[int(how * len(self.installation.ports))]
        until, statuses = time.monotonic() + self._between(VISITS_LAST, how), Counter[int]()
        # The server may just be dead, or dies meanwhile.
        with suppress(OSError, http.client.HTTPException):
            while time.monotonic() < until and not self.over.is_set():
                number = sum(statuses.values())
                headers = {
                    "X-Forwarded-For": f"203.0.113.{number % 200}",
                    "Cookie": f"raincheck_csrf={TOKEN}",
                }
                form = urlencode(
                    {"csrfmiddlewaretoken": TOKEN, "login": VICTIM, "password": f"guess {number}"}
                )
                sent = headers | {"Content-Type": "application/x-www-form-urlencoded"}
                for method, path, body, said in (
                    ("POST", "/sign-in/", form, sent),
                    ("GET", f"/r/{number:022d}/", None, headers),
                ):
                    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                    line.request(method, path, body, said)
                    statuses[line.getresponse().status] += 1
                    line.close()
        return f"{dict(statuses)} at {port}"

    def _mood(self, mood: str) -> Callable[[float], str]:
        def be(how: float) -> str:
            self.letterbox.mood = mood
            try:
                self.over.wait(self._between(MOODS_LAST, how))
            finally:
                self.letterbox.mood = ""
            return mood

        return be

    def _between(self, ends: tuple[float, float], how: float) -> float:
        """Return a length that the same seed makes again, from the digits that chose the process."""
        least, most = ends
        return least + (most - least) * ((how * 1000) % 1)
