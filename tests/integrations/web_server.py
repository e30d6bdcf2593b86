"""A small real web server for tests of the guard: says what a test tells it, with a certificate or without, in a thread."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from raincheck.integrations.http.safe_http import Guard

HERE = "127.0.0.1"
CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"


@dataclass
class Said:
    """An answer: a status, headers and a body, which may come in pieces, or as slowly as the test's own function sends it."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = CALENDAR
    sends: Callable[[BaseHTTPRequestHandler], None] | None = None


@dataclass
class WebServer:
    """What a server says by path, or by what it was asked (`says`), and what it was asked."""

    port: int = 0
    pages: dict[str, Said] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list, repr=False)
    done: threading.Event = field(default_factory=threading.Event)
    says: Callable[[BaseHTTPRequestHandler, bytes], Said | None] = lambda _asked, _body: None

    def address(self, path: str = "/", *, host: str = HERE, scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.asked.append((handler.command, handler.path, headers))
        said = self.says(handler, body) or self.pages.get(handler.path.partition("?")[0], Said(404))
        handler.send_response(said.status)
        for name, value in said.headers.items():
            handler.send_header(name, value)
        if said.sends is None:
            handler.send_header("Content-Length", str(len(said.body)))
        handler.end_headers()
        with suppress(OSError):
            if said.sends is None:
                handler.wfile.write(said.body)
            else:
                said.sends(handler)


@contextmanager
def web_server(certificate: ssl.SSLContext | None = None, **pages: Said) -> Iterator[WebServer]:
    """Run a server on a port of its own; pages are named without their slash."""
    site = WebServer(pages={f"/{name.replace('_', '.')}": said for name, said in pages.items()})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20

        def do_GET(self) -> None:
            site.answer(self)

        do_PROPFIND = do_REPORT = do_PUT = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            """Tests read `asked` instead."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def get_request(self) -> tuple[socket.socket, object]:
            plain, address = super().get_request()
            if certificate is None:
                return plain, address
            plain.settimeout(5)
            return certificate.wrap_socket(plain, server_side=True), address

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what some tests are about."""

    server = Quiet((HERE, 0), Handler)
    site.port = server.server_port
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    try:
        yield site
    finally:
        site.done.set()
        server.shutdown()
        server.server_close()
        serving.join()


def guard(**said: object) -> Guard:
    """Return a guard that lets tests reach this machine, by whatever names they give it."""
    return Guard(**{"loopback": True, "resolver": at_home, **said})  # type: ignore[arg-type]


def at_home(_host: str, _port: int) -> list[str]:
    return [HERE]


def certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's certificate for a name, and what a client that trusts it brings along."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)  # noqa: TID251  # a certificate is checked against the machine's own clock
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / f"{name}.pem"
    file.write_bytes(pem + secret)
    serves = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serves.load_cert_chain(file)
    return serves, ssl.create_default_context(cadata=pem.decode())
