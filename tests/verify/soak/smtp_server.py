"""The mail server of a soak: it takes mail, or on command defers, refuses, hangs, or breaks the line after it took one."""

from __future__ import annotations

import asyncio
import quopri
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.app.smtp_server import HERE, OnAnyPort
from tests.verify.soak.history import real_time

MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^@>]+)@", re.MULTILINE | re.IGNORECASE)
LINK = re.compile(rb"https?://[^/\s\"<>]+(/(?:r|invitation)/[\w-]{20,}/)")
MOODS = ("defers", "refuses", "hangs", "drops")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message that the mail server has in full. `began` is when its hand-over began, in real seconds.

    `taken` says whether the sender was told so.
    """

    ref: str
    to: str
    began: float
    ended: float
    taken: bool


@dataclass
class Letterbox:
    """What arrived, and the links in it by address, newest last."""

    mood: str = ""
    url: str = ""
    greeted: int = 0
    arrivals: list[Arrival] = field(default_factory=list)
    _links: dict[str, list[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def links_of(self, address: str) -> list[str]:
        with self._lock:
            return list(self._links.get(address, ()))

    def give(self, address: str, links: list[str]) -> None:
        """Let somebody have got links before the soak."""
        with self._lock:
            self._links.setdefault(address, []).extend(links)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        envelope.began = real_time()  # type: ignore[attr-defined]  # ours to carry along
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mood == "defers":
            return "451 4.3.0 try again later"
        if self.mood == "refuses":
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.mood == "hangs":
            await asyncio.sleep(3600)  # until the sender is gone
        mood, content = self.mood, envelope.content
        assert isinstance(content, bytes)
        self._keep(content, envelope, taken=mood != "drops")
        if mood == "drops":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK queued"

    def _keep(self, content: bytes, envelope: Envelope, *, taken: bool) -> None:
        found = MESSAGE_ID.search(content)
        links = [link.decode() for link in LINK.findall(quopri.decodestring(content))]
        to = envelope.rcpt_tos[0]
        with self._lock:
            if links:
                self._links.setdefault(to, []).append(links[0])
            self.arrivals.append(
                Arrival(
                    ref=found[1].decode() if found else "",
                    to=to,
                    began=envelope.began,  # type: ignore[attr-defined]  # given at MAIL
                    ended=real_time(),
                    taken=taken,
                )
            )


@contextmanager
def letterbox() -> Iterator[Letterbox]:
    box = Letterbox()
    controller = OnAnyPort(box, hostname=HERE, port=0, server_hostname="mail.example")
    controller.start()
    try:
        box.url = f"smtp://{HERE}:{controller.port}"
        yield box
    finally:
        controller.stop()
