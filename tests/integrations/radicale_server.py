"""A real Radicale in a process of its own: one account, calendars made by a test, everything forgotten afterwards."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from tests.integrations.web_server import HERE, guard

from raincheck.integrations.caldav.accounts import CalendarAccount
from raincheck.integrations.http.safe_http import Login, Request, fetch
from raincheck.subprocesses import ending_with_parent

USER, PASSWORD = "okafor", "open sesame"
SECONDS_TO_START = 30
MAKE = (
    '<?xml version="1.0"?><c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>'
    "<d:displayname>{name}</d:displayname>"
    '<c:supported-calendar-component-set><c:comp name="{kind}"/></c:supported-calendar-component-set>'
    "</d:prop></d:set></c:mkcalendar>"
)


@dataclass(frozen=True, slots=True)
class Radicale:
    """Where the server is, and what its owner does with it by another program."""

    url: str

    @property
    def login(self) -> Login:
        return Login(USER, PASSWORD)

    def account(self, path: str = "/", *, password: str = PASSWORD) -> CalendarAccount:
        return CalendarAccount(self.url + path.lstrip("/"), Login(USER, password), guard=guard())

    def make(self, calendar: str, *, name: str, kind: str = "VEVENT") -> str:
        """Make a calendar and return its address."""
        address = f"{self.url}{USER}/{calendar}/"
        self._do("MKCALENDAR", address, MAKE.format(name=escape(name), kind=kind).encode(), 201)
        return address

    def put(self, calendar: str, uid: str, *lines: str) -> None:
        event = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260901T000000Z", *lines, "END:VEVENT"]
        file = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Another program//EN",
            *event,
            "END:VCALENDAR",
            "",
        ]
        self._do("PUT", f"{self.url}{USER}/{calendar}/{uid}.ics", "\r\n".join(file).encode(), 201)

    def delete(self, calendar: str, uid: str) -> None:
        self._do("DELETE", f"{self.url}{USER}/{calendar}/{uid}.ics", b"", 200)

    def _do(self, method: str, address: str, body: bytes, status: int) -> None:
        headers = {"Content-Type": "text/calendar" if method == "PUT" else "text/xml"}
        answer = fetch(Request(address, method, headers, body, self.login), guard=guard())
        assert answer.status == status, (method, answer.status, answer.body)


@contextmanager
def radicale_server(folder: Path) -> Iterator[Radicale]:
    """Start Radicale on a free port, with its data in `folder`, and end it."""
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable, "-W", "ignore", "-m", "radicale", "--config", "", "--server-hosts", f"{HERE}:{port}",
            "--auth-type", "htpasswd", "--auth-htpasswd-filename", str(folder / "users"),
            "--auth-htpasswd-encryption", "plain", "--auth-delay", "0",
            "--storage-filesystem-folder", str(folder / "collections"),
        ],
        preexec_fn=ending_with_parent(signal.SIGKILL),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port)
        yield Radicale(f"http://{HERE}:{port}/")
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        with socket.socket() as asking:
            if asking.connect_ex((HERE, port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("Radicale did not start")
