"""Real servers for messages: a mail server and a gateway for texts that do what a test tells them, each in a thread."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HERE = "127.0.0.1"


@dataclass
class Mailroom:
    """What a mail server does and what it got. Answers are full SMTP lines; `hangs`, `drops` and `holds` name a command.

    It hangs until its client is gone, and holds an answer back until it is `released`. Before it lets a client send a
    message, something may happen `meanwhile`, once.
    """

    rcpt: str = "250 OK"
    data: str = "250 OK queued as 7"
    hangs: str = ""
    drops: str = ""
    holds: str = ""
    meanwhile: Callable[[], object] | None = None
    url: str = ""
    got: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    greeted: int = 0
    logins: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    holding: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    gone: threading.Event = field(default_factory=threading.Event)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.encrypted.append(session.ssl is not None)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._act("MAIL", server, "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session, options
        envelope.rcpt_tos.append(address)
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            await server.loop.run_in_executor(None, happens)
        return await self._act("RCPT", server, self.rcpt)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        del session
        answer = await self._act("DATA", server, self.data)
        if answer.startswith("250") and not self.drops:
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.got.append(message)
            self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
            self.arrived.set()
        return answer

    async def _act(self, command: str, server: SMTP, answer: str) -> str:
        self.commands.append(command)
        if self.holds == command:
            assert isinstance(server, Desk)
            server.held = True
            self.holding.set()
            await server.loop.run_in_executor(None, self.released.wait)
        if self.hangs == command:
            self.holding.set()
            await server.loop.create_future()  # until the client is gone
        if self.drops == command:
            server.transport.abort()
        return answer

    def log_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, pair: Any
    ) -> AuthResult:
        assert isinstance(pair, LoginPassword)
        self.logins.append((pair.login.decode(), pair.password.decode()))
        return AuthResult(success=pair.password == b"open sesame")


class Desk(SMTP):
    """One conversation of a mail server; where an answer was held back, it is noted when the client has gone."""

    held = False

    async def smtp_EHLO(self, hostname: str) -> None:
        self.event_handler.greeted += 1
        await super().smtp_EHLO(hostname)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if self.held:
            self.event_handler.gone.set()


class OnAnyPort(Controller):
    """A controller that lets the system choose its port."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def factory(self) -> SMTP:
        return Desk(self.handler, **self.SMTP_kwargs)


@contextmanager
def mail_server(
    *, certificate: ssl.SSLContext | None = None, asks_for_password: bool = False, **does: str
) -> Iterator[Mailroom]:
    """Run a mail server. With a certificate it offers STARTTLS."""
    room = Mailroom(**does)
    controller = OnAnyPort(
        room,
        hostname=HERE,
        port=0,
        server_hostname="mail.example",
        tls_context=certificate,
        authenticator=room.log_in,
        auth_required=asks_for_password,
        auth_require_tls=False,
    )
    controller.start()
    try:
        room.url = f"smtp://{HERE}:{controller.port}"
        yield room
    finally:
        room.released.set()
        controller.stop()


@dataclass
class Gateway:
    """What a gateway for texts answers and what it got: bodies with the headers that came along."""

    status: int = 202
    hangs: bool = False
    url: str = ""
    got: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def text_gateway(*, status: int = 202, hangs: bool = False) -> Iterator[Gateway]:
    gateway = Gateway(status=status, hangs=hangs)

    class Counter(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            gateway.headers.append(dict(self.headers))
            gateway.got.append(json.loads(body))
            if gateway.hangs:
                gateway.released.wait()
                return
            self.send_response(gateway.status)
            if gateway.status in (301, 302, 307, 308):
                self.send_header("Location", f"{gateway.url}/elsewhere")
            self.end_headers()
            self.wfile.write(b'{"queued":\n true}')

        def do_GET(self) -> None:
            gateway.got.append({"asked for": self.path})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer((HERE, 0), Counter)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        gateway.url = f"http://{HERE}:{server.server_port}"
        yield gateway
    finally:
        gateway.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def dripping(first: bytes = b"") -> Iterator[int]:
    """Run a server that says `first`, then one letter after the other for as long as anybody listens; yield its port."""
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        with suppress(OSError):
            line, _address = listener.accept()
            with line:
                line.sendall(first)
                while not over.wait(0.02):
                    line.sendall(b"2")

    with socket.create_server((HERE, 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()
