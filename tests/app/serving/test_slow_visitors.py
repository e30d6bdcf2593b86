"""P20: who sends slowly, or says nothing at all, keeps nobody else waiting. A real web server, on this machine's own address."""

from __future__ import annotations

import gzip
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import brotli
import pytest
from tests.app.serving.test_serve import SETTINGS, free_port, wait_until

from raincheck.cli import addresses
from raincheck.web.gate import LARGEST_BODY

SLOW, SILENT = 64, 1_000
PROBES = 20
PATIENCE = 5.0
"""Seconds for one answer on a machine with other work to do; a server without a gate answers none before the slow ones are through."""
FORM = (
    "POST /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: raincheck_csrf={token}\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def gathered(home: Path, port: int) -> Path:
    """Where the files of the pages lie that the server sends."""
    return home / "static"


@pytest.fixture(scope="module")
def port(home: Path) -> Iterator[int]:
    """The port of a web server whose database is away: none of these pages needs one."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    own = {
        "RAINCHECK_HOME": str(home),
        "PORT": str(port),
        "DATABASE_URL": f"postgresql://127.0.0.1:{free_port()}/nowhere",
        "DJANGO_SETTINGS_MODULE": "raincheck.settings",
        "LOG_LEVEL": "CRITICAL",
    }
    gather = [sys.executable, "-W", "ignore", "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(gather, env=kept | own, check=True)
    command = [sys.executable, "-W", "ignore", "-m", "raincheck.cli.web", "127.0.0.1", str(port)]
    process = subprocess.Popen(command, env=kept | own, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        wait_until(
            lambda: bool(
                process.poll() is not None
                # Never ready, since its database is away; that it says so is enough.
                or addresses.status("127.0.0.1", port, base_url=f"http://127.0.0.1:{port}")
            )
        )
        assert process.poll() is None, "the web server ended while starting"
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def lines(port: int) -> Iterator[ExitStack]:
    """Where a test keeps its many lines open; this process may have as many as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = SLOW + SILENT + 256
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    with ExitStack() as stack:
        yield stack
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def asked(port: int, question: str, *, body: bytes = b"", patience: float = PATIENCE) -> bytes:
    """Return all that the server says to one question on a line of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as line:
        line.sendall(question.encode() + body)
        return b"".join(iter(lambda: line.recv(65_536), b""))


def seconds_for_a_page(port: int) -> float:
    began = time.monotonic()
    said = asked(port, "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    return time.monotonic() - began


def test_p20_64_slow_bodies_keep_nobody_waiting(port: int, lines: ExitStack) -> None:
    slow = []
    for _sender in range(SLOW):
        slow.append(lines.enter_context(socket.create_connection(("127.0.0.1", port))))
        slow[-1].sendall(FORM.format(token="a" * 32, length=1000).encode() + b"x")
    for _probe in range(PROBES):
        for line in slow:
            line.sendall(b"x")
        assert seconds_for_a_page(port) < PATIENCE


@pytest.mark.verify
def test_p20_a_thousand_silent_lines_keep_nobody_waiting_and_are_closed(port: int, lines: ExitStack) -> None:
    silent = [
        lines.enter_context(socket.create_connection(("127.0.0.1", port))) for _visitor in range(SILENT)
    ]
    for _probe in range(PROBES):
        assert seconds_for_a_page(port) < PATIENCE
    for line in silent:
        line.settimeout(30)
        assert line.recv(1) == b""


def test_a_body_larger_than_anything_is_refused_on_a_page_of_ours(port: int) -> None:
    question = FORM.format(token="a" * 32, length=LARGEST_BODY + 1).replace(
        "\r\n\r\n", "\r\nConnection: close\r\n\r\n"
    )
    said = asked(port, question, body=bytes(LARGEST_BODY + 1), patience=30)
    head, _gap, page = said.decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 413 Payload Too Large\r\n")
    assert "content-security-policy: default-src 'none'" in head
    assert "cache-control: private, no-store" in head
    assert "x-request-id: " in head
    assert "<h1>That is too large</h1>" in page


@pytest.mark.verify
def test_a_header_with_an_underscore_does_not_pass_for_a_proxys(port: int) -> None:
    question = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{header}\r\n"
    statuses = [
        asked(port, question.format(header=header), patience=30)[9:12]
        for header in ("", "X_Forwarded_For: 192.0.2.66\r\n", "X-Forwarded-For: 192.0.2.66\r\n")
    ]
    assert statuses == [b"503", b"503", b"401"]  # its database is away, which only those learn who may ask


def test_a_file_of_the_pages_is_sent_whole_and_in_part(port: int, gathered: Path) -> None:
    [path] = gathered.glob("raincheck/umbrella.*.svg")
    answers = [fetched(port, path, gathered, header) for header in ("", "Range: bytes=5-9\r\n")]
    whole = path.read_bytes()
    assert [(head[9:12], body) for head, body in answers] == [("200", whole), ("206", whole[5:10])]


@pytest.mark.parametrize("name", ["app.*.css", "client.*.css", "app.*.js"])
def test_what_is_bundled_comes_by_brotli_to_who_takes_it_and_else_by_gzip(
    port: int, gathered: Path, name: str
) -> None:
    [path] = gathered.glob(f"raincheck/bundle/{name}")
    whole = path.read_bytes()
    for accepted, coding, opened in (
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
    ):
        head, body = fetched(port, path, gathered, f"Accept-Encoding: {accepted}\r\n")
        assert f"\r\ncontent-encoding: {coding}\r\n" in head
        assert opened(body) == whole
        assert len(body) < len(whole) * 0.6


def fetched(port: int, path: Path, gathered: Path, header: str) -> tuple[str, bytes]:
    """Return an answer's head and body."""
    question = f"GET /static/{path.relative_to(gathered)} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{header}\r\n"
    head, _gap, body = asked(port, question).partition(b"\r\n\r\n")
    return head.decode(), body
